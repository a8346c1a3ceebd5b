"""The conversation, orders and replies panes with plausible rows, to look at and to test: `python -m tests.panes`."""

import argparse
import unicodedata
from datetime import UTC, datetime

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kefu_tui.now import MINUTE, SECOND
from kefu_tui.store.shown import CannedLine, Due, Filled, Head, NoticeRow, OrderCard, Parcel, ThreadItem
from kefu_tui.widgets.canned import CannedPane
from kefu_tui.widgets.conversation import ConversationPane
from kefu_tui.widgets.inks import INKS
from kefu_tui.widgets.orders import OrdersPane

ZONE = "Asia/Shanghai"
NOW = int(datetime(2025, 11, 21, 13, 4, 18, tzinfo=UTC).timestamp()) * SECOND
ORDER = "328740912344"

HOSTILE = {
    "escapes": "\x1b]52;c;aGFja2Vk\x07\x1b[2J\x1b[31mred\x1bc",
    "controls": "\x00\x01\x08\x7f\x9b31m\x90q\x9c\u2028\u2029",
    "hidden": "\u202egnp.exe\u202c \u2066hidden\u2069 \u200b\ufeff\u200d",
    "markup": "[bold red]不是标记[/] [@click=app.quit]x[/] {{ customer }}",
    "marks": "e" + "\u0301" * 500 + "好" + "\u0489" * 300,
    "joined": "👨\u200d👩\u200d👧\u200d👦" * 20 + "🏳\ufe0f\u200d🌈🇨🇳🇨",
    "breaks": "\t\r\n\r\n，。）」" * 30 + "（「" * 20,
    "lost": "\ud800\udfff\ue000\uffff\U000e0041 عربي עברית ﷽",
    "long": "a" * 3000 + "宽" * 3000,
    "nothing": "",
}
"""What a customer may send to hurt a terminal, or the eye."""


def harmless(text: str) -> bool:
    """Whether a text holds nothing that a terminal could obey or that is hidden."""
    return not any(
        unicodedata.category(char) in ("Cc", "Cs") or char in "\u202a\u202b\u202d\u202e\u2066" for char in text
    )


def recognised(text: str) -> list[tuple[int, int, str]]:
    """The order number of the demo customer, wherever it stands."""
    found, start = [], text.find(ORDER)
    while start >= 0:
        found.append((start, start + len(ORDER), "order"))
        start = text.find(ORDER, start + 1)
    return found


def head(**changes: object) -> Head:
    """A conversation of mine whose round is nearly over."""
    due = Due("next_response", NOW - 139 * SECOND, NOW - 49 * SECOND, NOW - 5 * SECOND, NOW + 41 * SECOND, False)
    usual = Head(
        id="c1", customer_id="u1", name="王**", tier="vip", risk="none", channel="web", group="售后", kind="logistics",
        status="open", priority=3, language="zh", assignee_id="a1", assignee="王小美", mine=True, offered_to=None,
        first_asked=True, tags=("催件",), visits=3, orders=3, opened_at=NOW - 4 * MINUTE, snoozed_until=None, due=due,
        last_pos=7,
    )  # fmt: skip
    return usual._replace(**changes)


def item(number: int, who: str, text: str, *, minutes: float = 1.0, author: str = "", **changes: object) -> ThreadItem:
    """A line of a thread, some minutes ago."""
    at = NOW - int(minutes * MINUTE)
    usual = ThreadItem(f"m{number}", who, author, text, at, "", None, f"o{number}")
    return usual._replace(**changes)


def thread(lang: str = "zh") -> list[ThreadItem]:
    """A short conversation with one of each party."""
    if lang == "en":
        words = ("exchange question, resolved", "came from a product page, waited 8 s",
                 f"Where is my parcel? Order {ORDER}", "Passing you to a person, one moment.",
                 "Hello, this is Mei. I am looking into it, one minute please.",
                 "His last parcel was lost. Calm first, then trace.",
                 "Three days! Not here tonight and I return it",
                 "What is going on?")  # fmt: skip
    else:
        words = ("换货咨询，已解决", "从 商品页 进来，排队 8 秒", f"我的快递怎么还没到 {ORDER}",
                 "已为您转接人工客服，请稍等。", "您好，我是小美，正在帮您查，请稍等一分钟。",
                 "上次他的包裹丢过一次，先安抚，再查件。", "都三天了！再不到我就退货了", "到底怎么回事")  # fmt: skip
    return [
        item(1, "system", words[0], minutes=60 * 24 * 19),
        item(2, "system", words[1], minutes=4.2),
        item(3, "customer", words[2], minutes=3.2),
        item(4, "bot", words[3], minutes=3.1),
        item(5, "me", words[4], minutes=2.2, author="王小美"),
        item(6, "note", words[5], minutes=2.1, author="刘洋" if lang == "zh" else "Liu Yang"),
        item(7, "customer", words[6], minutes=1.2),
        item(8, "customer", words[7], minutes=1.15),
    ]


def notice(number: int, body: str, *, code: str = "order-changed", level: str = "held", **changes: object) -> NoticeRow:
    """Words of mine that did not leave."""
    usual = NoticeRow(
        id=f"n{number}", op_id=f"o{number}", level=level, code=code, text="写好之后，订单变成了退款中。", body=body,
        conversation_id="c1", message_id=f"m{number}", name="王**", at=NOW - 2 * MINUTE,
        actions=("edit", "send-anyway", "discard"),
    )  # fmt: skip
    return usual._replace(**changes)


def held_thread() -> tuple[list[ThreadItem], list[NoticeRow]]:
    """A thread that the cable was pulled out of."""
    body = "您的包裹由顺丰承运，单号 SF1385628716739，正在路上，请放心收货。"
    items = [
        *thread()[1:3],
        item(5, "me", thread()[4].text, minutes=2.2, mark="pending"),
        item(9, "system", "断网前收到：订单 3287 4091 2344 退款中", minutes=2.1),
        item(10, "me", body, minutes=2, mark="held", reason="order-changed"),
        item(11, "me", "稍后我再给您回电。", minutes=1.9, mark="held", reason="order-changed"),
    ]
    return items, [notice(10, body), notice(11, "稍后我再给您回电。")]


def orders(lang: str = "zh") -> list[OrderCard]:
    """Three orders, the newest on its way."""
    events = ("到杭州转运中心", "离开武汉", "顺丰已揽收", "商家已发货")
    if lang == "en":
        events = ("at Hangzhou hub", "left Wuhan", "picked up by SF", "shop shipped")
    hours = (12.87, 18.4, 26.98, 29.55)
    trace = tuple((NOW - int(hour * 60) * MINUTE, words) for hour, words in zip(hours, events, strict=True))
    title = "自然堂雪域精粹水 120ml" if lang == "zh" else "Chando Alpine Toner 120ml"
    carrier = "顺丰" if lang == "zh" else "SF"
    first = OrderCard(
        "or1", ORDER, "shipped", 12800, 12800, 0, "CNY", "浙江", NOW - 36 * 60 * MINUTE, NOW - 35 * 60 * MINUTE,
        ((title, 1, 12800),), (Parcel(carrier, "SF1385628716739", "in_transit", trace),), 3,
    )  # fmt: skip
    return [
        first,
        first._replace(id="or2", order_no="328739801107", status="done", total=5900, parcels=()),
        first._replace(id="or3", order_no="328722190457", status="refunded", total=8900, refund=8900, parcels=()),
    ]


def filled(lang: str = "zh", *, missing: bool = False) -> Filled:
    """The offered reply, with its values in it, or with one missing."""
    if lang == "en":
        parts = ["Hello, your parcel is with ", "SF Express", ", number ", "SF1385628716739",
                 ". It reached the ", "Hangzhou hub", " at ", "08:12",
                 " today. Sorry for the wait, I am watching it and will tell you."]  # fmt: skip
        title = "Parcel on the way"
    else:
        parts = ["您好，您的包裹由", "顺丰", "承运，单号 ", "SF1385628716739", "，今早 ", "08:12", " 已到",
                 "杭州转运中心", "。让您久等了，我会盯着它，有变化马上告诉您。"]  # fmt: skip
        title = "物流查询 在途"
    if missing:
        parts[3] = "[shipment.tracking_no]"
    spans, at = [], 0
    for number, part in enumerate(parts):
        if number % 2 and not (missing and number == 3):
            spans.append((at, at + len(part)))
        at += len(part)
    return Filled("r1", title, "".join(parts), tuple(spans), ("shipment.tracking_no",) if missing else (), ())


def canned(lang: str = "zh") -> list[CannedLine]:
    """Nine replies about parcels."""
    titles = ("物流查询 在途", "物流停滞 三天以上", "物流催件 安抚", "物流丢件 先行赔付", "物流改址", "物流自提 驿站",
              "物流签收未收到", "物流破损 拍照", "物流国际件")  # fmt: skip
    keys = ("wlcx", "wltz", "wlcj", "wldj", "wlgz", "wlzt", "wlqs", "wlps", "wlgj")
    if lang == "en":
        titles = ("Parcel on the way", "Parcel stuck 3 days", "Parcel late, calm first", "Parcel lost, pay first",
                  "Parcel change address", "Parcel pick-up point", "Parcel signed, not here", "Parcel damaged, photos",
                  "Parcel abroad")  # fmt: skip
        keys = ("transit", "stuck", "late", "lost", "address", "pickup", "signed", "damaged", "abroad")
    reason = "问了 怎么还没到；订单在途" if lang == "zh" else "asked where; order in transit"
    return [
        CannedLine(
            f"r{number}", title, filled(lang).text, key, "answer", "logistics", "company", lang, 10, ""
        )._replace(reason=reason if number == 1 else "")
        for number, (title, key) in enumerate(zip(titles, keys, strict=True), 1)
    ]


class Panes(App[None]):
    """Middle and right panes of the workstation beside each other."""

    CSS = """
    #ground { padding: 1 1; }
    #right { width: 38; margin-left: 1; }
    #orders { margin-bottom: 1; }
    """

    def __init__(self, state: str = "usual", ink: str = "dark", lang: str = "zh", right: int = 38) -> None:
        super().__init__(ansi_color=ink in ("contrast", "none"))
        self.state, self.ink, self.lang, self.zone, self.side = state, INKS[ink], lang, ZONE, right
        self.posted: list[object] = []

    def compose(self) -> ComposeResult:
        """Conversation left, orders above replies right."""
        with Horizontal(id="ground") as ground:
            ground.styles.background = self.ink.ground if not self.ink.flat else None
            yield ConversationPane(id="conversation")
            if self.side:
                with Vertical(id="right") as right:
                    right.styles.width = self.side
                    yield OrdersPane(id="orders")
                    yield CannedPane(id="canned")

    def on_mount(self) -> None:
        """Fills the panes as the state asks."""
        pane = self.query_one(ConversationPane)
        items, notices = (held_thread()) if self.state in ("held", "offline") else (thread(self.lang), [])
        due = None if self.state == "calm" else head().due
        shown = head(due=due) if self.lang == "zh" else head(due=due, name="Wang**", tags=("late parcel",))
        if self.state == "waiting":
            shown = shown._replace(mine=False, assignee=None, assignee_id=None)
        elif self.state == "theirs":
            shown = shown._replace(mine=False, assignee="刘洋", assignee_id="a2")
        elif self.state == "ended":
            shown = shown._replace(status="resolved")
        if self.state == "long":
            items = [
                item(100 + number, "customer" if number % 3 else "me", thread()[2 + number % 5].text * (1 + number % 4),
                     minutes=3000 - 3 * number)
                for number in range(1000)
            ]  # fmt: skip
            items.append(item(2000, "customer", "我的快递怎么还没到，等了三天了！" * 625, minutes=0.5))
        pane.show(None if self.state == "idle" else shown, items, recognised, notices, now=NOW)
        pane.offer(filled(self.lang, missing=self.state == "missing"), 1)
        writing = self.state in ("writing", "missing", "draft-writing")
        if self.state in ("draft", "offline", "draft-writing"):
            pane.composer.set_text("非常抱歉让您久等，我先帮您催一下顺丰")
        pane.moving = not writing and self.state != "search"
        if writing:
            self.call_after_refresh(pane.composer.begin)
        if self.state == "offline":
            pane.offline = True
        if self.side:
            shown_orders = [] if self.state in ("idle", "empty") else orders(self.lang)
            side = self.query_one(OrdersPane)
            side.show(shown_orders, NOW, someone=self.state != "idle")
            replies = self.query_one(CannedPane)
            replies.offered = 1
            replies.moving = side.moving = not writing
            replies.show(canned(self.lang), "", 412)
            if self.state == "search":
                replies.begin_search()
            if self.state == "offline":
                side.stale = "21:02"
        else:
            pane.brief(orders(self.lang)[0])

    def on_key(self, event: events.Key) -> None:
        """Moves the thread, as the workstation's commands do."""
        pane = self.query_one(ConversationPane)
        moves = {"pageup": -1, "pagedown": 1}
        if event.key in moves:
            pane.thread.scroll_page(moves[event.key])
        elif event.key == "home":
            pane.thread.scroll_top()
        elif event.key == "end":
            pane.thread.scroll_bottom()
        elif event.key in ("up", "down"):
            self.query_one(OrdersPane).move(1 if event.key == "down" else -1)

    def on_canned_pane_query(self, message: CannedPane.Query) -> None:
        """Searches by title, shortcut and nothing else."""
        self.posted.append(message)
        found = [line for line in canned(self.lang) if message.text in line.title or message.text in line.shortcut]
        self.query_one(CannedPane).show(found, message.text, 412)


class Alone(App[None]):
    """One pane by itself."""

    def __init__(self, pane: Widget) -> None:
        super().__init__()
        pane.styles.height = "100%"
        self.pane, self.ink, self.lang = pane, INKS["dark"], "zh"

    def compose(self) -> ComposeResult:
        yield self.pane


def drawn(widget: Widget) -> list[str]:
    """The rows of a pane, as they are drawn."""
    return [widget.render_line(y).text for y in range(widget.size.height)]


def said(widget: Widget) -> str:
    """What a pane says: its rows, without the spaces that set them."""
    return "\n".join(" ".join(row.split()) for row in drawn(widget))


def main() -> None:
    """Shows the panes."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("state", nargs="?", default="usual")
    parse.add_argument("--ink", default="dark", choices=sorted(INKS))
    parse.add_argument("--lang", default="zh")
    parse.add_argument("--right", type=int, default=38)
    given = parse.parse_args()
    Panes(given.state, given.ink, given.lang, given.right).run()


if __name__ == "__main__":
    main()
