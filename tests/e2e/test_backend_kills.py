"""The backend killed around its commit while it decides a reply: after a restart the reply is there once."""

import pytest

from tests.e2e.shop import Shop


@pytest.mark.parametrize("place", ["backend.written", "push.decided", "push.committed"])
def test_killed_around_the_commit(shop: Shop, place: str) -> None:
    shop.sign_in("mei")
    customer = shop.customer("王小明")
    conversation = customer.say("在吗")["conversation_id"]
    shop.kefu("sync", "--once", home="mei")
    shop.kefu("take", conversation, home="mei")
    shop.kefu("reply", conversation, "在的", home="mei")
    shop.stop()
    shop.environment["KEFU_FAILPOINT"] = f"{place}:1"
    shop.serve()
    del shop.environment["KEFU_FAILPOINT"]
    shop.kefu("sync", "--once", home="mei", code=3)
    assert shop.process
    assert shop.process.wait(timeout=30) == -9, "the failpoint was not reached"
    shop.serve()
    assert customer.reads() == [("customer", "在吗"), *([("agent", "在的")] if place == "push.committed" else [])]
    shop.kefu("sync", "--once", home="mei")
    shop.kefu("sync", "--once", home="mei")
    assert customer.reads() == [("customer", "在吗"), ("agent", "在的")]
    status = shop.kefu("sync", "--status", home="mei")
    assert (status["pending"], status["held"], status["rejected"]) == (0, 0, 0)
