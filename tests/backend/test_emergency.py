"""An outage at a real backend: customers are told once, clocks stand and go on, and who waits is known."""

import pytest

from kefu_tui.now import HOUR, MINUTE

from .shop import Shop, until

pytestmark = pytest.mark.on_sqlite


def begin(shop: Shop, of: str = "outage", **told: object) -> dict[str, object]:
    lead = shop.hire(f"lead-{of}", "lead")
    return lead.do("mode.begin", {"of": of, **told})


def test_customers_are_told_once_and_an_answer_is_promised(shop: Shop) -> None:
    mei = shop.hire("mei")
    before, after = shop.visitor(), shop.visitor(locale="en")
    id = before.say("在吗")["conversation_id"]
    begin(shop, text_zh="系统维护中，恢复后一小时内回您。")
    before.say("还在吗")
    before.say("人呢")
    other = after.say("hello")["conversation_id"]
    bot = shop.sql("SELECT conversation_id, text FROM message WHERE author = 'bot' ORDER BY at")
    assert [row[0] for row in bot] == [id, other], "each conversation once"
    assert bot[0][1] == "系统维护中，恢复后一小时内回您。"
    assert "within an hour" in bot[1][1]
    assert [line["text"] for line in before.read() if line["from"] == "bot"] == [bot[0][1]]
    promises = shop.sql("SELECT conversation_id, outcome, due_at - started_at FROM clock WHERE kind = 'outage_promise'")
    assert sorted(promises) == sorted([(id, "running", HOUR), (other, "running", HOUR)])
    mei.claim(id)
    mei.do("conversation.reply", {"conversation_id": id, "message_id": "r1", "text": "您好"}, claim=mei.agent_id)
    assert dict(shop.sql("SELECT conversation_id, outcome FROM clock WHERE kind = 'outage_promise'")) == {
        id: "met", other: "running",
    }  # fmt: skip


def test_clocks_stand_while_it_lasts_and_go_on_after_it(shop: Shop) -> None:
    lead = shop.hire("lead", "lead")
    id = shop.visitor().say("在吗")["conversation_id"]
    ((due,),) = shop.sql("SELECT due_at FROM clock WHERE kind = 'resolution'")
    lead.do("mode.begin", {"of": "outage"})
    until(lambda: shop.sql("SELECT due_at FROM clock WHERE kind = 'resolution'") == [(None,)])
    assert shop.sql("SELECT due_at FROM conversation WHERE id = ?", id) == [(None,)]
    shop.clock.ahead += 30 * MINUTE
    assert lead.do("mode.end", {"of": "outage"})["status"] == "applied"
    until(lambda: shop.sql("SELECT due_at FROM clock WHERE kind = 'resolution'") != [(None,)])
    ((later,),) = shop.sql("SELECT due_at FROM clock WHERE kind = 'resolution'")
    assert 30 * MINUTE <= later - due <= 31 * MINUTE
    assert shop.sql("SELECT kind, until IS NOT NULL FROM mode") == [("outage", 1)]
    assert lead.do("mode.end", {"of": "outage"})["status"] == "noop"


def test_who_may_and_what_may_not(shop: Shop) -> None:
    mei, lead = shop.hire("mei"), shop.hire("lead", "lead")
    assert mei.do("mode.begin", {"of": "outage"})["code"] == "forbidden"
    assert lead.do("mode.begin", {"of": "nothing"})["code"] == "invalid"
    assert lead.do("mode.begin", {"of": "surge", "reason": "x" * 501})["code"] == "too-long"
    assert lead.do("mode.begin", {"of": "surge", "level": 150})["status"] == "applied"
    assert lead.do("mode.begin", {"of": "surge", "level": 150})["status"] == "noop"
    assert lead.do("mode.begin", {"of": "surge", "level": 200})["status"] == "applied"
    assert mei.rows("mode")[0]["level"] == 200, "everybody sees it"
    assert mei.do("mode.end", {"of": "surge"})["code"] == "forbidden"
    assert lead.do("mode.clocks", {"conversations": [], "stand": True})["code"] == "forbidden"
