"""What a rule does to a conversation: all steps or none, once for each cause, taken back, tried again, braked."""

import json
from typing import Any

import pytest

from kefu_tui.ids import derive
from kefu_tui.model.rows import Automation, AutomationRun, CannedReply, Clock, Conversation, Message, Reminder
from kefu_tui.model.rows import Tag as TagRow
from kefu_tui.now import HOUR
from kefu_tui.operations import Basis, Outcome, Refusal
from kefu_tui.operations.automation import (
    HaltAutomation,
    Posted,
    RemoveAutomation,
    RetryRun,
    RunAutomation,
    SaveAutomation,
    SwitchAutomation,
    UndoRun,
    rule_id,
)
from kefu_tui.operations.base import NOOP
from kefu_tui.operations.message import Reply
from tests.operations.rows import NOW, Cast

RULE = rule_id("r")


def body(*steps: str, most: str = "3 in 1h") -> str:
    return f'name = "r"\nzh = "规则"\nen = "Rule"\non = "received"\nmost = "{most}"\ndo = {json.dumps(steps)}\n'


def cast_with(*steps: str, most: str = "3 in 1h", on: bool = True, **conversation: Any) -> Cast:
    cast = Cast()
    cast.conversation(**conversation)
    cast.commit(SaveAutomation(rule_id=RULE, body=body(*steps, most=most)), "lao")
    if on:
        cast.commit(SwitchAutomation(rule_id=RULE, on=True), "lao")
    return cast


def run(cause: str = "m1", **values: Any) -> RunAutomation:
    return RunAutomation(**{"conversation_id": "c1", "rule_id": RULE, "cause": cause, "event": "received", **values})


def record(cast: Cast, cause: str = "m1") -> AutomationRun:
    row: AutomationRun = cast.get(AutomationRun, derive("run", RULE, "c1", cause))
    return row


def tags(cast: Cast) -> list[str]:
    return [name for (name,) in cast.connection.execute("SELECT name FROM tag ORDER BY name")]


class TestRules:
    def test_a_new_rule_is_off_and_stays_as_it_was_when_it_is_edited(self) -> None:
        cast = cast_with("tag a", on=False)
        assert cast.get(Automation, RULE).since is None
        assert cast.run(run(), "system")[0] == NOOP, "off: it does nothing by itself"
        cast.commit(SwitchAutomation(rule_id=RULE, on=True), "lao", now=NOW + 5)
        cast.commit(SaveAutomation(rule_id=RULE, body=body("tag b")), "boss")
        row = cast.get(Automation, RULE)
        assert (row.since, row.edited_by) == (NOW + 5, "boss")
        cast.commit(SwitchAutomation(rule_id=RULE, on=False), "lao")
        assert cast.get(Automation, RULE).since is None

    @pytest.mark.parametrize("who", ["mei", "eye"])
    def test_only_leads(self, who: str) -> None:
        cast = cast_with("tag a")
        cast.commit(run(), "system")
        id = record(cast).id
        for operation in (
            SaveAutomation(rule_id=RULE, body=body("tag b")),
            SwitchAutomation(rule_id=RULE, on=False),
            RemoveAutomation(rule_id=RULE),
            run("by hand"),
            UndoRun(conversation_id="c1", run_id=id),
            RetryRun(conversation_id="c1", run_id=id),
        ):
            assert cast.run(operation, who)[0] == Refusal("forbidden"), operation
        for own in (HaltAutomation(rule_id=RULE, often=9), Posted(conversation_id="c1", run_id=id, state="sent")):
            assert cast.run(own, "lao")[0] == Refusal("forbidden")

    def test_what_cannot_be_saved(self) -> None:
        cast = cast_with("tag a")
        assert getattr(cast.run(SaveAutomation(rule_id=RULE, body="x"), "lao")[0], "code", "") == "invalid"
        assert getattr(cast.run(SaveAutomation(rule_id="other", body=body("tag a")), "lao")[0], "code", "") == "invalid"
        assert cast.run(SaveAutomation(rule_id=RULE, body=body("tag a")), "lao")[0] == NOOP
        stale = cast.run(SaveAutomation(rule_id=RULE, body=body("tag b")), "lao", Basis(version=7))[0]
        assert stale == Refusal("stale-version")
        assert cast.run(SwitchAutomation(rule_id="gone", on=True), "lao")[0] == Refusal("gone")
        assert cast.run(run(), "far")[0] == Refusal("forbidden")
        cast.commit(RemoveAutomation(rule_id=RULE), "lao")
        assert cast.run(RemoveAutomation(rule_id=RULE), "lao")[0] == NOOP
        assert cast.run(run(), "system")[0] == Refusal("gone")


class TestRun:
    def test_all_steps_at_once_and_once_for_a_cause(self) -> None:
        cast = cast_with(
            "标签 催件", "优先级 1", "备注 看一下", "代答 您好 {{ customer.name }}，{{ shop.name }}收到了。", "稍后 2h"
        )
        cast.commit(run(), "system")
        row = cast.get(Conversation, "c1")
        assert (row.priority, row.status, row.unanswered) == (1, "snoozed", 1)
        assert tags(cast) == ["催件"]
        said = cast.connection.execute(
            "SELECT author, author_id, kind, text, state, reason FROM message ORDER BY kind"
        ).fetchall()
        assert said == [
            ("bot", None, "note", "看一下", "kept", None),
            ("bot", None, "text", "您好 王小明，本店收到了。", "queued", "stands-in"),
        ]
        done = record(cast)
        assert (done.state, done.by_id, done.event, done.why) == ("done", "system", "received", "")
        assert [(verb, argument) for verb, argument, _ in json.loads(done.did)][:2] == [
            ("tag", "催件"),
            ("priority", "1"),
        ]
        assert cast.run(run(), "system")[0] == NOOP

    def test_a_line_of_a_rule_keeps_no_promise_and_holds_no_reply(self) -> None:
        cast = cast_with("say 您好", assignee_id="mei", status="open")
        cast.put(Clock(id="k", conversation_id="c1", kind="next_response", started_at=NOW, due_at=NOW + HOUR))
        cast.commit(run(), "system")
        assert cast.get(Clock, "k").outcome == "running"
        reply = Reply(conversation_id="c1", message_id="m1", text="在的")
        outcome, _ = cast.run(reply, "mei", Basis(claim="mei", last_pos=3, status="open"))
        assert outcome == Outcome("applied")

    def test_nothing_is_done_where_one_step_cannot_be(self) -> None:
        cast = cast_with("标签 催件", "代答 您好 {{ agent.name }}", "优先级 1")
        cast.commit(run(), "system")
        assert tags(cast) == []
        assert cast.get(Conversation, "c1").priority == 3
        refused = record(cast)
        assert (refused.state, refused.did) == ("refused", "[]")
        assert json.loads(refused.why) == [2, "missing-value", {"what": "agent.name"}]
        again = RetryRun(conversation_id="c1", run_id=refused.id)
        assert cast.run(again, "lao")[0] == Refusal("missing-value", {"what": "agent.name"})
        cast.conversation(assignee_id="mei", status="open")
        cast.commit(again, "lao")
        assert (record(cast).state, tags(cast)) == ("done", ["催件"])
        assert cast.run(again, "lao")[0] == NOOP

    def test_a_canned_reply_in_the_customers_language(self) -> None:
        cast = cast_with("话术 hi", language="en")
        for lang in ("zh", "en"):
            cast.put(CannedReply(
                id=lang, scope="company", lang=lang, shortcut="hi", title="x", text=f"in {lang}", stage="greet",
                scenario="greeting", edited_at=NOW,
            ))  # fmt: skip
        cast.commit(run(), "system")
        assert cast.connection.execute("SELECT text FROM message").fetchall() == [("in en",)]
        cast.connection.execute("DELETE FROM canned_reply")
        cast.commit(run("m2"), "system")
        assert json.loads(record(cast, "m2").why)[:2] == [1, "gone"]

    def test_who_is_told(self) -> None:
        cast = cast_with("notify 组长 超时", "notify 接待人 看一下", "notify mei 你来")
        cast.commit(run(), "system")
        told = cast.connection.execute("SELECT agent_id, text, conversation_id FROM reminder ORDER BY text").fetchall()
        assert told == [("mei", "你来", "c1"), ("lao", "看一下", "c1"), ("lao", "超时", "c1")], (
            "nobody has it: its leads"
        )
        cast.connection.execute("UPDATE agent SET left_at = 1 WHERE id IN ('lao', 'boss')")
        cast.commit(run("m2"), "system")
        assert json.loads(record(cast, "m2").why)[:2] == [1, "no-such-target"]

    def test_handed_over_and_any_operation(self) -> None:
        cast = cast_with(
            'operation conversation.tag {"name": "x"}', "转接 two | 给你们", assignee_id="mei", status="open"
        )
        cast.commit(run(), "system")
        row = cast.get(Conversation, "c1")
        assert (row.group_id, row.assignee_id, row.status) == ("two", None, "waiting")
        assert cast.connection.execute("SELECT author, kind, text FROM message").fetchall() == [
            ("bot", "note", "给你们")
        ]
        assert tags(cast) == ["x"]

    def test_an_operation_is_about_what_the_rule_acts_on_whatever_it_names(self) -> None:
        cast = cast_with('operation conversation.tag {"conversation_id": "c2", "name": "x"}')
        cast.conversation(id="c2")
        cast.commit(run(), "system")
        assert cast.connection.execute("SELECT conversation_id FROM tag").fetchall() == [("c1",)]

    def test_by_a_leads_hand_whatever_its_brake(self) -> None:
        cast = cast_with("tag a", most="1 in 1h", on=False)
        cast.commit(run("by hand 1"), "lao")
        cast.commit(run("by hand 2"), "lao")
        assert record(cast, "by hand 2").by_id == "lao"

    def test_archived_is_left_alone(self) -> None:
        cast = cast_with("tag a", status="archived")
        assert cast.run(run(), "system")[0] == Refusal("archived")


class TestBrakes:
    def test_on_one_conversation_no_more_often_than_it_says(self) -> None:
        cast = cast_with("note x", most="2 in 1h")
        for number in range(4):
            outcome, _ = cast.run(run(f"m{number}"), "system", now=NOW + number)
            if outcome != NOOP:
                cast.commit(run(f"m{number}"), "system", now=NOW + number, op_id=f"o{number}")
        ran = "SELECT count(*) FROM automation_run"
        assert cast.connection.execute(ran).fetchone() == (2,)
        cast.commit(run("later"), "system", now=NOW + HOUR + 5, op_id="later")
        assert cast.connection.execute(ran).fetchone() == (3,)

    def test_a_storm_is_halted_and_leads_hear_of_it(self) -> None:
        cast = cast_with("note x")
        cast.commit(HaltAutomation(rule_id=RULE, often=1000), "system")
        row = cast.get(Automation, RULE)
        assert (row.since, row.halted_at) == (None, NOW + 1000)
        told = cast.connection.execute("SELECT agent_id FROM reminder ORDER BY agent_id").fetchall()
        assert told == [("boss",), ("lao",)]
        assert "1000" in cast.connection.execute("SELECT text FROM reminder").fetchone()[0]
        assert cast.run(HaltAutomation(rule_id=RULE, often=1000), "system")[0] == NOOP
        cast.commit(SwitchAutomation(rule_id=RULE, on=True), "lao")
        assert cast.get(Automation, RULE).halted_at is None


class TestTakenBack:
    def test_what_can_be_is(self) -> None:
        cast = cast_with("tag a", "priority 1", "say 您好", "resolve b", assignee_id="mei", status="open")
        cast.commit(run(), "system")
        assert cast.get(Conversation, "c1").status == "resolved"
        cast.commit(UndoRun(conversation_id="c1", run_id=record(cast).id), "lao")
        row = cast.get(Conversation, "c1")
        assert (row.priority, row.status, row.assignee_id, tags(cast)) == (3, "open", "mei", [])
        assert (record(cast).state, record(cast).undone_by) == ("undone", "lao")
        assert cast.connection.execute("SELECT count(*) FROM message").fetchone() == (1,), "what was said stays said"
        assert cast.run(UndoRun(conversation_id="c1", run_id=record(cast).id), "lao")[0] == NOOP

    def test_only_what_the_rule_itself_changed(self) -> None:
        cast = cast_with("tag a", "tag b")
        cast.put(TagRow(id=derive("c1", "tag", "a"), conversation_id="c1", name="a", by_id="mei", at=NOW))
        cast.commit(run(), "system")
        cast.commit(UndoRun(conversation_id="c1", run_id=record(cast).id), "lao")
        assert tags(cast) == ["a"], "that one was there before"

    def test_words_alone_cannot(self) -> None:
        cast = cast_with("say 您好")
        cast.commit(run(), "system")
        assert cast.run(UndoRun(conversation_id="c1", run_id=record(cast).id), "lao")[0] == Refusal("too-late")

    def test_all_or_nothing(self) -> None:
        cast = cast_with("tag a", "transfer lin", assignee_id="mei", status="open")
        cast.commit(run(), "system")
        assert cast.get(Conversation, "c1").offered_to_id == "lin"
        cast.conversation(assignee_id="lin", status="resolved")
        assert cast.run(UndoRun(conversation_id="c1", run_id=record(cast).id), "lao")[0] == Refusal(
            "conversation-closed"
        )
        assert tags(cast) == ["a"]
        assert cast.run(UndoRun(conversation_id="c1", run_id="nothing"), "lao")[0] == Refusal("gone")


def test_a_post_waits_is_told_of_and_tried_again() -> None:
    cast = cast_with("webhook erp 请补发")
    cast.commit(run(), "system")
    row = record(cast)
    assert (row.hook, row.hook_text, row.hook_state) == ("erp", "请补发", "queued")
    cast.commit(Posted(conversation_id="c1", run_id=row.id, state="failed"), "system")
    assert cast.run(Posted(conversation_id="c1", run_id=row.id, state="failed"), "system")[0] == NOOP
    cast.commit(RetryRun(conversation_id="c1", run_id=row.id), "lao")
    assert record(cast).hook_state == "queued"


def test_reminders_of_rules_are_reminders() -> None:
    cast = cast_with("notify mei 看一下")
    cast.commit(run(), "system")
    (id,) = cast.connection.execute("SELECT id FROM reminder").fetchone()
    assert cast.get(Reminder, id).due_at == NOW + 1000
    assert cast.get(Message, "m1") is None


def test_nobody_comes_or_goes_by_a_rule() -> None:
    cast = Cast()
    for kind in ("conversation.enter", "conversation.leave"):
        saving = SaveAutomation(rule_id=RULE, body=body(f"operation {kind}"))
        assert getattr(cast.run(saving, "lao")[0], "code", "") == "invalid"
