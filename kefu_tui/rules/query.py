"""The query language of search and of the queue's filters: words, and conditions such as `tag:急` or `before:11-02`."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kefu_tui.now import DAY, HOUR, MINUTE, SECOND

FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "from": ("来自", ()),
    "tag": ("标签", ()),
    "kind": (
        "类别",
        (
            "presale", "order", "logistics", "aftersale", "return", "complaint", "technical", "invoice", "suggestion",
            "praise", "other",
        ),
    ),
    "channel": ("渠道", ()),
    "status": ("状态", ("waiting", "open", "snoozed", "resolved", "closed")),
    "tier": ("等级", ("new", "regular", "returning", "vip")),
    "assignee": ("接待", ("me", "none")),
    "group": ("组", ()),
    "order": ("订单", ()),
    "before": ("之前", ("today", "yesterday")),
    "after": ("之后", ("today", "yesterday")),
    "is": ("是", ("unread", "mine", "waiting", "offered", "late", "soon", "held", "pinned")),
    "lang": ("语言", ("zh", "en")),
}  # fmt: skip
"""Field, its Chinese name, and the values it knows; none: any text."""

VALUES: dict[str, str] = {
    "售前": "presale", "物流": "logistics", "售后": "aftersale", "退换": "return", "退货": "return", "投诉": "complaint",
    "技术": "technical", "发票": "invoice", "建议": "suggestion", "表扬": "praise", "其他": "other",
    "等候": "waiting", "接待中": "open", "稍后": "snoozed", "已结束": "resolved", "已关闭": "closed", "新客": "new",
    "普通": "regular", "老客": "returning", "我": "me", "我的": "mine", "无": "none", "没有": "none", "未读": "unread",
    "转给我": "offered", "超时": "late", "快到": "soon", "扣下": "held", "置顶": "pinned", "中文": "zh", "英文": "en",
    "今天": "today", "昨天": "yesterday",
}  # fmt: skip
"""Chinese words for values."""

_CHINESE = {zh: field for field, (zh, _) in FIELDS.items()}
_TOKEN = re.compile(r"""(?P<not>-)?(?:(?P<field>[^\s:"]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))""")
_SPAN = re.compile(r"(\d{1,4})\s*(d|天|h|时|小时|m|分|分钟)前?")
_DATE = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})")
_UNITS = {"d": DAY, "天": DAY, "h": HOUR, "时": HOUR, "小时": HOUR, "m": MINUTE, "分": MINUTE, "分钟": MINUTE}


class Condition(NamedTuple):
    """A field and what it must be; `negated`: must not."""

    field: str
    value: str
    negated: bool = False


class Trouble(NamedTuple):
    """What in a query cannot be understood, one sentence in Chinese and English."""

    zh: str
    en: str

    def say(self, lang: str) -> str:
        """The sentence in a language."""
        return self.en if lang == "en" else self.zh


class Query(NamedTuple):
    """A query as understood: every word and every condition must fit."""

    words: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    without: tuple[str, ...] = ()
    """Words that must not occur."""
    troubles: tuple[Trouble, ...] = ()

    def of(self, field: str) -> list[Condition]:
        """The conditions on a field."""
        return [one for one in self.conditions if one.field == field]


def parse(text: str) -> Query:
    """What a text asks for. Full-width characters fold, case does not matter; what is not understood is told."""
    words: list[str] = []
    without: list[str] = []
    conditions: list[Condition] = []
    troubles: list[Trouble] = []
    for found in _TOKEN.finditer(unicodedata.normalize("NFKC", text).lower()):
        value = found["quoted"] if found["quoted"] is not None else found["plain"]
        negated = found["not"] is not None
        named = found["field"]
        field = _CHINESE.get(named, named) if named else None
        if field is None or (field not in FIELDS and not named.isalpha()):
            word = f"{named}:{value}" if named else value
            if word.strip():
                (without if negated else words).append(word.strip())
        elif field not in FIELDS:
            known = "、".join(FIELDS)
            troubles.append(
                Trouble(f"没有 {named}: 这个条件，有：{known}。", f"No condition {named}:. There are: {known}.")
            )
        elif (trouble := _wrong(field, named, VALUES.get(value, value))) is not None:
            troubles.append(trouble)
        else:
            conditions.append(Condition(field, VALUES.get(value, value), negated))
    return Query(tuple(words), tuple(conditions), tuple(without), tuple(troubles))


def _wrong(field: str, named: str, value: str) -> Trouble | None:
    if not value:
        return Trouble(f"{named}: 后面要有内容。", f"Something is to follow {named}:.")
    known = FIELDS[field][1]
    if field in ("before", "after"):
        if moment(value, 0, "UTC") is None:
            return Trouble(
                f"{named}: 后面写日期或多久之前：11-02、2026-11-02、3天、今天。",
                f"{named}: takes a date or how long ago: 11-02, 2026-11-02, 3d, today.",
            )
    elif known and value not in known and field not in ("assignee",):
        choice = "、".join(known)
        return Trouble(f"{named}: 可以是 {choice}。", f"{named}: may be {choice}.")
    return None


def moment(value: str, now: int, zone: str) -> int | None:
    """The moment (µs UTC) that a value of `before` and `after` means: the start of a day, or so long ago; None: neither."""
    local = datetime.fromtimestamp(now // SECOND, ZoneInfo(zone))
    today = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if value in ("today", "yesterday"):
        return int((today - timedelta(days=value == "yesterday")).timestamp()) * SECOND
    if found := _SPAN.fullmatch(value):
        return now - int(found[1]) * _UNITS[found[2]]
    if found := _DATE.fullmatch(value):
        try:
            day = today.replace(year=int(found[1] or local.year), month=int(found[2]), day=int(found[3]))
            if not found[1] and day > today and now:
                day = day.replace(year=local.year - 1)
            return int(day.timestamp()) * SECOND
        except (ValueError, OverflowError):
            return None
    return None


def completions(text: str) -> list[str]:
    """What the last word of a query may become: fields that begin so, or values of its field."""
    last = re.split(r"\s", unicodedata.normalize("NFKC", text).lower())[-1].removeprefix("-")
    name, colon, value = last.partition(":")
    if colon:
        field = _CHINESE.get(name, name)
        return [one for one in FIELDS.get(field, ("", ()))[1] if one.startswith(value) and one != value]
    if not name:
        return []
    return [f"{field}:" for field, (zh, _) in FIELDS.items() if field.startswith(name) or zh.startswith(name)]
