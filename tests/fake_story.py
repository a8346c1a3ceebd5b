"""The shift that the fake desk tells of: customers in every state, a thread, canned replies, colleagues."""
# ruff: noqa: E501 -- one customer, one line

import dataclasses

from kefu_tui.now import SECOND
from kefu_tui.store.shown import Colleague

NOON = 1_763_730_258 * SECOND
"""2025-11-21 21:04:18 in Shanghai."""


@dataclasses.dataclass
class Talk:
    """A conversation as the fake keeps it."""

    id: str
    kind: str
    name: str
    en_name: str
    text: str
    en_text: str
    left: int | None
    """Seconds to its due time; None: no clock."""
    target: int = 180
    owner: str | None = None
    unanswered: int = 1
    tier: str = "regular"
    status: str = "open"
    offered: bool = False
    tags: tuple[str, ...] = ()


# fmt: off
SHIFT: tuple[Talk, ...] = (
    Talk("zhou", "complaint", "周**", "Zhou**", "你们到底管不管？都第三次了，再这样我就去平台投诉", "Does anyone care? This is the third time I write", -72, owner="me", unanswered=3),
    Talk("wang", "logistics", "王**", "Wang**", "都三天了！再不到我就退货了", "Three days! I'll return it if it is not here tonight", 41, 210, "me", 2, "vip", tags=("催件",)),
    Talk("chen", "return", "陈**", "Chen**", "退货地址发我一下", "Send me the return address", 85, owner="me"),
    Talk("ouyang", "presale", "欧阳**", "Ouyang**", "这款敏感肌可以用吗", "Is it OK for sensitive skin?", 158, 200, "me"),
    Talk("he", "order", "何**", "He**", "好的，谢谢你", "Great, thank you", 18 * 60 + 9, 1400, "me", 0),
    Talk("li", "logistics", "李**", "Li**", "物流三天没动了", "Tracking has been stuck for three days", -9, unanswered=2, status="waiting"),
    Talk("zhao", "return", "赵**", "Zhao**", "尺码偏大想换小一号", "Too large, want one size smaller", 22, tier="vip", status="waiting"),
    Talk("sun", "presale", "孙**", "Sun**", "这个和上一代有什么区别", "What changed since the last one?", 35, status="waiting"),
    Talk("qian", "order", "钱**", "Qian**", "地址写错了能改吗", "Wrong address, can I change it?", 58, 300, unanswered=2, status="waiting"),
    Talk("wu", "logistics", "吴**", "Wu**", "显示签收了但是我没收到", "Marked delivered, but I have nothing", 91, 182, unanswered=4, status="waiting"),
    Talk("zheng", "invoice", "郑**", "Zheng**", "发票抬头能改成公司吗", "Invoice to my company, please", 104, 210, status="waiting"),
    Talk("feng", "presale", "冯**", "Feng**", "满三百减多少", "How much off above 300?", 130, 270, status="waiting"),
    Talk("jiang", "aftersale", "蒋**", "Jiang**", "瓶口漏了，寄来就这样", "Cap leaks, arrived like this", 136, 280, unanswered=3, status="waiting"),
    Talk("shen", "presale", "沈**", "Shen**", "有小样吗", "Any samples?", 182, 300, status="waiting"),
    Talk("han", "order", "韩**", "Han**", "什么时候发货", "When will it ship?", 220, 400, tier="vip", status="waiting"),
    Talk("yang", "logistics", "杨**", "Yang**", "可以放丰巢吗", "Can it go to a locker?", 252, 400, status="waiting"),
    Talk("zhu", "presale", "朱**", "Zhu**", "两瓶一起买有优惠吗", "Discount for two bottles?", 295, 420, status="waiting"),
    Talk("qin", "technical", "秦**", "Qin**", "小程序打不开优惠券", "Coupon won't open in the mini app", 12 * 60, 1300, status="waiting"),
    Talk("xu", "invoice", "许**", "Xu**", "电子发票没有收到", "No e-invoice yet", 17 * 60, 1800, status="waiting"),
    Talk("lv", "suggestion", "吕**", "Lv**", "希望出大瓶装", "Please make a larger bottle", 19 * 60, 1900, status="waiting"),
    Talk("shi", "aftersale", "施**", "Shi**", "用了有点红，正常吗", "A bit red after using it, normal?", 2 * 3600 + 60, 9000, unanswered=2, status="waiting"),
    Talk("zhang", "technical", "张**", "Zhang**", "账号绑定的手机换了", "Changed my phone number", 4 * 3600 + 60, 20000, status="waiting"),
    Talk("kong", "complaint", "孔**", "Kong**", "等你们核实结果", "Waiting for your findings", 2 * 86400 + 600, 200000, unanswered=0, status="waiting"),
)
EMPTY: tuple[Talk, ...] = (
    dataclasses.replace(SHIFT[2], status="snoozed"),
    dataclasses.replace(SHIFT[4], status="snoozed"),
)
"""Nobody waits: two customers put away until later, one with a clock that runs on."""
HOSTILE = Talk("evil", "other", "\x1b[31m[bold]红\u202e倒", "\x1b]0;x\x07Eve", "\x1b[2J\x1b]52;c;aGk=\x07[@click=app.quit]点我[/]‮反过来 👨‍👩‍👧‍👦 " + "长" * 5000, "\x1b[2J[bold]" + "long " * 2000, 240, 400, unanswered=12, status="waiting")

THREAD: tuple[tuple[str, str, str, str, int], ...] = (
    ("system", "", "从 商品页 进来，排队 8 秒", "came from a product page, waited 8 s", 258),
    ("customer", "王**", "我的快递怎么还没到 328740912344", "Where is my parcel? Order 328740912344", 198),
    ("bot", "小助手", "已为您转接人工客服，请稍等。", "Passing you to a person, one moment.", 195),
    ("me", "王小美", "您好，我是小美，正在帮您查，请稍等一分钟。", "Hello, this is Mei. I am looking into it, one minute please.", 130),
    ("note", "刘洋", "上次他的包裹丢过一次，先安抚，再查件。", "His last parcel was lost. Calm first, then trace.", 120),
    ("customer", "王**", "都三天了！再不到我就退货了", "Three days! Not here tonight and I return it", 60),
)

REPLIES: tuple[tuple[str, str, str, int, str, str], ...] = (
    ("物流查询 在途", "Parcel on the way", "wlcx", 388, "您好，您的包裹由顺丰承运，单号 SF1385628716739，今早 08:12 已到杭州转运中心。让您久等了，我会盯着它，有变化马上告诉您。", "Hello, your parcel is with SF Express, number SF1385628716739. It reached the Hangzhou hub at 08:12 today. Sorry for the wait, I am watching it and will tell you of any change."),
    ("物流停滞 三天以上", "Parcel stuck 3 days", "wltz", 188, "您好，看到您的包裹三天没有动了，我现在就联系快递核实，今天 22:00 前给您答复。", "Hello, I see that your parcel has not moved for three days. I am asking the carrier now."),
    ("物流催件 安抚", "Parcel late, calm first", "wlcj", 230, "让您久等了，已经帮您催件。", "Sorry for the wait, I have chased it for you."),
    ("物流丢件 先行赔付", "Parcel lost, pay first", "wldj", 41, "包裹确认丢失，我们先为您赔付。", "The parcel is lost; we refund you first."),
    ("物流改址", "Parcel change address", "wlgz", 96, "可以改，请把新地址发我。", "It can be changed. Send me the new address."),
    ("物流自提 驿站", "Parcel pick-up point", "wlzt", 75, "可以放驿站自提。", "It can wait at a pick-up point."),
    ("物流签收未收到", "Parcel signed, not here", "wlqs", 64, "显示签收但没收到，我来核实。", "Marked as signed; I will check."),
    ("物流破损 拍照", "Parcel damaged, photos", "wlps", 58, "请拍三张照片。", "Please take three photos."),
    ("物流国际件", "Parcel abroad", "wlgj", 12, "国际件需要 7 到 15 天。", "Abroad it takes 7 to 15 days."),
    ("退款进度 已受理", "Refund accepted", "tkjd", 120, "退款已受理，原路退回。", "Your refund is accepted."),
)
TIMERS: tuple[tuple[str, str, int, int], ...] = (
    ("zhou", "order_dispute", -190, 3600),
    ("wang", "next_response", 41, 210),
    ("chen", "return_review", 11 * 60 + 9, 1800),
    ("he", "complaint_verify", 18 * 60 + 9, 1800),
    ("kong", "complaint_plan", 5 * 3600 + 9, 30000),
)
"""Conversation, clock, seconds left and target."""
# fmt: on
COLLEAGUES = (
    Colleague("agent", "liu", "刘洋", "online", 3),
    Colleague("agent", "zhouting", "周婷", "busy", 7),
    Colleague("agent", "chenlu", "陈璐", "away", 2),
    Colleague("group", "aftersale", "售后组", "", 0),
    Colleague("group", "experts", "专家组", "", 0),
)
