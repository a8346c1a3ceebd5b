"""Two desks, one customer, no network: one claim wins, the other's reply is held, nothing is lost or sent twice."""

from tests.e2e.shop import Shop


def test_both_claim_offline_and_both_reply(shop: Shop) -> None:
    shop.agent("lin")
    shop.sign_in("mei")
    shop.sign_in("lin")
    customer = shop.customer("王小明")
    conversation = customer.say("我的快递怎么还没到")["conversation_id"]
    for login in ("mei", "lin"):
        shop.kefu("sync", "--once", home=login)
    shop.kill()
    for login in ("mei", "lin"):
        shop.kefu("take", conversation, home=login)
        shop.kefu("reply", conversation, f"我是{login}，马上帮您查", home=login)
        shop.kefu("sync", "--once", home=login, code=3)
    shop.serve()
    for login in ("mei", "lin", "mei"):
        shop.kefu("sync", "--once", home=login)
    assert customer.reads() == [("customer", "我的快递怎么还没到"), ("agent", "我是mei，马上帮您查")]
    won, lost = (shop.kefu("sync", "--status", home=login) for login in ("mei", "lin"))
    assert (won["pending"], won["held"], won["rejected"]) == (0, 0, 0)
    assert (lost["pending"], lost["held"], lost["rejected"]) == (0, 1, 1)
    messages = shop.kefu("show", conversation, home="lin")["messages"]
    (held,) = [message for message in messages if message["state"] == "held"]
    assert (held["text"], held["reason"]) == ("我是lin，马上帮您查", "claim-lost")
    # Once more, and nothing changes: a resend finds its stored result.
    for login in ("lin", "mei"):
        shop.kefu("sync", "--once", home=login)
    assert len(customer.reads()) == 2


def test_a_second_sync_and_a_killed_backend_double_nothing(shop: Shop) -> None:
    shop.sign_in("mei")
    customer = shop.customer("李雷")
    conversation = customer.say("在吗")["conversation_id"]
    shop.kefu("sync", "--once", home="mei")
    shop.kefu("take", conversation, home="mei")
    for number in range(3):
        shop.kefu("reply", conversation, f"第 {number} 条", home="mei")
        shop.kefu("sync", "--once", home="mei")
        shop.kill()
        shop.serve()
    shop.kefu("sync", "--once", home="mei")
    assert customer.reads() == [("customer", "在吗"), *(("agent", f"第 {number} 条") for number in range(3))]
