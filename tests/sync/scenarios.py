"""Directed histories for what random ones meet too rarely."""

import contextlib
from collections.abc import Iterator
from typing import Any

from kefu_tui.ids import derive
from kefu_tui.now import DAY
from kefu_tui.operations import Basis
from kefu_tui.operations.conversation import Claim, Release, Resolve, Transfer
from kefu_tui.operations.delivery import Delivered
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.message import Reply
from kefu_tui.operations.order import ImportOrders, Line, ShopOrder, order_id
from kefu_tui.operations.people import JoinGroup
from kefu_tui.operations.reminder import SetReminder
from kefu_tui.operations.tag import Tag, Untag
from kefu_tui.store import pages
from kefu_tui.sync.transport import Unreachable
from kefu_tui.wire import Page, Part
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


def rounds_of(desk: DeskHere, most: int = 200) -> Iterator[None]:
    """Pulls until nothing more waits; so many times must do."""
    for _ in range(most):
        if not desk.engine.pull()[1]:
            return
        yield
    raise AssertionError("it does not end")


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


def replies(world: World) -> list[tuple[str, str]]:
    """The agents' replies that the backend has, with their states."""
    with world.database.read() as connection:
        return connection.execute("SELECT id, state FROM message WHERE author = 'agent' ORDER BY at").fetchall()


def a_held_reply_out_of_sight_is_loaded_too(world: World) -> None:
    """Its author begins anew: the conversation is not in any group of theirs, the reply is."""
    a_held_reply_stays_with_its_author_when_the_conversation_leaves(world)
    desk = world.desks[0]
    held = desk.ids("SELECT id, text, state FROM message")
    world.load_from = 1
    desk.store.write(pages.forget_all).result()
    desk.level()
    assert desk.ids("SELECT id, text, state FROM message") == held
    assert len(held) == 1


def replies_states(world: World) -> list[tuple[str]]:
    return [(state,) for _, state in replies(world)]


def an_older_copy_gets_an_acknowledged_reply_again(world: World, overtaken: bool = False) -> None:
    """The copy was made before the reply; with `overtaken` others have used up the lost numbers when the desks come."""
    desk, other = world.desks[1], world.desks[0]
    conversation = writes(world)
    claimed(desk, conversation)
    other.level()
    world.back_up()
    reply(desk, conversation)
    desk.level()
    other.level()
    before = replies(world)
    assert len(before) == 1
    world.restore()
    assert replies(world) == []
    if overtaken:
        for number in range(9):
            writes(world, f"somebody-{number}")
    for one in (desk, other):
        one.level()
        assert replies(world) == before
        assert one.ids("SELECT id, state FROM message WHERE author = 'agent'") == before
    assert desk.ids("SELECT code, level FROM notice") == [("restored", "info")]


def an_older_copy_is_overtaken(world: World) -> None:
    an_older_copy_gets_an_acknowledged_reply_again(world, overtaken=True)


def what_only_a_lost_history_had_goes(world: World) -> None:
    """A conversation that was opened after the copy was made, and another one that then takes its number."""
    desk = world.desks[1]
    desk.level()
    world.back_up()
    lost = writes(world, "lost")
    desk.level()
    assert desk.ids("SELECT id FROM conversation") == [(lost,)]
    world.restore()
    kept = writes(world, "kept")
    desk.level()
    assert desk.ids("SELECT id FROM conversation") == [(kept,)]


def what_was_deleted_after_the_copy_is_there_again(world: World) -> None:
    desk = world.desks[1]
    conversation = writes(world)
    claimed(desk, conversation)
    desk.do(Tag(conversation_id=conversation, name="催"))
    desk.level()
    world.back_up()
    world.run(Untag(conversation_id=conversation, name="催"))
    desk.level()
    assert desk.ids("SELECT name FROM tag") == []
    world.restore()
    desk.level()
    assert desk.ids("SELECT name FROM tag") == [("催",)]


def what_was_refused_stays_refused(world: World) -> None:
    """Its author has seen that, and perhaps said it in other words."""
    desk, other = world.desks[1], world.desks[0]
    conversation = writes(world)
    desk.level()
    other.level()
    world.back_up()
    other.do(Claim(conversation_id=conversation))
    desk.do(Claim(conversation_id=conversation))
    other.level()
    desk.level()
    assert desk.ids("SELECT status FROM outbox") == [("rejected",)]
    world.restore()
    desk.level()
    other.level()
    with world.database.read() as connection:
        assert connection.execute("SELECT assignee_id FROM conversation").fetchall() == [(other.agent_id,)]


def a_reply_that_was_transmitted_is_not_transmitted_again(world: World) -> None:
    """On a channel that posts: what is known to have arrived is only recorded, what may have goes as a doubtful one."""
    with world.database.write() as connection:
        connection.execute(
            "INSERT INTO channel (name, kind, group_id, secret, address, created_at) "
            "VALUES ('web', 'webhook', ?, 's', 'https://shop.example/', 0)",
            (world.groups[0],),
        )
    desk = world.desks[1]
    conversation = writes(world)
    claimed(desk, conversation)
    world.back_up()
    sent, queued = world.ids(), world.ids()
    for id in (sent, queued):
        desk.do(Reply(conversation_id=conversation, message_id=id, text=id))
    desk.level()
    world.run(Delivered(conversation_id=conversation, message_id=sent, state="sent"))
    desk.level()
    world.restore()
    desk.level()
    with world.database.read() as connection:
        found = dict(connection.execute("SELECT message_id, state || doubtful FROM outbound").fetchall())
    assert found == {sent: "sent0", queued: "queued1"}
    assert dict(replies(world)) == {sent: "sent", queued: "queued"}


def a_new_epoch_of_the_same_history_is_taken(world: World) -> None:
    """Nothing is pulled anew for it, nothing goes round in circles, and nobody is told."""
    desk = world.desks[1]
    conversation = writes(world)
    claimed(desk, conversation)
    before = desk.ids("SELECT group_id, seq FROM cursor")
    with world.database.write() as connection:
        connection.execute("UPDATE sync_head SET epoch = 'e2'")
    desk.level()
    assert desk.ids("SELECT value FROM meta WHERE key = 'epoch'") == [("e2",)]
    assert desk.ids("SELECT group_id, seq FROM cursor") == before
    assert desk.ids("SELECT * FROM notice") == []


def a_group_is_loaded_under_what_is_pending(world: World) -> None:
    """An agent has a customer of a group that it then joins; what it did there meanwhile is not sent yet."""
    one, two = world.desks[:2]
    conversation = writes(world)
    claimed(two, conversation)
    two.do(Transfer(conversation_id=conversation, to_group_id=world.groups[1]))
    two.level()
    two.do(Claim(conversation_id=conversation))
    two.do(Transfer(conversation_id=conversation, to_agent_id=one.agent_id))
    two.level()
    claimed(one, conversation)
    one.do(Resolve(conversation_id=conversation))
    world.load_from = 1
    world.run(JoinGroup(agent_id=one.agent_id, group_id=world.groups[1]))
    rounds = 0
    for _ in rounds_of(one):
        invariants.always(world, one)
        rounds += 1
    assert rounds > 3, "the scope, the group that is to be loaded, its parts"
    assert one.ids("SELECT 1 FROM loading") == []
    assert one.ids("SELECT status FROM conversation WHERE id = ?", conversation) == [("resolved",)]


def an_older_copy_comes_back_to_who_begins_anew(world: World) -> None:
    """Nothing of it is here any more, and still a commit was seen that is not in the other history."""
    desk = world.desks[1]
    desk.level()
    world.back_up()
    writes(world)
    desk.level()
    desk.store.write(pages.forget_all).result()
    world.restore()
    writes(world, "kept")
    desk.level()
    assert desk.ids("SELECT external_id FROM customer") == [("kept",)]


def what_is_loaded_stays_though_it_left_another_group(world: World) -> None:
    """A desk has a conversation as it is offered to its agent, and loads the group; meanwhile the offer goes elsewhere, and a word
    is taken off. The page that tells of it comes after the part that has it.
    """
    other, desk = world.desks[:2]
    for number in range(8):
        writes(world, f"somebody-{number}")
    conversation = writes(world)
    claimed(other, conversation)
    for name in ("催", "vip"):
        other.do(Tag(conversation_id=conversation, name=name))
    other.do(Transfer(conversation_id=conversation, to_agent_id=desk.agent_id))
    other.level()
    world.load_from = 25  # the group of both has more, the agent's own less
    load, loaded = desk.wire.load, []

    def after_the_change(group: str, after: str) -> Part:
        loaded.append(group)
        if len(loaded) == 1:
            assert desk.ids("SELECT name FROM tag ORDER BY name") == [("vip",), ("催",)]
            other.do(Transfer(conversation_id=conversation, to_agent_id=world.desks[2].agent_id))
            other.level()
            other.do(Untag(conversation_id=conversation, name="vip"))
            other.level()
        return load(group, after)

    desk.wire.load = after_the_change  # type: ignore[method-assign]
    desk.level()
    assert set(loaded) == {world.groups[0]}
    assert desk.ids("SELECT name FROM tag") == [("催",)]
    invariants.same_rows(world, desk)


def a_held_reply_is_loaded_before_its_conversation_is_told_to_have_left(world: World) -> None:
    """Its author begins anew and loads its own group; the conversation moves between a page and the first part. A page of before
    comes once more, and so the part with the reply comes before the page that tells of the move.
    """
    desk = world.desks[0]
    conversation = writes(world)
    claimed(desk, conversation)
    reply(desk, conversation)
    world.run(Release(conversation_id=conversation))
    for number in range(15):
        desk.do(SetReminder(reminder_id=world.ids(), agent_id=desk.agent_id, due_at=world.time + number, text="回电"))
    desk.level()
    held = desk.ids("SELECT id, text, state, reason FROM message WHERE state = 'held'")
    assert len(held) == 1
    world.load_from = 15  # the agent's own group has more, the others less
    load, pull, asked, empty = desk.wire.load, desk.wire.pull, [], []

    def after_the_move(group: str, after: str) -> Part:
        assert group == f"agent:{desk.agent_id}"
        asked.append(after)
        if len(asked) == 1:
            raise Unreachable("lost")
        if len(asked) == 2:
            assert desk.ids("SELECT id FROM conversation") == [(conversation,)]
            world.run(Transfer(conversation_id=conversation, to_group_id=world.groups[1]))
        if len(asked) == 3:
            raise Unreachable("what is fetched ahead is lost")
        return load(group, after)

    def one_of_before(*given: Any) -> Page:
        page = pull(*given)
        if len(asked) == 1:
            empty.append(page)
        return empty[-1] if len(asked) == 3 else page

    desk.wire.load, desk.wire.pull = after_the_move, one_of_before  # type: ignore[method-assign]
    desk.store.write(pages.forget_all).result()
    with contextlib.suppress(Unreachable):
        desk.engine.level()
    desk.level()
    assert len(asked) > 3
    assert empty
    assert desk.ids("SELECT id FROM conversation") == [], "out of sight"
    assert desk.ids("SELECT id, text, state, reason FROM message") == held
    invariants.same_rows(world, desk)


def what_is_done_while_a_group_is_loaded_stays_in_sight(world: World) -> None:
    """It is decided at once; that it is acknowledged waits until its effects have come."""
    desk = world.desks[1]
    world.load_from = 1
    for number in range(12):
        writes(world, f"somebody-{number}")
    conversation = writes(world)  # the newest is loaded first
    pulled = 0
    while not desk.ids("SELECT 1 FROM conversation WHERE id = ?", conversation):
        desk.engine.pull()
        pulled += 1
        assert pulled < 60
    assert desk.ids("SELECT 1 FROM loading")
    desk.do(Tag(conversation_id=conversation, name="催"))
    desk.engine.push()
    assert not desk.engine.push(), "nothing is sent again while a group is loaded"
    for _ in rounds_of(desk):
        assert desk.ids("SELECT name FROM tag") == [("催",)]
    assert desk.ids("SELECT DISTINCT state, status FROM outbox") == [("acked", "applied")]


def what_was_removed_stays_removed_when_its_conversation_moves(world: World) -> None:
    """A desk that sees both groups was away; one that sees the second had the conversation, lost it, and has it again."""
    one, two, three = world.desks
    conversation = writes(world)
    claimed(two, conversation)
    two.do(Tag(conversation_id=conversation, name="vip"))
    two.level()
    two.do(Transfer(conversation_id=conversation, to_group_id=world.groups[1]))
    two.level()
    three.level()
    assert three.ids("SELECT name FROM tag") == [("vip",)]
    two.do(Claim(conversation_id=conversation))
    two.do(Transfer(conversation_id=conversation, to_group_id=world.groups[0]))
    two.level()
    one.level()
    one.do(Untag(conversation_id=conversation, name="vip"))
    one.level()
    one.do(Claim(conversation_id=conversation))
    one.level()
    one.do(Transfer(conversation_id=conversation, to_group_id=world.groups[1]))
    one.level()
    three.level()
    two.level()
    assert three.ids("SELECT name FROM tag") == two.ids("SELECT name FROM tag") == []


def taken_off(world: World) -> tuple[DeskHere, DeskHere, str]:
    """A desk has a conversation with a word on it, which another one took off since; the two desks, and the conversation."""
    desk, other = world.desks[1], world.desks[0]
    conversation = writes(world)
    claimed(desk, conversation)
    desk.do(Tag(conversation_id=conversation, name="催"))
    desk.level()
    other.level()
    other.do(Untag(conversation_id=conversation, name="催"))
    other.level()
    return desk, other, conversation


def a_removal_of_today_is_heard(world: World) -> None:
    """Only older ones are forgotten."""
    desk, _, _ = taken_off(world)
    world.forget(DAY)
    desk.level()
    assert desk.ids("SELECT name FROM tag") == []


def who_was_away_too_long_begins_anew(world: World) -> None:
    """What was removed meanwhile is not known any more; what the desk did offline is sent all the same."""
    desk, other, conversation = taken_off(world)
    reply(desk, conversation)
    world.forget(0)
    writes(world)
    desk.level()
    assert desk.ids("SELECT name FROM tag") == []
    assert desk.ids("SELECT state FROM message WHERE author = 'agent'") == replies_states(world)
    assert desk.ids("SELECT code FROM notice") == [], "no older copy came back"
    other.level()
    assert other.ids("SELECT name FROM tag") == []


def who_begins_after_removals_were_forgotten_gets_on(world: World) -> None:
    """It passes through no commit whose removals nobody knows, however small the groups are; also when some go meanwhile."""
    desk = world.desks[1]
    for number in range(6):
        writes(world, f"somebody-{number}")
    desk.engine.pull()  # the groups of its agent
    desk.engine.pull()  # a first page, perhaps not all
    world.forget(0)
    desk.level()
    assert len(desk.ids("SELECT id FROM conversation")) == 6


SCENARIOS = (
    what_is_loaded_stays_though_it_left_another_group,
    a_held_reply_is_loaded_before_its_conversation_is_told_to_have_left,
    a_held_reply_out_of_sight_is_loaded_too,
    a_removal_of_today_is_heard,
    an_older_copy_comes_back_to_who_begins_anew,
    what_is_done_while_a_group_is_loaded_stays_in_sight,
    who_was_away_too_long_begins_anew,
    who_begins_after_removals_were_forgotten_gets_on,
    what_was_removed_stays_removed_when_its_conversation_moves,
    a_group_is_loaded_under_what_is_pending,
    a_replay_sees_what_was_seen_the_first_time,
    a_held_reply_stays_with_its_author_when_the_conversation_leaves,
    a_new_epoch_of_the_same_history_is_taken,
    an_older_copy_gets_an_acknowledged_reply_again,
    an_older_copy_is_overtaken,
    what_only_a_lost_history_had_goes,
    what_was_deleted_after_the_copy_is_there_again,
    what_was_refused_stays_refused,
    a_reply_that_was_transmitted_is_not_transmitted_again,
)
