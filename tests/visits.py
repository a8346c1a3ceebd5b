"""A customer who comes in at a desk, as a page from the backend would bring it."""

import json

from kefu_tui.model.rows import Conversation, Group, Policy
from kefu_tui.model.sql import Connection, Reader, upsert
from kefu_tui.operations import Basis, Context, Refusal, View, decide
from kefu_tui.operations.base import SYSTEM
from kefu_tui.operations.entering import Enter
from kefu_tui.store.engine import Store


def come_in(store: Store, now: int, id: str = "019e0000-0000-7000-8000-00000000cafe", name: str = "林小满") -> str:
    """A conversation in which nothing is written: its id. The shop is open all day."""

    def work(connection: Connection) -> None:
        reader = Reader(connection)
        policy = reader.get(Policy, "default")
        assert policy is not None
        body = {**json.loads(policy.body), "entering": {"open": True}, "shift": {"daily": ["00:00-24:00"]}}
        upsert(connection, Policy(id="default", name="greets", body=json.dumps(body)))
        (group,) = connection.execute(f"SELECT min(id) FROM {Group.table}").fetchone()
        entering = Enter(
            channel="web", group_id=group, external_id=id, customer_id=f"u-{id}", conversation_id=id, name=name
        )
        view = View(reader)
        assert not isinstance(decide(entering, view, Context(SYSTEM, now, id, Basis())), Refusal)
        for row in view.written.values():
            assert row is not None
            upsert(connection, row)
        assert reader.get(Conversation, id) is not None

    store.write(work).result()
    return id
