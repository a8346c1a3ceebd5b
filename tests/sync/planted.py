"""Mistakes that the suite must catch: each plants one well-known bug of sync engines."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kefu_tui.backend import chain, commits, feed, index, load, retention
from kefu_tui.model.rows import Conversation, Message
from kefu_tui.operations import Refusal, View
from kefu_tui.store import loading, outbox, pages, received
from kefu_tui.sync.engine import Engine
from tests.sync.world import World

Plant = Callable[[pytest.MonkeyPatch], None]
PLANTED: dict[str, Plant] = {}
IN_DATABASE: dict[str, str] = {
    "watermark not updated": (
        "CREATE TRIGGER planted AFTER UPDATE OF last_op_no ON device WHEN NEW.last_op_no <> OLD.last_op_no "
        "BEGIN UPDATE device SET last_op_no = OLD.last_op_no WHERE id = OLD.id; END"
    ),
    "results forgotten after a while": (
        "CREATE TRIGGER planted AFTER INSERT ON op_result "
        "BEGIN DELETE FROM op_result WHERE device_id = NEW.device_id AND op_no < NEW.op_no; END"
    ),
}
"""Bugs that live in the backend's database."""
CAUGHT_BY: dict[str, str] = {
    "loaded part without a rewind": "a_group_is_loaded_under_what_is_pending",
    "loaded up to the last part": "7",
    "optimistic conv pos": "4",
    "acknowledged on the push response": "0",
    "results beyond the page": "0",
    "stale pull applied": "2",
    "no replay": "0",
    "held reply dropped": "a_held_reply_stays_with_its_author_when_the_conversation_leaves",
    "held reply indexed in its group only": "a_held_reply_stays_with_its_author_when_the_conversation_leaves",
    "no stamp after a move": "what_was_refused_stays_refused",
    "removal without version": "a_held_reply_stays_with_its_author_when_the_conversation_leaves",
    "leaving a group takes nothing away": "6",
    "pending dropped when refused in replay": "1",
    "cancelled leaves a hole": "0",
    "another history not noticed": "an_older_copy_gets_an_acknowledged_reply_again",
    "chain of numbers alone": "an_older_copy_gets_an_acknowledged_reply_again",
    "nothing offered again": "a_reply_that_was_transmitted_is_not_transmitted_again",
    "refused ones offered again": "what_was_refused_stays_refused",
    "deliveries forgotten": "a_reply_that_was_transmitted_is_not_transmitted_again",
    "acknowledged while a group is loaded": "what_is_done_while_a_group_is_loaded_stays_in_sight",
    "removals of new commits forgotten": "a_removal_of_today_is_heard",
    "held reply out of sight not loaded": "a_held_reply_out_of_sight_is_loaded_too",
    "left though it is in a group that is loaded": "what_is_loaded_stays_though_it_left_another_group",
    "left with what is in sight by itself": "a_held_reply_is_loaded_before_its_conversation_is_told_to_have_left",
    "part takes nothing away": "what_is_loaded_stays_though_it_left_another_group",
    "too old a cursor not told": "who_was_away_too_long_begins_anew",
    "only what is newer is pulled anew": "what_only_a_lost_history_had_goes",
}
"""The directed history, or the seed of a random one, that is known to catch a bug: it is tried first, all others after it."""


def planted(plant: Plant) -> Plant:
    PLANTED[plant.__name__.replace("_", " ")] = plant
    return plant


@planted
def page_splits_a_commit(patch: pytest.MonkeyPatch) -> None:
    whole = feed.values
    patch.setattr(feed, "values", lambda c, t, ids: whole(c, t, ids[:-1] if t == "message" and len(ids) > 1 else ids))


@planted
def cursor_written_before_the_rows(patch: pytest.MonkeyPatch) -> None:
    whole = pages.apply
    calls = {"n": 0}

    def torn(connection: Any, page: Any, now: int) -> Any:
        calls["n"] += 1
        if calls["n"] % 7 == 0 and page.begin == pages.cursors(connection):
            for group, cursor in page.begin.items():
                connection.execute("UPDATE cursor SET seq = ? WHERE group_id = ?", (max(cursor, page.to), group))
            return pages.Applied(False, frozenset(), False, page.more)
        return whole(connection, page, now)

    patch.setattr(pages, "apply", torn)


@planted
def page_written_before_the_rewind(patch: pytest.MonkeyPatch) -> None:
    rewind, acknowledge = pages.rewind, pages._acknowledge
    waiting: list[set[str]] = []

    def later(connection: Any, lanes: Any) -> set[str]:
        waiting.append(set(lanes))
        return outbox_closure(connection, lanes)

    def first(connection: Any, results: Any, now: int) -> bool:
        rewind(connection, waiting.pop())
        return acknowledge(connection, results, now)

    patch.setattr(pages, "rewind", later)
    patch.setattr(pages, "_acknowledge", first)


def outbox_closure(connection: Any, lanes: Any) -> set[str]:
    closed = set(lanes)
    while True:
        more = {
            lane
            for op_no in outbox._operations_of(connection, closed)
            for (lane,) in connection.execute("SELECT lane FROM outbox_lane WHERE op_no = ?", (op_no,))
        } - closed
        if not more:
            return closed
        closed |= more


@planted
def loaded_up_to_the_last_part(patch: pytest.MonkeyPatch) -> None:
    whole = loading.apply

    def at_the_end(connection: Any, part: Any) -> Any:
        applied = whole(connection, part)
        if not applied.stale and not part.after:
            connection.execute("UPDATE cursor SET seq = ? WHERE group_id = ?", (part.seq, part.group))
        return applied

    patch.setattr(loading, "apply", at_the_end)


@planted
def loaded_part_without_a_rewind(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(loading, "rewind", lambda connection, lanes: set())


@planted
def optimistic_conv_pos(patch: pytest.MonkeyPatch) -> None:
    whole = outbox._write

    def numbered(connection: Any, view: View) -> None:
        for row in list(view.written.values()):
            if isinstance(row, Message) and row.conv_pos is None and row.state != "held":
                conversation = view.get(Conversation, row.conversation_id)
                if conversation:
                    view.change(conversation, last_pos=conversation.last_pos + 1)
                    view.change(row, conv_pos=conversation.last_pos + 1)
        whole(connection, view)

    patch.setattr(outbox, "_write", numbered)


@planted
def acknowledged_on_the_push_response(patch: pytest.MonkeyPatch) -> None:
    def push(self: Engine) -> bool:
        batch, epoch, device = self.store.write(
            lambda c: (outbox.take(c), "e1", c.execute("SELECT value FROM meta WHERE key = 'device_id'").fetchone()[0])
        ).result()
        if not batch:
            return False
        from kefu_tui.wire import Push

        answer = self.transport.push(Push(protocol=1, epoch=epoch, device_id=device, schema=1, ops=batch))

        def settle(connection: Any) -> None:
            news = pages._settled(connection, answer.results)
            lanes = {
                lane
                for result in news
                for (lane,) in connection.execute("SELECT lane FROM outbox_lane WHERE op_no = ?", (result.op_no,))
            }
            closed = outbox.rewind(connection, lanes)
            pages._acknowledge(connection, news, 0)
            outbox.replay(connection, closed)

        self.store.write(settle).result()
        return True

    patch.setattr(Engine, "push", push)


@planted
def results_beyond_the_page(patch: pytest.MonkeyPatch) -> None:
    whole = feed._results
    patch.setattr(feed, "_results", lambda c, device, acked, to: whole(c, device, acked, 1 << 60))


@planted
def stale_pull_applied(patch: pytest.MonkeyPatch) -> None:
    whole = pages.apply

    def trusting(connection: Any, page: Any, now: int) -> Any:
        known = pages.cursors(connection)
        trusted = msgspec.structs.replace(page, begin=known)
        applied = whole(connection, trusted, now)
        for group in known:
            connection.execute("UPDATE cursor SET seq = ? WHERE group_id = ?", (page.to, group))
        return applied

    patch.setattr(pages, "apply", trusting)


@planted
def lanes_by_target_only(patch: pytest.MonkeyPatch) -> None:
    whole = outbox._set_lanes

    def narrow(connection: Any, op_no: int, declared: str, view: View) -> None:
        whole(connection, op_no, declared, view)
        connection.execute("DELETE FROM outbox_lane WHERE op_no = ? AND lane <> ?", (op_no, declared))

    patch.setattr(outbox, "_set_lanes", narrow)


@planted
def closure_over_written_lanes_only(patch: pytest.MonkeyPatch) -> None:
    def narrow(connection: Any, lanes: Any) -> set[str]:
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS aside AS SELECT * FROM outbox_lane WHERE 0")
        connection.execute("INSERT INTO aside SELECT * FROM outbox_lane WHERE wrote = 0")
        written = {lane for (lane,) in connection.execute("SELECT lane FROM outbox_lane WHERE wrote = 1")}
        tied = outbox._operations_of(connection, lanes)
        connection.execute("DELETE FROM outbox_lane WHERE wrote = 0")
        own = {
            lane
            for op_no in tied
            for (lane,) in connection.execute("SELECT lane FROM outbox_lane WHERE op_no = ?", (op_no,))
        }
        closed = whole(connection, set(lanes) | (own & written))
        connection.execute("INSERT OR IGNORE INTO outbox_lane SELECT * FROM aside")
        connection.execute("DELETE FROM aside")
        return closed

    whole = outbox.rewind
    patch.setattr(pages, "rewind", narrow)


@planted
def no_rewind(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pages, "rewind", lambda connection, lanes: outbox_closure(connection, lanes))


@planted
def no_replay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pages, "replay", lambda connection, lanes: None)


@planted
def held_reply_dropped(patch: pytest.MonkeyPatch) -> None:
    whole = commits.decide

    def dropping(operation: Any, view: View, context: Any) -> Any:
        outcome = whole(operation, view, context)
        if not isinstance(outcome, Refusal) and outcome.status == "held":
            view.take_back()
        return outcome

    patch.setattr(commits, "decide", dropping)


@planted
def held_reply_indexed_in_its_group_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(index, "row_groups", lambda row, of_lane: of_lane)


@planted
def move_without_its_index_rows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(index, "_move", lambda connection, lane, before, after, seq: [])


@planted
def no_stamp_after_a_move(patch: pytest.MonkeyPatch) -> None:
    whole = index._move

    def only_new(connection: Any, lane: str, before: set[str], after: set[str], seq: int) -> Any:
        return [e for e in whole(connection, lane, before, after, seq) if e[5] == "X" or e[0] in after - before]

    patch.setattr(index, "_move", only_new)


@planted
def removal_without_version(patch: pytest.MonkeyPatch) -> None:
    whole, write = pages._take_away, received.write
    waits: list[Any] = []

    def after_the_rows(connection: Any, told: Any, *, newer: bool = False) -> Any:
        refused = write(connection, told, newer=newer)
        for page in waits:
            whole(connection, page)
            for lane, _ in page.left:
                pages._delete_lane(connection, lane, None)
        waits.clear()
        return refused

    patch.setattr(pages, "_take_away", lambda connection, page: waits.append(page))
    patch.setattr(received, "write", after_the_rows)


@planted
def leaving_a_group_takes_nothing_away(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pages, "_forget_groups", lambda connection, lost, agent_id: None)


@planted
def op_id_minted_anew_on_resend(patch: pytest.MonkeyPatch) -> None:
    whole = outbox.take
    calls = {"n": 0}

    def fresh(connection: Any, *given: int) -> Any:
        calls["n"] += 1
        batch = whole(connection, *given)
        return [msgspec.structs.replace(one, op_id=f"{one.op_id[:-6]}{calls['n']:06d}") for one in batch]

    patch.setattr(outbox, "take", fresh)


@planted
def pending_dropped_when_refused_in_replay(patch: pytest.MonkeyPatch) -> None:
    whole = outbox.replay

    def dropping(connection: Any, lanes: set[str]) -> None:
        whole(connection, lanes)
        connection.execute(
            "UPDATE outbox SET kind = 'void', args = '{}' WHERE conflict IS NOT NULL AND state = 'pending'"
        )

    patch.setattr(pages, "replay", dropping)


@planted
def cancelled_leaves_a_hole(patch: pytest.MonkeyPatch) -> None:
    whole = outbox.cancel

    def deleting(connection: Any, op_no: int) -> Any:
        refused = whole(connection, op_no)
        if refused is None:
            connection.execute("DELETE FROM outbox WHERE op_no = ?", (op_no,))
        return refused

    patch.setattr(outbox, "cancel", deleting)


@planted
def another_history_not_noticed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(chain, "agrees", lambda connection, mark: True)


@planted
def chain_of_numbers_alone(patch: pytest.MonkeyPatch) -> None:
    whole = chain.link
    patch.setattr(chain, "link", lambda before, seq, at, op_ids, rows: whole("", seq, 0, (), ()))


@planted
def nothing_offered_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "offer_again", lambda connection, first: 0)


@planted
def refused_ones_offered_again(patch: pytest.MonkeyPatch) -> None:
    whole = outbox.offer_again

    def all_of_them(connection: Any, first: int) -> int:
        connection.execute("UPDATE outbox SET status = 'applied' WHERE status = 'rejected'")
        return whole(connection, first)

    patch.setattr(outbox, "offer_again", all_of_them)


@planted
def deliveries_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "note_deliveries", lambda connection, first: None)


@planted
def only_what_is_newer_is_pulled_anew(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pages, "forget_all", lambda connection: connection.execute("UPDATE cursor SET seq = 0, complete = 0"))


@planted
def too_old_a_cursor_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(feed, "forgotten", lambda connection: 0)


@planted
def held_reply_out_of_sight_not_loaded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(load, "is_personal", lambda group: False)


@planted
def left_though_it_is_in_a_group_that_is_loaded(patch: pytest.MonkeyPatch) -> None:
    whole = feed.page
    patch.setattr(feed, "page", lambda *given: whole(*given[:6]))


@planted
def left_with_what_is_in_sight_by_itself(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(feed, "_alone", lambda connection, lanes, groups, to: ())


@planted
def part_takes_nothing_away(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(loading, "_take_away", lambda connection, seq, told, besides: None)


@planted
def acknowledged_while_a_group_is_loaded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pages, "_loads", lambda connection: False)


@planted
def removals_of_new_commits_forgotten(patch: pytest.MonkeyPatch) -> None:
    whole = retention.forget

    def too_much(database: Any, before: int) -> bool:
        more = whole(database, before)
        with database.write() as connection:
            connection.execute("DELETE FROM sync_change WHERE op <> 'P'")
        return more

    patch.setattr(retention, "forget", too_much)


def plant(world: World, name: str) -> None:
    """Puts a bug of the database into a world."""
    with world.database.write() as connection:
        connection.execute(IN_DATABASE[name])
