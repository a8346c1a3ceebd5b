"""A database of plain rows in memory, and the cast of the operations' tests."""

import json
import pathlib
import tomllib
from typing import Any

import sqlcipher3

from kefu_tui.model.rows import Agent, Conversation, Customer, Group, Membership, Message, Order, Policy, Row
from kefu_tui.model.sql import Connection, Reader, upsert
from kefu_tui.operations import Basis, Context, Operation, Outcome, Refusal, View, decide
from kefu_tui.operations.base import SYSTEM, Actor, actor_of
from kefu_tui.store.migrate import create

NOW = 1_780_000_000_000_000
STANDARD = pathlib.Path(__file__).parents[2] / "data" / "policies" / "standard.toml"


def database() -> Connection:
    """An empty database with every table of a store."""
    connection: Connection = sqlcipher3.connect(":memory:", isolation_level=None)
    create(connection)
    return connection


class Cast:
    """Two groups; mei and lin (agents) and lao (lead) in `one`, far in `two`, boss (admin), eye (auditor); a customer."""

    def __init__(self) -> None:
        self.connection = database()
        for row in (
            Group(id="one", name="one"),
            Group(id="two", name="two"),
            *(
                Agent(id=login, login=login, name=login.title(), role=role)
                for login, role in (
                    ("mei", "agent"), ("lin", "agent"), ("lao", "lead"), ("far", "agent"), ("boss", "admin"), ("eye", "auditor"),
                )
            ),
            *(Membership(id=f"m-{a}", agent_id=a, group_id=g) for a, g in
              (("mei", "one"), ("lin", "one"), ("lao", "one"), ("far", "two"), ("eye", "one"))),
            Policy(id="default", name="standard", body=json.dumps(tomllib.loads(STANDARD.read_text(encoding="utf-8")))),
            Customer(id="wang", channel="web", external_id="v1", name="王小明", first_seen_at=NOW),
        ):  # fmt: skip
            self.put(row)

    def put(self, *rows: Row) -> None:
        for row in rows:
            upsert(self.connection, row)

    def conversation(self, **values: Any) -> Conversation:
        row = Conversation(
            **{
                "id": "c1",
                "customer_id": "wang",
                "channel": "web",
                "group_id": "one",
                "opened_at": NOW,
                "last_at": NOW,
                "last_pos": 3,
                "unanswered": 1,
                **values,
            }
        )
        self.put(row)
        return row

    def message(self, **values: Any) -> Message:
        row = Message(
            **{
                "id": "m9",
                "conversation_id": "c1",
                "author": "agent",
                "author_id": "mei",
                "text": "您好",
                "at": NOW,
                "state": "sent",
                "op_id": "o9",
                **values,
            }
        )
        self.put(row)
        return row

    def order(self, **values: Any) -> Order:
        row = Order(
            **{"id": "o1", "order_no": "1", "status": "paid", "total": 1, "placed_at": NOW, "version": 7, **values}
        )
        self.put(row)
        return row

    def actor(self, who: str) -> Actor:
        if who == "system":
            return SYSTEM
        view = View(Reader(self.connection))
        agent = view.get(Agent, who)
        assert agent is not None
        return actor_of(view, agent)

    def run(
        self,
        operation: Operation,
        who: str = "mei",
        basis: Basis | None = None,
        now: int = NOW + 1000,
        op_id: str = "op",
    ) -> tuple[Outcome | Refusal, View]:
        """Decides on a fresh view; nothing is written to the database."""
        view = View(Reader(self.connection))
        return decide(operation, view, Context(self.actor(who), now, op_id, basis or Basis())), view

    def commit(
        self,
        operation: Operation,
        who: str = "mei",
        basis: Basis | None = None,
        now: int = NOW + 1000,
        op_id: str = "op",
    ) -> View:
        """Decides and writes; the operation must be applied or held."""
        outcome, view = self.run(operation, who, basis, now, op_id)
        assert not isinstance(outcome, Refusal), outcome
        for (table, id), row in view.written.items():
            if row is None:
                self.connection.execute(f"DELETE FROM {table.table} WHERE id = ?", (id,))
            else:
                self.put(row)
        return view

    def get(self, table: type[Any], id: str) -> Any:
        return Reader(self.connection).get(table, id)
