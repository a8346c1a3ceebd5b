"""Telephone calls on screen: logged by keys, picked up by the usual key, their lines in words, nothing written to a caller."""

import io
import pathlib

import pytest

from kefu_tui.desk import verbs
from kefu_tui.model.rows import Agent
from kefu_tui.model.sql import Connection, Reader, upsert
from kefu_tui.now import SECOND
from kefu_tui.operations import Basis, Context, View, decide
from kefu_tui.operations.base import SYSTEM, Operation
from kefu_tui.operations.call import EndCall, RingCall
from kefu_tui.rules.reply_rate import Rate
from tests.real_desk import Real, real_desk

NUMBER = "13800001111"


async def tell(one: Real, operation: Operation) -> None:
    """What the exchange tells, as it comes with a pulled page."""

    def work(connection: Connection) -> verbs.Told:
        view = View(Reader(connection))
        outcome = decide(operation, view, Context(SYSTEM, one.desk.now(), one.desk.ids(), Basis()))
        assert outcome.status == "applied"  # type: ignore[union-attr]
        for row in view.written.values():
            assert row is not None
            upsert(connection, row)
        return verbs.Told("", "applied", False, "", ("c1",))

    one.desk.verb(work).result()
    await one.until(lambda: one.desk.head("c1") is not None)


def ring(one: Real, call: str = "k1") -> RingCall:
    with one.desk.store.read() as connection:
        group = connection.execute(
            "SELECT group_id FROM membership WHERE agent_id = ?", (one.desk.agent_id,)
        ).fetchone()[0]
        assert Reader(connection).get(Agent, one.desk.agent_id) is not None
    return RingCall(
        channel="phone", group_id=group, external_id=NUMBER, call_id=call, customer_id="u1", conversation_id="c1",
        phone=NUMBER, at=one.desk.now() - 3 * SECOND,
    )  # fmt: skip


def rate(one: Real) -> Rate:
    from kefu_tui.desk.reply_rate import names, reply_rate

    return reply_rate(one.desk, names()[0]).rate


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_call_is_logged_by_keys(tmp_path: pathlib.Path, lang: str) -> None:
    async with real_desk(tmp_path, 4, 8, lang=lang) as one:
        await one.press("g", "f")
        await one.type("138-0000-1111")
        await one.press("enter", "2")
        await one.type("Li")
        await one.press("enter")
        await one.type("asks for an invoice")
        await one.press("enter")
        await one.until(lambda: one.work.opened.head is not None and one.work.opened.head.channel == "phone")
        head = one.work.opened.head
        assert head is not None
        assert (head.name, head.mine, head.phone) == ("Li", True, True)
        texts = [item.text for item in one.work.opened.items]
        assert texts == [{"zh": "去电", "en": "Called out"}[lang], "asks for an invoice"]
        assert {"zh": "已记电话", "en": "Call logged"}[lang] in one.notice
        assert NUMBER not in one.text
        await one.press("u")
        await one.until(lambda: not one.ask("SELECT 1 FROM message WHERE kind = 'event'"))


async def test_what_is_no_number_is_said_and_leaving_logs_nothing(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, 4, 8) as one:
        await one.press("g", "f")
        await one.type("call me")
        await one.press("enter")
        assert "不是电话号码" in one.notice
        await one.press("g", "f")
        await one.type(NUMBER)
        await one.press("enter", "1", "enter", "escape")
        await one.press("g", "f")
        await one.type(NUMBER)
        await one.press("enter", "1", "enter", "enter")
        await one.until(lambda: "没有内容" in one.notice)
        assert one.ask("SELECT 1 FROM conversation WHERE channel = 'phone'") == []


async def test_in_lines_and_without_an_id_a_ring_is_taken_first(tmp_path: pathlib.Path) -> None:
    from kefu_tui.cli.verbs import due_first
    from kefu_tui.plain import Plain

    async with real_desk(tmp_path, 4, 8) as one:
        assert due_first(one.desk) not in (None, "c1")
        await tell(one, ring(one))
        assert due_first(one.desk) == "c1"
        Plain(one.desk, ["next"], io.StringIO()).run()
        assert one.ask("SELECT outcome FROM clock WHERE kind = 'phone_pick_up'") == [("met",)]


async def test_a_ring_is_picked_up_by_the_key_that_takes(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, 4, 8) as one:
        before = rate(one)
        await tell(one, ring(one))
        one.work.open("c1")
        await one.until(lambda: "来电在响" in one.text)
        assert "138****1111" in one.text
        assert NUMBER not in one.text
        assert '{"way"' not in one.text
        await one.press("space")
        await one.until(lambda: "接起" in one.work.opened.items[0].text)
        assert one.ask("SELECT outcome FROM clock WHERE kind = 'phone_pick_up'") == [("met",)]
        assert one.work.situation == "moving", "there is nothing to write"
        await one.press("i")
        assert "记一条备注" in one.notice
        await one.press("n")
        await one.type("invoice")
        await one.press("enter")
        await one.until(lambda: len(one.work.opened.items) == 2)
        assert one.ask("SELECT 1 FROM message WHERE conversation_id = 'c1' AND state = 'queued'") == []
        assert rate(one) == before, "a call is no round of text"
        await tell(one, ring(one, "k2"))
        await one.until(lambda: "来电在响" in one.text)
        await one.press("space")
        await one.until(
            lambda: len(one.ask("SELECT 1 FROM clock WHERE kind = 'phone_pick_up' AND outcome = 'met'")) == 2
        )


async def test_a_ring_is_said_and_the_key_takes_it_before_those_who_wait_longer(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, 8, 40) as one:
        assert one.ask("SELECT 1 FROM conversation WHERE status = 'waiting' AND assignee_id IS NULL")
        one.work.open(None)
        one.work.warn(one.desk.now())
        await tell(one, ring(one))
        await one.until(lambda: any(row.conversation_id == "c1" for row in one.work.timers.rows))
        one.work.warn(one.desk.now())
        assert "来电：138****1111，Space 接起" in one.notice
        one.work.told("")
        one.work.warn(one.desk.now())
        assert "来电" not in one.notice, "once"
        one.work.open(None)
        await one.press("space")
        await one.until(lambda: one.work.open_id == "c1")
        assert one.ask("SELECT outcome FROM clock WHERE kind = 'phone_pick_up'") == [("met",)]


async def test_a_missed_call_is_said_in_words_and_waits(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, 4, 8) as one:
        await tell(one, ring(one))
        await tell(one, EndCall(conversation_id="c1", call_id="k1"))
        (row,) = one.desk.queue_rows(["c1"])
        assert row.section == "waiting"
        assert "没有接到" in row.preview
        one.work.open("c1")
        await one.until(lambda: "没有接到" in one.text)
        found = one.desk.finding.find("138")
        assert not [hit for hit in found.hits if hit.kind == "message"], "what a line keeps is no text to be found"
