"""Intake, canned replies, orders, people: what is accepted, refused, and what doing it twice does."""

import json

import pytest

from kefu_tui.model.rows import Agent, CannedReply, Conversation, Customer, Membership, Order, OrderLine, Shipment
from kefu_tui.now import HOUR, MINUTE
from kefu_tui.operations import Basis, Refusal
from kefu_tui.operations.base import arguments
from kefu_tui.operations.canned import RemoveCanned, SaveCanned
from kefu_tui.operations.conversation import Resolve, Snooze
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.order import ImportOrders, Line, Parcel, ShopOrder
from kefu_tui.operations.people import AddAgent, JoinGroup
from kefu_tui.operations.registry import parse
from tests.operations.rows import NOW, Cast


def said(id: str, text: str = "你好", **values: str) -> Receive:
    return Receive(
        **{
            "channel": "web",
            "group_id": "one",
            "external_id": "v1",
            "message_id": id,
            "customer_id": f"customer-{id}",
            "conversation_id": f"conversation-{id}",
            "text": text,
            **values,
        }
    )


def conversations(cast: Cast) -> dict[str, Conversation]:
    ids = cast.connection.execute("SELECT id FROM conversation").fetchall()
    return {id: cast.get(Conversation, id) for (id,) in ids}


class TestReceive:
    def test_the_same_message_twice_is_once(self) -> None:
        cast = Cast()
        cast.commit(said("m1"), "system")
        outcome, view = cast.run(said("m1"), "system")
        assert (outcome.status, view.written) == ("noop", {})  # type: ignore[union-attr]

    def test_a_stranger_becomes_a_customer_once(self) -> None:
        cast = Cast()
        cast.commit(said("m1", external_id="v2", name="赵云"), "system")
        cast.commit(said("m2", external_id="v2"), "system")
        customer = cast.get(Customer, "customer-m1")
        assert (customer.name, customer.external_id) == ("赵云", "v2")
        assert cast.get(Customer, "customer-m2") is None
        assert list(conversations(cast)) == ["conversation-m1"]

    def test_it_wakes_a_snoozed_conversation_for_its_owner(self) -> None:
        cast = Cast()
        cast.conversation(status="open", assignee_id="mei", owner_id="mei")
        cast.commit(Snooze(conversation_id="c1", until=NOW + HOUR), "mei")
        cast.commit(said("m1"), "system", now=NOW + MINUTE)
        row = cast.get(Conversation, "c1")
        assert (row.status, row.assignee_id, row.snoozed_until) == ("open", "mei", None)

    @pytest.mark.parametrize(("after", "reopened"), [(23 * HOUR, True), (25 * HOUR, False)])
    def test_it_reopens_within_a_day_and_begins_anew_later(self, after: int, reopened: bool) -> None:
        cast = Cast()
        cast.conversation(status="open", assignee_id="mei", owner_id="mei")
        cast.commit(Resolve(conversation_id="c1"), "mei", now=NOW)
        cast.commit(said("m1"), "system", now=NOW + after)
        assert cast.get(Conversation, "c1").status == ("open" if reopened else "resolved")
        assert ("conversation-m1" in conversations(cast)) is not reopened

    def test_blocked_customers_and_agents_may_not(self) -> None:
        cast = Cast()
        cast.connection.execute("UPDATE customer SET risk = 'blocked'")
        outcome, view = cast.run(said("m1"), "system")
        assert (outcome, view.written) == (Refusal("forbidden"), {})
        assert cast.run(said("m1", external_id="v9"), "mei")[0] == Refusal("forbidden")

    @pytest.mark.parametrize(("owner", "linked"), [(None, "wang"), ("li", "li")], ids=["nobody's", "another's"])
    def test_an_order_number_in_the_text_links_what_is_nobodys(self, owner: str | None, linked: str) -> None:
        cast = Cast()
        cast.order(order_no="126036803257340376", buyer="tb_123", customer_id=owner)
        cast.commit(said("m1", "订单126036803257340376怎么还没到"), "system")
        assert cast.get(Order, "o1").customer_id == linked

    def test_orders_of_the_same_buyer_come_along(self) -> None:
        cast = Cast()
        cast.order(buyer="v1")
        cast.commit(said("m1"), "system")
        assert cast.get(Order, "o1").customer_id == "wang"


class TestCanned:
    COMPANY = SaveCanned(canned_id="k1", title="问候", text="您好", stage="greet", scenario="greeting")
    OWN = SaveCanned(
        canned_id="k2", title="我的", text="在", stage="greet", scenario="greeting", scope="agent", scope_id="mei"
    )

    @pytest.mark.parametrize(
        ("who", "operation", "allowed"),
        [
            ("mei", COMPANY, False), ("lao", COMPANY, True), ("boss", COMPANY, True), ("eye", COMPANY, False),
            ("mei", OWN, True), ("lin", OWN, False), ("boss", OWN, True), ("eye", OWN, False),
        ],
    )  # fmt: skip
    def test_who_may_save(self, who: str, operation: SaveCanned, allowed: bool) -> None:
        assert (not isinstance(Cast().run(operation, who)[0], Refusal)) is allowed

    def test_a_stale_edit_is_refused_and_an_unchanged_one_is_nothing(self) -> None:
        cast = Cast()
        cast.commit(self.COMPANY, "lao")
        cast.connection.execute("UPDATE canned_reply SET version = 5")
        assert cast.run(self.COMPANY, "lao", Basis(version=5))[0].status == "noop"  # type: ignore[union-attr]
        edited = SaveCanned(**{**arguments(self.COMPANY), "text": "您好，在的"})
        assert cast.run(edited, "lao", Basis(version=4))[0] == Refusal("stale-version")
        assert cast.run(edited, "lao", Basis(version=5))[0].status == "applied"  # type: ignore[union-attr]

    def test_nobody_takes_over_a_colleagues_reply_by_its_id(self) -> None:
        cast = Cast()
        cast.commit(self.OWN, "mei")
        stolen = SaveCanned(**{**arguments(self.OWN), "scope_id": "lin", "text": "改"})
        assert cast.run(stolen, "lin")[0] == Refusal("forbidden")
        assert cast.run(RemoveCanned(canned_id="k2"), "lin")[0] == Refusal("forbidden")

    def test_undoing_an_edit_writes_the_old_words_back(self) -> None:
        cast = Cast()
        cast.commit(self.COMPANY, "lao")
        edited = SaveCanned(**{**arguments(self.COMPANY), "text": "您好，在的"})
        from kefu_tui.model.sql import Reader
        from kefu_tui.operations import Context, View

        inverse = edited.inverse(View(Reader(cast.connection)), Context(cast.actor("lao"), NOW, "x", Basis()))
        assert inverse is not None
        cast.commit(edited, "lao")
        cast.commit(inverse, "lao")
        assert cast.get(CannedReply, "k1").text == "您好"


class TestOrders:
    ORDER = ShopOrder(
        order_no="8", shop="青禾", buyer="v1", status="shipped", total=12_800, placed_at=NOW,
        lines=(Line(title="水", price=6_400, quantity=2),),
        parcels=(Parcel(carrier="顺丰", tracking_no="SF1385628716739", trace=((NOW, "已揽收"),)),),
    )  # fmt: skip

    def test_import_writes_lines_and_parcels_once_and_links_the_known_buyer(self) -> None:
        cast = Cast()
        cast.commit(ImportOrders(orders=(self.ORDER,)), "mei")
        (id,) = [id for (id,) in cast.connection.execute("SELECT id FROM shop_order")]
        assert cast.get(Order, id).customer_id == "wang"
        assert list(cast.connection.execute("SELECT title, quantity FROM order_line")) == [("水", 2)]
        assert json.loads(cast.connection.execute("SELECT trace FROM shipment").fetchone()[0]) == [[NOW, "已揽收"]]
        assert cast.run(ImportOrders(orders=(self.ORDER,)), "mei")[0].status == "noop"  # type: ignore[union-attr]

    @pytest.mark.parametrize("orders", [(), (ShopOrder(order_no="", status="paid", total=1, placed_at=1),)])
    def test_nonsense_is_refused(self, orders: tuple[ShopOrder, ...]) -> None:
        outcome, view = Cast().run(ImportOrders(orders=orders), "mei")
        assert isinstance(outcome, Refusal)
        assert not view.written

    def test_one_bad_order_refuses_all(self) -> None:
        bad = ShopOrder(order_no="9", status="lost in space", total=1, placed_at=1)
        outcome, view = Cast().run(ImportOrders(orders=(self.ORDER, bad)), "mei")
        assert isinstance(outcome, Refusal)
        assert not view.written

    def test_rows_are_found_by_their_kind(self) -> None:
        cast = Cast()
        view = cast.commit(ImportOrders(orders=(self.ORDER,)), "mei")
        assert {table for table, _ in view.written} == {Order, OrderLine, Shipment}


class TestPeople:
    def test_only_an_admin_adds_people_and_a_login_is_unique(self) -> None:
        cast = Cast()
        add = AddAgent(agent_id="new", login="xiao", name="小", groups=("one",))
        assert cast.run(add, "lao")[0] == Refusal("forbidden")
        cast.commit(add, "boss")
        assert cast.get(Agent, "new").login == "xiao"
        again = AddAgent(agent_id="other", login="xiao", name="小")
        assert cast.run(again, "boss")[0] == Refusal("taken-name", {"what": "xiao"})

    @pytest.mark.parametrize(
        "values", [{"role": "king"}, {"login": " "}, {"login": "a\nb"}, {"login": "x ", "role": "agent"}]
    )
    def test_bad_accounts(self, values: dict[str, str]) -> None:
        outcome, _ = Cast().run(AddAgent(**{"agent_id": "n", "login": "n", "name": "n", **values}), "boss")
        assert isinstance(outcome, Refusal)

    def test_joining_and_leaving_twice_is_once(self) -> None:
        cast = Cast()
        join = JoinGroup(agent_id="mei", group_id="two")
        cast.commit(join, "boss")
        assert cast.run(join, "boss")[0].status == "noop"  # type: ignore[union-attr]
        cast.commit(JoinGroup(agent_id="mei", group_id="two", leave=True), "boss")
        rows = cast.connection.execute(f"SELECT group_id FROM {Membership.table} WHERE agent_id = 'mei'").fetchall()
        assert rows == [("one",)]


@pytest.mark.parametrize(
    ("kind", "args", "code"),
    [
        ("no.such", {}, "unknown-kind"),
        ("conversation.claim", {}, "invalid"),
        ("conversation.claim", {"conversation_id": 7}, "invalid"),
        ("held.settle", {"conversation_id": "c", "message_id": "m", "action": "burn"}, "invalid"),
    ],
)
def test_what_is_no_operation_is_refused(kind: str, args: dict[str, object], code: str) -> None:
    outcome = parse(kind, args)
    assert isinstance(outcome, Refusal)
    assert outcome.code == code
