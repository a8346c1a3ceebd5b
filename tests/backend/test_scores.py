"""A visitor says how it was: once a conversation is over, their own, from 1 to 5; and rules hear of it."""

import pytest

from kefu_tui.operations.automation import rule_id

from .shop import Shop, problem, until

pytestmark = pytest.mark.on_sqlite


def test_asked_once_it_is_over_and_kept(shop: Shop) -> None:
    mei, lead = shop.hire("mei"), shop.hire("lead", "lead")
    for name in ("survey", "unhappy"):
        assert lead.do("automation.switch", {"rule_id": rule_id(name), "on": True})["status"] == "applied"
    guest = shop.visitor()
    id = guest.say("快递到哪了")["conversation_id"]
    assert guest.get("/chat/v1/messages").json()["rate"] is None
    problem(guest.post("/chat/v1/scores", {"conversation_id": id, "score": 5}), 422, "invalid")
    mei.claim(id)
    mei.do("conversation.resolve", {"conversation_id": id})
    until(lambda: "打个分" in guest.read()[-1]["text"])
    assert guest.get("/chat/v1/messages").json()["rate"] == id
    assert guest.post("/chat/v1/scores", {"conversation_id": id, "score": 1, "comment": "等太久"}).status_code == 204
    assert guest.get("/chat/v1/messages").json()["rate"] is None
    assert [line["from"] for line in guest.read()] == ["customer", "bot"], "the note of it is for colleagues"
    (row,) = mei.rows("close_out")
    assert (row["conversation_id"], row["score"], row["comment"]) == (id, 1, "等太久")
    until(lambda: shop.sql("SELECT name FROM tag WHERE conversation_id = ?", id) == [("不满意",)])
    assert shop.sql("SELECT agent_id FROM reminder") == [(lead.agent_id,)]


def test_what_is_no_score(shop: Shop) -> None:
    mei, guest, other = shop.hire("mei"), shop.visitor(), shop.visitor()
    id = guest.say("快递到哪了")["conversation_id"]
    mei.claim(id)
    mei.do("conversation.resolve", {"conversation_id": id})
    for score in (0, 6, "5", None):
        problem(guest.post("/chat/v1/scores", {"conversation_id": id, "score": score}), 422, "invalid")
    problem(guest.post("/chat/v1/scores", {"conversation_id": id, "score": 3, "comment": "x" * 501}), 422, "invalid")
    assert other.post("/chat/v1/scores", {"conversation_id": id, "score": 1}).status_code >= 400
    assert guest.post("/chat/v1/scores", {"conversation_id": "nothing", "score": 1}).status_code >= 400
    assert shop.sql("SELECT count(*) FROM close_out") == [(0,)]
