"""The rooms of the fake desk: search, views, macros, effort, as far as screens need them."""

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from kefu_tui.desk import Done
from kefu_tui.desk.effort import Day, Missed, Stats, Use
from kefu_tui.desk.finding import Found
from kefu_tui.desk.views import View
from kefu_tui.model.rows import SavedView
from kefu_tui.rules.query import Trouble, completions, parse
from kefu_tui.store.listing import Listing, Part

if TYPE_CHECKING:
    from tests.fake_reads import FakeReads


def done(value: Any) -> "Future[Any]":
    """A future that has its result already."""
    future: Future[Any] = Future()
    future.set_result(value)
    return future


class FakeFinding:
    """Search on the fake desk: nothing is there, and nothing is to be indexed."""

    def index(self, bite: int = 0) -> "Future[int]":
        """Everything is indexed."""
        return done(0)

    def spans(self, text: str, words: tuple[str, ...]) -> list[tuple[int, int, str]]:
        """No words were looked for."""
        return []

    def find(self, text: str, limit: int = 30, within_s: float = 60.0) -> Found:
        """Nothing."""
        return Found()


class FakeViews:
    """Views, filters and pins of the fake desk: a filter is a word of the customer's name or the last message."""

    def __init__(self, desk: "FakeReads") -> None:
        self._desk = desk
        self.pinned: set[str] = set()
        self.kept: list[SavedView] = []

    def listing(self, view: View, limit: int = 0) -> Listing:
        """The ids of a view and their headings."""
        rows = self._desk.queue_rows(self._desk.queue_ids(view.base))
        rows = [row for row in rows if all(word in row.name + row.preview for word in parse(view.filter).words)]
        under: dict[str, list[str]] = {}
        for row in sorted(rows, key=lambda row: row.id not in self.pinned):
            heading = "pinned" if row.id in self.pinned else str(getattr(row, view.group_by or "section") or "")
            under.setdefault(heading, []).append(row.id)
        ids = [id for some in under.values() for id in some]
        return Listing(ids[: limit or None], len(ids), tuple(Part(name, len(some)) for name, some in under.items()))

    def saved(self) -> list[SavedView]:
        """Saved views."""
        return self.kept

    def shown(self, saved: SavedView) -> View:
        """A saved view as it is shown."""
        return View("all", saved.filter, saved.group_by, saved.id, saved.name)

    def save(self, name: str, view: View, scope: str = "agent") -> "Future[Any]":
        """Keep a view."""
        self.kept.append(
            SavedView(id=f"v{len(self.kept)}", name=name, filter=view.filter, group_by=view.group_by, edited_at=0)
        )
        return done(Done("op", "applied", True, "视图已存"))

    def troubles(self, text: str) -> tuple[Trouble, ...]:
        """What is not understood."""
        return parse(text).troubles

    def completions(self, text: str) -> list[str]:
        """What may follow."""
        return completions(text)

    def pin(self, conversation_id: str) -> "Future[bool]":
        """Keep on top, or no more."""
        self.pinned ^= {conversation_id}
        return done(conversation_id in self.pinned)


class FakeMacros:
    """No macros on the fake desk."""

    def all(self) -> list[Any]:
        """None."""
        return []

    def bound(self) -> dict[str, Any]:
        """None."""
        return {}

    def last_done(self) -> int:
        """Nothing was done."""
        return 0

    def recorded(self, since: int) -> list[Any]:
        """Nothing was done."""
        return []


class FakeEffort:
    """Counts nothing."""

    hint = None

    def pressed(self, conversation_id: str | None) -> None:
        """A key."""

    def used(self, command: str, way: str, has_key: bool) -> None:
        """A command."""

    def inserted(self, by: str, place: int, offered: bool, typed: int) -> None:
        """A canned reply."""

    def keep(self) -> None:
        """Nothing to keep."""

    def stats(self, days: int = 7) -> Stats:
        """A week of work."""
        days_ = tuple(Day(f"11-{18 + at}", 60 + at * 7, 19 - at, 40 - at, 95 - at * 4, 240) for at in range(5))
        uses = (Use("next", 214, 0), Use("send", 198, 0), Use("transfer", 12, 9))
        return Stats(days_, uses, (Missed("palette", "transfer", 9), Missed("offered", "accept", 4)))
