"""Close-out: what a kind of conversation needs before it is resolved, and the customer's own score."""

import json
import tomllib

import pytest

from kefu_tui.model.rows import CloseOut, Policy
from kefu_tui.operations import Refusal
from kefu_tui.operations.base import NOOP
from kefu_tui.operations.close_out import Rate, record_id
from kefu_tui.operations.conversation import Reopen, Resolve
from kefu_tui.rules.close_out import parse_close_out, told
from kefu_tui.rules.policy import PolicyError
from tests.operations.rows import NOW, STANDARD, Cast

RECORD = {"said": "袖子开线", "done": "换新 "}


def cast_with(kind: str = "complaint") -> Cast:
    cast = Cast()
    cast.conversation(kind=kind, assignee_id="mei", status="open")
    return cast


def fields(cast: Cast) -> dict[str, str]:
    row = cast.get(CloseOut, record_id("c1"))
    found: dict[str, str] = json.loads(row.fields) if row else {}
    return found


class TestRecord:
    def test_a_complaint_is_not_resolved_without_its_record(self) -> None:
        cast = cast_with()
        lacks = Refusal(
            "needs-record",
            {
                "what_zh": "客户怎么说、怎么处理的",
                "what_en": "what the customer said, what was done",
                "fields": "said done",
            },
        )
        assert cast.run(Resolve(conversation_id="c1"))[0] == lacks
        half = cast.run(Resolve(conversation_id="c1", record={"said": "x", "done": "  "}))[0]
        assert isinstance(half, Refusal)
        assert half.say("zh") == "结束前还要填：怎么处理的。"
        cast.commit(Resolve(conversation_id="c1", record=RECORD))
        assert fields(cast) == {"said": "袖子开线", "done": "换新"}
        assert told(fields(cast), "en") == [("what the customer said", "袖子开线"), ("what was done", "换新")]

    def test_what_was_filled_stays_when_it_is_opened_again(self) -> None:
        cast = cast_with()
        cast.commit(Resolve(conversation_id="c1", record=RECORD))
        cast.commit(Reopen(conversation_id="c1"))
        cast.commit(Resolve(conversation_id="c1", record={"result": "已退款"}), op_id="again")
        assert fields(cast) == {"said": "袖子开线", "done": "换新", "result": "已退款"}

    def test_other_kinds_and_other_policies(self) -> None:
        cast = cast_with("logistics")
        cast.commit(Resolve(conversation_id="c1"))
        assert cast.get(CloseOut, record_id("c1")) is None
        cast = cast_with("order")
        strict = tomllib.loads(STANDARD.with_name("strict.toml").read_text(encoding="utf-8"))
        cast.put(Policy(id="default", name="strict", body=json.dumps(strict)))
        assert getattr(cast.run(Resolve(conversation_id="c1"))[0], "code", "") == "needs-record"

    def test_what_cannot_stand_in_it(self) -> None:
        cast = cast_with()
        assert getattr(cast.run(Resolve(conversation_id="c1", record={"x": "y"}))[0], "code", "") == "invalid"
        long = {**RECORD, "said": "x" * 501}
        assert getattr(cast.run(Resolve(conversation_id="c1", record=long))[0], "code", "") == "too-long"
        assert fields(cast) == {}

    @pytest.mark.parametrize("data", [[], {"weather": []}, {"order": "said"}, {"order": ["colour"]}, {"order": [1]}])
    def test_a_policy_that_asks_for_nonsense(self, data: object) -> None:
        with pytest.raises(PolicyError):
            parse_close_out(data)


class TestScore:
    def test_a_customers_score_is_kept_and_told_to_colleagues(self) -> None:
        cast = cast_with("logistics")
        assert cast.run(Rate(conversation_id="c1", score=5), "system")[0] == Refusal("not-resolved")
        cast.commit(Resolve(conversation_id="c1"))
        cast.commit(Rate(conversation_id="c1", score=2, comment="太慢"), "system")
        row = cast.get(CloseOut, record_id("c1"))
        assert (row.score, row.comment, row.rated_at) == (2, "太慢", NOW + 1000)
        note = cast.connection.execute("SELECT author, kind, text, state FROM message").fetchall()
        assert note == [("bot", "note", "客户评价：2 分（满分 5）：太慢", "kept")]
        assert cast.run(Rate(conversation_id="c1", score=2, comment="太慢"), "system")[0] == NOOP
        cast.commit(Rate(conversation_id="c1", score=4), "system", op_id="later")
        assert cast.get(CloseOut, record_id("c1")).score == 4

    def test_who_and_what_may_not(self) -> None:
        cast = cast_with("logistics")
        cast.commit(Resolve(conversation_id="c1"))
        for who in ("mei", "lao", "boss"):
            assert cast.run(Rate(conversation_id="c1", score=5), who)[0] == Refusal("forbidden")
        for score in (0, 6):
            wrong = cast.run(Rate(conversation_id="c1", score=score), "system")[0]
            assert getattr(wrong, "code", "") == "invalid"
        long = cast.run(Rate(conversation_id="c1", score=1, comment="x" * 501), "system")[0]
        assert getattr(long, "code", "") == "too-long"
        assert cast.run(Rate(conversation_id="gone", score=1), "system")[0] == Refusal("gone")
        cast.conversation(status="archived")
        assert cast.run(Rate(conversation_id="c1", score=1), "system")[0] == Refusal("archived")
