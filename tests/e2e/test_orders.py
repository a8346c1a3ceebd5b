"""An imported order is nobody's until a customer names it; an agent may look it up, and then it is on screen."""

import pathlib

from tests.e2e.shop import Shop

EXPORT = "订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额,宝贝标题 \n"


def test_imported_looked_up_and_linked_by_the_customers_words(shop: Shop, tmp_path: pathlib.Path) -> None:
    shop.sign_in("mei")
    file = tmp_path / "orders.csv"
    row = "126036803257340376,178.8,178.8,上海,2026-02-21 00:00:00,2026-02-21 00:01:00,0.0,雪域精粹水\n"
    file.write_text(EXPORT + row, encoding="gbk")
    shop.kefu("import", "orders", str(file), "--yes", home="mei")
    assert shop.kefu("order", "show", "126036803257340376", home="mei")["total"] == "178.80"
    shop.kefu("sync", "--once", home="mei")
    assert shop.kefu("order", "show", "126036803257340376", home="mei")["total"] == "178.80", "asked of the backend"
    shop.kefu("order", "show", "999999999999999999", home="mei", code=1)
    conversation = shop.customer("王小明").say("订单126036803257340376到哪了")["conversation_id"]
    shop.kefu("sync", "--once", home="mei")
    (order,) = shop.kefu("show", conversation, home="mei")["orders"]
    assert order["order_no"] == "126036803257340376"
    shop.kill()
    assert shop.kefu("order", "show", "126036803257340376", home="mei")["total"] == "178.80", "now it is here"
