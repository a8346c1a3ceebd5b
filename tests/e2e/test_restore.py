"""An older copy of the backend comes back: what it had acknowledged is offered again, and the customer reads it."""

import shutil

from tests.e2e.shop import Shop


def test_an_acknowledged_reply_survives_a_restore(shop: Shop) -> None:
    shop.sign_in("mei")
    customer = shop.customer("王小明")
    conversation = customer.say("在吗")["conversation_id"]
    shop.kefu("sync", "--once", home="mei")
    shop.kefu("take", conversation, home="mei")
    shop.kefu("sync", "--once", home="mei")
    shop.stop()
    copy = shop.folder / "copy"
    shutil.copytree(shop.data, copy)
    shop.serve()
    shop.kefu("reply", conversation, "在的", home="mei")
    shop.kefu("sync", "--once", home="mei")
    assert len(customer.reads()) == 2
    shop.kill()
    shutil.rmtree(shop.data)
    shutil.copytree(copy, shop.data)
    shop.serve()
    assert len(customer.reads()) == 1
    shop.kefu("sync", "--once", home="mei")
    assert customer.reads() == [("customer", "在吗"), ("agent", "在的")]
    assert shop.kefu("sync", "--status", home="mei")["pending"] == 0
    messages = shop.kefu("show", conversation, home="mei")["messages"]
    assert [(message["from"], message["text"], message["state"]) for message in messages][-1] == ("agent", "在的", None)
