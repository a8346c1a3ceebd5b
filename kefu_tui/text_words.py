"""How times, money, numbers and names are written."""

import math
import re
import unicodedata
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from kefu_tui.text_cells import clusters
from kefu_tui.text_clean import one_line

Lang = str
"""`zh` or `en`; anything else is written as `en`."""
Urgency = Literal["calm", "soon", "now", "over"]

SIGNS: dict[Urgency, str] = {"calm": "", "soon": "*", "now": "!", "over": "+"}

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SIZES = (_DAY, _HOUR, _MINUTE, 1)
_UNITS = {"zh": ("分", "时", "天"), "en": ("m", "h", "d")}
_WORDS = {"zh": ("天", "小时", "分", "秒"), "en": ("d", "h", "min", "s")}
_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3}

_NUMBER = re.compile(r"\+?[0-9*][0-9* ()-]{5,}")
_COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳司马上官诸葛东方皇甫尉迟公孙慕容司徒令狐夏侯长孙宇文轩辕端木独孤南宫西门百里呼延澹台"
        "公冶宗政濮阳淳于单于太叔申屠仲孙钟离闾丘司空司寇完颜拓跋赫连万俟闻人东郭第五",
    )
)


def mask_name(name: str) -> str:
    """A person's name without what tells who it is: `王小美` to `王**`, `欧阳锋` to `欧阳*`, `Wang Fang` to `Wang**`.

    A telephone number in its place is masked as one.
    """
    name = name.strip()
    if not name or name.endswith("*"):
        return name
    if _NUMBER.fullmatch(name):
        return mask_phone(name)
    first, _, rest = name.partition(" ")
    if rest and first.isascii() and first.isalpha():
        return f"{first}**"
    pieces = [name[start:end] for start, end, _ in clusters(name)]
    kept = 2 if len(pieces) > 2 and name[:2] in _COMPOUND_SURNAMES else 1
    hidden = len(pieces) - kept
    return "".join(pieces[:kept]) + ("*" if hidden < 2 else "**")


def mask_phone(phone: str) -> str:
    """A phone number with its middle hidden: `13812341234` to `138****1234`; nothing of a very short one is shown."""
    if "*" in phone:
        return phone
    digits = re.sub(r"[^0-9]", "", phone)
    digits = re.sub(r"^(?:00)?86(?=1[3-9][0-9]{9}$)", "", digits)
    head = digits[:3] if len(digits) >= 10 else ""
    return head + "****" + (digits[-4:] if len(digits) >= 7 else "")


def countdown(seconds_left: float, *, paused: bool = False, lang: Lang = "zh") -> str:
    """Time left, the rougher the calmer: `2:38`, `18分`, `5时`, `3天`; past the due time `+1:12`, `+2时`."""
    if paused:
        return "停" if lang == "zh" else "held"
    if seconds_left <= 0:
        return "+" + _span(math.floor(-seconds_left), lang)
    return _span(math.ceil(seconds_left), lang)


def _span(seconds: int, lang: Lang) -> str:
    minutes, hours, days = _UNITS.get(lang, _UNITS["en"])
    if seconds < 10 * _MINUTE:
        return f"{seconds // _MINUTE}:{seconds % _MINUTE:02d}"
    if seconds < 2 * _HOUR:
        return f"{seconds // _MINUTE}{minutes}"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR}{hours}"
    return f"{seconds // _DAY}{days}"


def urgency(now: float, started: float, due: float, *, soon: float = 0.5, warn: float = 0.8) -> Urgency:
    """How near a due time is, by the share of the target that is used up; all three in the same unit."""
    target = due - started
    return urgency_at(now, started + soon * target, started + warn * target, due)


def urgency_at(now: float, soon_at: float | None, warn_at: float | None, due_at: float | None) -> Urgency:
    """How near a due time is, from the points of a clock; a clock without a due time is calm."""
    if due_at is not None and now >= due_at:
        return "over"
    if warn_at is not None and now >= warn_at:
        return "now"
    if soon_at is not None and now >= soon_at:
        return "soon"
    return "calm"


def signed_countdown(seconds_left: float, urgent: Urgency, *, paused: bool = False, lang: Lang = "zh") -> str:
    """`countdown` with the sign of its urgency in front: `*1:25`, `!0:41`, `+1:12`; calm and paused have none."""
    words = countdown(seconds_left, paused=paused, lang=lang)
    return words if paused or words.startswith("+") or urgent == "over" else SIGNS[urgent] + words


@lru_cache(32)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _local(us: int, zone: str) -> datetime:
    return datetime.fromtimestamp(us // 1_000_000, _zone(zone))


def clock_of_day(us: int, zone: str, *, seconds: bool = False) -> str:
    """`21:04`, 24 hours, in an IANA zone; `us` is microseconds UTC."""
    return _local(us, zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def day(us: int, now: int, zone: str, lang: Lang = "zh") -> str:
    """`今天`, `昨天`, `11-02`, in another year `2024-11-02`; both times in microseconds UTC."""
    date, today = _local(us, zone).date(), _local(now, zone).date()
    if date == today:
        return "今天" if lang == "zh" else "today"
    if date == today - timedelta(days=1):
        return "昨天" if lang == "zh" else "yesterday"
    return date.strftime("%m-%d") if date.year == today.year else date.isoformat()


def last_words(preview: str, lang: Lang = "zh") -> str:
    """The last words of a conversation for a list, on one line; where there are none yet, that its customer only came in."""
    if preview:
        return one_line(preview)
    return "came in, not written yet" if lang == "en" else "客户进来了，还没说话"


def duration_words(seconds: float, lang: Lang = "zh") -> str:
    """A duration for a sentence, its two greatest units: `2 分 14 秒`, `2 min 14 s`."""
    left = max(0, math.floor(seconds))
    words = _WORDS.get(lang, _WORDS["en"])
    greatest = next((index for index, size in enumerate(_SIZES) if left >= size), 3)
    parts: list[str] = []
    for size, word in zip(_SIZES[greatest : greatest + 2], words[greatest : greatest + 2], strict=True):
        figure, left = divmod(left, size)
        if figure or not parts:
            parts.append(f"{figure} {word}")
    return " ".join(parts)


def money(minor: int, currency: str = "CNY") -> str:
    """An amount of minor units: `¥128.00`, other currencies by code, `EUR 12.00`."""
    digits = _MINOR_DIGITS.get(currency, 2)
    whole, part = divmod(abs(minor), 10**digits)
    figure = f"{whole}.{part:0{digits}d}" if digits else str(whole)
    sign = "-" if minor < 0 else ""
    return f"{sign}¥{figure}" if currency == "CNY" else f"{currency} {sign}{figure}"


def group_number(number: str) -> str:
    """A long number in groups of four: `3287 4091 2344`; its letters, dashes and short parts stay."""
    return re.sub(r"[0-9]{8,}", _grouped, number)


def _grouped(run: re.Match[str]) -> str:
    glued = run.start() > 0 and run.string[run.start() - 1].isalpha()
    return (" " if glued else "") + " ".join(re.findall(r"[0-9]{1,4}", run[0]))


def count(number: int, lang: Lang = "zh") -> str:
    """A figure that stays short: plain below 100,000, then `10.2万`, in English `102k`; rounded down."""
    if number < 100_000:
        return str(number)
    if lang == "zh":
        return _tenths(number, 100_000_000, "亿") if number >= 100_000_000 else _tenths(number, 10_000, "万")
    return _tenths(number, 1_000_000, "M") if number >= 1_000_000 else f"{number // 1000}k"


def _tenths(number: int, unit: int, word: str) -> str:
    whole, tenth = divmod(number * 10 // unit, 10)
    return f"{whole}.{tenth}{word}" if tenth else f"{whole}{word}"


_KEYS = {"。": ".", "、": "/", "【": "[", "】": "]", "「": "[", "」": "]", "《": "<", "》": ">", "￥": "$"}
_KEYS |= {"“": '"', "”": '"', "‘": "'", "’": "'", "·": "`"}
"""What stands on the keys of an American keyboard while a Chinese input method types its punctuation."""


def fold_key(char: str) -> str:
    """The key that a full-width character stands for while a Chinese input method is on: `？` is `?`, `／` is `/`."""
    folded = _KEYS.get(char) or unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char
