"""Saved views, filters and pins of the queue."""

from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

from kefu_tui.desk.answers import Changed, Done
from kefu_tui.model.rows import SavedView
from kefu_tui.model.sql import COLUMNS, Connection, build
from kefu_tui.operations.refusals import Refusal
from kefu_tui.rules.query import Query, Trouble, completions, parse
from kefu_tui.store.filters import Standing
from kefu_tui.store.listing import Listing, listing

if TYPE_CHECKING:
    from kefu_tui.desk.desk import Desk

QUICK = ("work", "mine", "waiting")
"""Views that are small whatever the store holds: what fits a filter in them is read within a frame."""


class View(NamedTuple):
    """What of the queue is shown: a view of the trade, the filter over it, and what rows stand under ('' sections)."""

    base: str = "work"
    filter: str = ""
    group_by: str = ""
    saved_id: str = ""
    name: str = ""
    """A saved view's name, raw."""

    @property
    def quick(self) -> bool:
        """Whether it is read within a frame."""
        return self.base in QUICK


class Views:
    """Saved views, filters and pins of the queue."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def listing(self, view: View, limit: int = 0) -> Listing:
        """The ids of a view in order, at most `limit` (0: all), with how many there are and their headings."""
        query = parse(view.filter) if view.filter else Query()
        standing = Standing(self._desk.agent_id, self._desk.now(), self._desk.zone())
        with self._desk.store.read() as connection:
            return listing(connection, view.base, query, view.group_by, standing, limit)

    def saved(self) -> list[SavedView]:
        """Every saved view that this agent sees: its own, its groups', the company's; in their order."""
        with self._desk.store.read() as connection:
            found = connection.execute(f"SELECT {COLUMNS[SavedView]} FROM saved_view ORDER BY place, name, id")
            return [build(SavedView, values) for values in found]

    def troubles(self, text: str) -> tuple[Trouble, ...]:
        """What of a filter is not understood."""
        return parse(text).troubles

    def completions(self, text: str) -> list[str]:
        """What the last word of a filter may become."""
        return completions(text)

    def shown(self, saved: SavedView) -> View:
        """A saved view as it is shown: over everything that is not archived."""
        return View("all", saved.filter, saved.group_by, saved.id, saved.name)

    def save(
        self, name: str, view: View, scope: str = "agent", scope_id: str | None = None, id: str = ""
    ) -> "Future[Done | Refusal]":
        """Keeps a filter and its grouping under a name; the filter must be understood."""
        from kefu_tui.operations.saved_view import SaveSavedView

        query = parse(view.filter)
        if query.troubles:
            answer: Future[Done | Refusal] = Future()
            answer.set_result(Refusal("invalid", {"what": query.troubles[0].say(self._desk.lang).rstrip("。.")}))
            return answer
        places = [row.place for row in self.saved()]
        return self._desk.do(
            SaveSavedView(
                view_id=id or self._desk.ids(),
                name=name.strip(),
                filter=view.filter,
                group_by=view.group_by,
                place=max(places, default=0) + 1,
                scope=scope,
                scope_id=scope_id or (self._desk.agent_id if scope == "agent" else None),
            )
        )

    def remove(self, id: str) -> "Future[Done | Refusal]":
        """Takes a saved view away."""
        from kefu_tui.operations.saved_view import RemoveSavedView

        return self._desk.do(RemoveSavedView(view_id=id))

    def pin(self, conversation_id: str) -> "Future[bool]":
        """Keeps a conversation on top of this agent's queue, or no more; whether it is kept now."""

        def work(connection: Connection) -> bool:
            gone = connection.execute("DELETE FROM pin WHERE conversation_id = ?", (conversation_id,)).rowcount
            if not gone:
                connection.execute("INSERT INTO pin VALUES (?, ?)", (conversation_id, self._desk.now()))
            return not gone

        def told(answer: "Future[bool]") -> None:
            if answer.exception() is None:
                self._desk.publish(Changed(frozenset((conversation_id,)), frozenset(), False, False, False))

        answer = self._desk.store.write(work)
        answer.add_done_callback(told)
        return answer
