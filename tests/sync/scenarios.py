"""Directed histories for what random ones meet too rarely."""

from kefu_tui.ids import derive
from kefu_tui.operations import Basis
from kefu_tui.operations.conversation import Claim, Transfer
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.message import Reply
from kefu_tui.operations.order import ImportOrders, Line, ShopOrder, order_id
from tests.sync import invariants
from tests.sync.world import DeskHere, World


def writes(world: World, who: str = "customer-0") -> str:
    """A customer writes to group one; the conversation's id."""
    world.run(
        Receive(
            channel="web",
            group_id=world.groups[0],
            external_id=who,
            message_id=world.ids(),
            customer_id=derive("customer", who),
            conversation_id=derive("conversation", who),
            text="我的快递到哪了",
        )
    )
    return derive("conversation", who)


def claimed(desk: DeskHere, conversation: str) -> None:
    desk.level()
    desk.do(Claim(conversation_id=conversation))
    desk.level()


def reply(desk: DeskHere, conversation: str, **known: object) -> None:
    ((last_pos,),) = desk.ids("SELECT last_pos FROM conversation WHERE id = ?", conversation)
    basis = Basis(**{"last_pos": last_pos, "claim": desk.agent_id, "status": "open", **known})  # type: ignore[arg-type]
    desk.do(Reply(conversation_id=conversation, message_id=desk.world.ids(), text="马上"), basis)


def a_replay_sees_what_was_seen_the_first_time(world: World) -> None:
    """A reply that read an order, then a pending change of that order, then news of the conversation alone."""
    desk = world.desks[1]
    conversation = writes(world)
    claimed(desk, conversation)

    def order(status: str) -> ImportOrders:
        one = ShopOrder(
            order_no="8", status=status, total=1, placed_at=1, buyer="customer-0", lines=(Line(title="水"),)
        )
        return ImportOrders(orders=(one,))

    desk.do(order("paid"))
    desk.level()
    id = order_id("", "8")
    ((version,),) = desk.ids("SELECT version FROM shop_order WHERE id = ?", id)
    reply(desk, conversation, orders={id: version})
    desk.do(order("shipped"))
    writes(world)
    desk.engine.pull()
    invariants.always(world, desk)


def a_held_reply_stays_with_its_author_when_the_conversation_leaves(world: World) -> None:
    """The conversation moves to a group the author is not in, while a reply waits to be sent."""
    desk = world.desks[0]
    conversation = writes(world)
    claimed(desk, conversation)
    reply(desk, conversation)
    world.run(Transfer(conversation_id=conversation, to_group_id=world.groups[1]))
    desk.level()
    held = desk.ids("SELECT state, reason FROM message WHERE author_id = ?", desk.agent_id)
    assert held == [("held", "claim-freed")], held
    assert desk.ids("SELECT level FROM notice") == [("held",)]
    assert desk.ids("SELECT id FROM conversation") == [], "out of sight"


SCENARIOS = (
    a_replay_sees_what_was_seen_the_first_time,
    a_held_reply_stays_with_its_author_when_the_conversation_leaves,
)
