"""One verb on many conversations: done where it can be, told where not, and taken back as one."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from kefu_tui.desk.verbs import SAID, Told, basis_of, closing, pick
from kefu_tui.model.sql import Connection
from kefu_tui.operations import Operation, Refusal
from kefu_tui.operations.conversation import Claim, Release, Snooze, Transfer
from kefu_tui.operations.tag import Tag
from kefu_tui.store import outbox, queries
from kefu_tui.store.shown import Colleague

if TYPE_CHECKING:
    from kefu_tui.desk.answers import Done
    from kefu_tui.desk.desk import Desk

MOST = 200
"""Conversations in one verb: a commit stays small."""


class Bulk:
    """The verbs that can be done on many conversations at once, on these. What is refused for one leaves the others alone."""

    def __init__(self, desk: "Desk", ids: Sequence[str]) -> None:
        self._desk = desk
        self._ids = tuple(ids)

    def take(self) -> "Future[Done | Refusal]":
        """Become the one who answers, as far as there is room."""
        return self._do(lambda id: [Claim(conversation_id=id)], room=True)

    def release(self) -> "Future[Done | Refusal]":
        """Put them back into the queue."""
        return self._do(lambda id: [Release(conversation_id=id)])

    def tag(self, name: str) -> "Future[Done | Refusal]":
        """Put a word on them."""
        return self._do(lambda id: [Tag(conversation_id=id, name=name.strip())])

    def transfer(self, colleague: Colleague, note: str = "") -> "Future[Done | Refusal]":
        """Hand them over to a colleague or a group."""
        agent, group = (colleague.id, None) if colleague.kind == "agent" else (None, colleague.id)
        return self._do(
            lambda id: [
                Transfer(
                    conversation_id=id,
                    to_agent_id=agent,
                    to_group_id=group,
                    note=note,
                    note_id=self._desk.ids() if note else "",
                )
            ]
        )

    def snooze(self, until: int) -> "Future[Done | Refusal]":
        """Off the queue until a time (µs UTC) or the customer's next message."""
        return self._do(lambda id: [Snooze(conversation_id=id, until=until)])

    def resolve(self, tag: str = "") -> "Future[Done | Refusal]":
        """Solved; a tag may go with it."""
        return self._do(lambda id: closing(id, tag))

    def _do(self, make: Callable[[str], list[Operation]], *, room: bool = False) -> "Future[Done | Refusal]":
        def work(connection: Connection) -> Told | Refusal:
            ids = self._ids
            me = queries.me(connection, self._desk.agent_id) if room else None
            if me is not None:
                if me.load >= me.capacity:
                    return Refusal("full", {"load": str(me.load), "capacity": str(me.capacity)})
                ids = ids[: me.capacity - me.load]
            return _issue(connection, self._desk, ids, make)

        return self._desk.verb(work)


def _issue(
    connection: Connection, desk: "Desk", ids: Sequence[str], make: Callable[[str], list[Operation]]
) -> Told | Refusal:
    if len(ids) > MOST:
        return Refusal("invalid", {"what": f"{len(ids)} > {MOST}"})
    verb = desk.ids()
    done: list[str] = []
    refused: list[Refusal] = []
    first = ""
    for id in ids:
        connection.execute("SAVEPOINT one")
        why = None
        for operation in make(id):
            first = first or operation.kind
            issued = outbox.issue(
                connection, operation, desk.agent_id, basis_of(connection, operation), desk.now(), desk.ids(), verb
            )
            if isinstance(issued.outcome, Refusal):
                why = issued.outcome
                connection.execute("ROLLBACK TO one")
                break
        connection.execute("RELEASE one")
        if why is None:
            done.append(id)
        else:
            refused.append(why)
    if not done:
        return refused[0] if refused else Refusal("gone")
    many = (f"{len(done)} 位", f"{len(done)} customers")[pick(desk)]
    said = SAID.get(first, (first, first))[pick(desk)].format(name=many)
    if refused:
        why_not = refused[0].say(desk.lang).rstrip("。.")
        said += (f"；{len(refused)} 位不行：{why_not}", f"; {len(refused)} not: {why_not}")[pick(desk)]
    return Told(verb, "applied", True, said, tuple(done))
