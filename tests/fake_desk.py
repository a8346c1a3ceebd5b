"""An in-memory desk with a plausible shift on it: what screens are run, tested and looked at with.

`python -m tests.fake_desk --theme dark --lang zh --story shift` opens the workstation on it.
"""

import argparse
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from types import MappingProxyType
from typing import Any

from kefu_tui.desk import Changed, Done, Refusal, Sending
from kefu_tui.desk.answers import AT_ONCE
from kefu_tui.now import SECOND
from kefu_tui.store.shown import Colleague
from tests.fake_reads import FakeReads, done
from tests.fake_story import NOON, Talk


class FakeDesk(FakeReads):
    """Answers like a desk; `calls` tells what was asked of its verbs."""

    # Verbs

    def _do(self, verb: str, conversation_id: str | None, said: str, *rest: Any, asks: bool = True) -> "Future[Any]":
        why = self._why(verb, conversation_id) if asks else None
        if why is not None:
            return done(why)
        self.calls.append((verb, conversation_id, *rest))
        self._undo = None if verb == "undo" else (said, 10)
        return done(Done(f"op-{len(self.calls)}", "applied", verb not in ("undo", "settle"), said))

    def _after(self, future: "Future[Any]", conversation_id: str, change: Callable[[Talk], None]) -> "Future[Any]":
        if isinstance(future.result(), Done):
            change(self.talks[conversation_id])
            self.tell(Changed(frozenset((conversation_id,)), frozenset(), False, True, True))
        return future

    def tell(self, changed: Changed) -> None:
        """Tell who listens."""
        for listener in list(self._listeners):
            listener(changed)

    def take(self, conversation_id: str) -> "Future[Any]":
        """Become the one who answers."""
        name = self._name(self.talks[conversation_id])

        def change(talk: Talk) -> None:
            talk.owner, talk.status = "me", "open"

        return self._after(
            self._do("take", conversation_id, self._say(f"已接 {name}", f"Took {name}")), conversation_id, change
        )

    def release(self, conversation_id: str) -> "Future[Any]":
        """Back to those who wait."""

        def change(talk: Talk) -> None:
            talk.owner, talk.status = None, "waiting"

        return self._after(self._do("release", conversation_id, "已放回"), conversation_id, change)

    def reply(
        self, conversation_id: str, text: str, canned_id: str | None = None, sending: Sending = AT_ONCE
    ) -> "Future[Any]":
        """Answer."""
        if not text.strip():
            return done(Refusal("empty"))

        def change(talk: Talk) -> None:
            talk.unanswered, talk.left, talk.text, talk.en_text = 0, None, text, text
            self.sent.setdefault(conversation_id, []).append(text)
            self.kept.pop(conversation_id, None)
            if sending.resolve:
                talk.status = "resolved"

        name = self._name(self.talks[conversation_id])
        said = self._say(f"已发给 {name}", f"Sent to {name}")
        rest = ("resolve", sending.tag) if sending.resolve else ()
        return self._after(self._do("reply", conversation_id, said, text, canned_id, *rest), conversation_id, change)

    def note(self, conversation_id: str, text: str) -> "Future[Any]":
        """Remember for colleagues."""
        future = self._do("note", conversation_id, self._say("已加备注", "Note added"), text)
        return self._after(
            future, conversation_id, lambda talk: self.notes.setdefault(conversation_id, []).append(text)
        )

    def tag(self, conversation_id: str, name: str) -> "Future[Any]":
        """Add a tag."""
        future = self._do("tag", conversation_id, self._say(f"加了标签 {name}", f"Tagged {name}"), name)
        return self._after(future, conversation_id, lambda talk: setattr(talk, "tags", (*talk.tags, name)))

    def untag(self, conversation_id: str, name: str) -> "Future[Any]":
        """Take a tag off."""
        future = self._do("untag", conversation_id, self._say(f"去掉标签 {name}", f"Untagged {name}"), name)
        return self._after(
            future, conversation_id, lambda talk: setattr(talk, "tags", tuple(tag for tag in talk.tags if tag != name))
        )

    def transfer(self, conversation_id: str, colleague: Colleague, note: str = "") -> "Future[Any]":
        """Hand over."""
        said = self._say(f"已转给 {colleague.name}", f"Handed to {colleague.name}")
        future = self._do("transfer", conversation_id, said, colleague, note)
        return self._after(future, conversation_id, lambda talk: setattr(talk, "owner", "liu"))

    def snooze(self, conversation_id: str, until_us: int, by_customer: bool = False) -> "Future[Any]":
        """Put away."""
        future = self._do("snooze", conversation_id, self._say("已放下", "Snoozed"), until_us)
        return self._after(future, conversation_id, lambda talk: setattr(talk, "status", "snoozed"))

    def wake(self, conversation_id: str) -> "Future[Any]":
        """Back now."""
        return self._after(
            self._do("wake", conversation_id, "已回来"), conversation_id, lambda talk: setattr(talk, "status", "open")
        )

    def lacks(self, conversation_id: str) -> list[Any]:
        """No close-out record is asked for here."""
        return []

    def resolve(
        self, conversation_id: str, tag: str | None = None, record: Mapping[str, str] = MappingProxyType({})
    ) -> "Future[Any]":
        """Solved."""
        name = self._name(self.talks[conversation_id])
        said = self._say(f"已结束 {name}" + (f"，标签 {tag}" if tag else ""), f"Resolved {name}")
        future = self._do("resolve", conversation_id, said, tag)
        return self._after(future, conversation_id, lambda talk: setattr(talk, "status", "resolved"))

    def reopen(self, conversation_id: str) -> "Future[Any]":
        """Open again."""
        return self._after(
            self._do("reopen", conversation_id, "已重开"), conversation_id, lambda talk: setattr(talk, "status", "open")
        )

    def undo(self) -> "Future[Any]":
        """Take back."""
        return self._do("undo", None, self._say("已撤销", "Undone"))

    def settle(self, notice_id: str, action: str, text: str | None = None) -> "Future[Any]":
        """Act on a notice."""
        future = self._do("settle", notice_id, self._say("处理好了", "Settled"), action, text, asks=False)
        self.notice_rows = [notice for notice in self.notice_rows if notice.id != notice_id]
        levels = [notice.level for notice in self.notice_rows]
        self.sync = self.sync._replace(held=levels.count("held"), rejected=levels.count("rejected"))
        self.tell(Changed(None, frozenset(), False, True, True))
        return future

    def subscribe(self, callback: Callable[[Any], None]) -> Callable[[], None]:
        """Hear of changes."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)


def main() -> None:
    """Open the workstation on a story."""
    import time

    from kefu_tui.app import KefuApp

    parse = argparse.ArgumentParser()
    parse.add_argument("--theme", default=None)
    parse.add_argument("--lang", default="zh")
    parse.add_argument("--story", default="shift", choices=("shift", "empty", "offline", "held", "hostile"))
    given = parse.parse_args()
    started = time.monotonic()
    desk = FakeDesk(given.story, given.lang, now=lambda: NOON + int((time.monotonic() - started) * SECOND))
    KefuApp(desk, theme=given.theme, lang=given.lang).run()  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
