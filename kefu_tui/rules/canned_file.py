"""Canned replies as files hold them: our CSV and the quick-phrase export of 千牛."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

STAGES = ("greet", "ask", "analyse", "recommend", "answer", "close", "confirm", "goodbye", "aftersale")
OURS = ("id", "shortcut", "title", "text", "stage", "scenario", "lang", "scope", "when")
QIANNIU = ("快捷短语编码", "快捷短语", "快捷短语分组")

LONGEST = 10_000
_TITLE = 20
_GROUPS = {
    "欢迎语": ("greet", "greeting"), "问候": ("greet", "greeting"), "接待": ("greet", "greeting"),
    "商品": ("answer", "product"), "尺码": ("answer", "size"), "库存": ("answer", "stock"), "价格": ("close", "price"),
    "优惠": ("close", "promotion"), "活动": ("close", "promotion"), "付款": ("close", "payment"),
    "支付": ("close", "payment"), "发票": ("answer", "invoice"), "订单": ("answer", "order"),
    "物流": ("answer", "logistics"), "快递": ("answer", "logistics"), "发货": ("answer", "logistics"),
    "退货": ("aftersale", "return"), "换货": ("aftersale", "exchange"), "退换": ("aftersale", "return"),
    "退款": ("aftersale", "refund"), "售后": ("aftersale", "return"), "投诉": ("aftersale", "complaint"),
    "道歉": ("aftersale", "apology"), "结束语": ("goodbye", "goodbye"), "告别": ("goodbye", "goodbye"),
}  # fmt: skip


class ParsedReply(NamedTuple):
    """A canned reply of a file; `id` is empty where the file names none."""

    id: str
    shortcut: str
    title: str
    text: str
    stage: str
    scenario: str
    lang: str
    scope: str
    when: str
    line: int = 0
    """Where it stands in the file; the header is 1."""


class RowError(NamedTuple):
    """A row that cannot be taken: line in the file (the header is 1), and what is wrong in both languages."""

    line: int
    zh: str
    en: str


def read_replies(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[ParsedReply | RowError]:
    """The canned replies of a file in either form, an error for each row that cannot be taken; empty rows go."""
    names = [name.strip("\ufeff \t\u3000").lower() for name in header]
    if tuple(names[:3]) == QIANNIU:
        names = ["shortcut", "text", "group", *names[3:]]
    if "text" not in names:
        yield RowError(
            1,
            f"表头要有 text 这一列，或者是千牛的 {','.join(QIANNIU)}",
            f"the header needs a column text, or is 千牛's {','.join(QIANNIU)}",
        )
        return
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        yield _reply(line, dict(zip(names, row, strict=False)))


def _reply(line: int, cells: dict[str, str]) -> ParsedReply | RowError:
    text = cells.get("text", "").strip()
    if not text:
        return RowError(line, "没有内容", "the text is empty")
    if len(text) > LONGEST:
        return RowError(line, f"超过 {LONGEST} 字", f"more than {LONGEST} characters")
    group = cells.get("group", "").strip()
    stage, scenario = _GROUPS.get(group, ("answer", group or "other"))
    stage = cells.get("stage", "").strip() or stage
    if stage not in STAGES:
        return RowError(
            line, f"没有阶段 {stage}：{'、'.join(STAGES)}", f"there is no stage {stage}: {', '.join(STAGES)}"
        )
    scope = cells.get("scope", "").strip()
    if scope not in ("", "company", "agent"):
        return RowError(line, f"没有范围 {scope}：company 或 agent", f"there is no scope {scope}: company or agent")
    return ParsedReply(
        id=cells.get("id", "").strip(),
        shortcut=cells.get("shortcut", "").strip(),
        title=cells.get("title", "").strip() or _title(text),
        text=text,
        stage=stage,
        scenario=cells.get("scenario", "").strip() or scenario,
        lang=cells.get("lang", "").strip() or ("en" if text.isascii() else "zh"),
        scope=scope,
        when=" ".join(cells.get("when", "").split()),
        line=line,
    )


def _title(text: str) -> str:
    """What a reply without a title is called: its first words."""
    first = " ".join(text.split("\n")[0].split())
    return first if len(first) <= _TITLE else first[: _TITLE - 1] + "…"
