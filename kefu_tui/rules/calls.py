"""Telephone calls: the channels they come on, their numbers, and how a call is kept in a thread and said in words."""

import re
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from kefu_tui.now import SECOND

PHONE = "phone"
"""The channel of calls; one that begins with it and a dash (`phone-400`) is a line of its own."""
LONGEST = 20
"""Digits of the longest number."""

_BETWEEN = re.compile(r"[\s().\-–·/]+")
_NUMBER = re.compile(rf"\+?[0-9*#]{{3,{LONGEST}}}")
_CHINA = re.compile(r"(?:\+|00)?86(?=1[3-9][0-9]{9}$)")


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """A call as its line in the thread keeps it. Times in µs UTC; one logged by hand may have none."""

    way: Literal["in", "out"]
    rang_at: int | None = None
    answered_at: int | None = None
    ended_at: int | None = None
    missed: bool = False

    @property
    def rings(self) -> bool:
        """Whether it came in and nobody has answered it yet."""
        return self.way == "in" and self.answered_at is None and self.ended_at is None and not self.missed


def is_phone(channel: str) -> bool:
    """Whether calls come on a channel, so that nothing can be written to who is there."""
    return channel == PHONE or channel.startswith(PHONE + "-")


def number(text: str) -> str:
    """A telephone number without what stands between its digits and without China's 86; '' for what is none."""
    bare = _CHINA.sub("", _BETWEEN.sub("", text))
    return bare if _NUMBER.fullmatch(bare) and any(char.isdigit() for char in bare) else ""


def masked(told: str) -> str:
    """What a caller is called who gave no name: the number with its middle hidden."""
    digits = "".join(char for char in told if char.isdigit())
    return (digits[:3] if len(digits) >= 10 else "") + "****" + (digits[-4:] if len(digits) >= 7 else "")


def kept(call: Call) -> str:
    """A call as the text of its line."""
    return msgspec.json.encode(call).decode()


def read(text: str) -> Call | None:
    """The call that a line keeps; None where it is no call's."""
    if not text.startswith("{"):
        return None
    try:
        return msgspec.json.decode(text, type=Call)
    except (msgspec.DecodeError, UnicodeError):
        return None


def words(call: Call, lang: str, zone: str) -> str:
    """A call in words: `来电 10:02:11，10:02:18 接起`, `Rang 10:02:11, missed`."""
    parts = [_begun(call, lang, zone)]
    if call.answered_at is not None:
        clock = _clock(call.answered_at, zone)
        if lang != "zh":
            parts.append(f"answered {clock}")
        else:
            parts.append(f"{clock} {'接起' if call.way == 'in' else '接通'}")
    elif call.missed:
        zh, en = ("没有接到", "missed") if call.way == "in" else ("没有人接", "no answer")
        parts.append(zh if lang == "zh" else en)
    if call.ended_at is not None:
        clock = _clock(call.ended_at, zone)
        parts.append(f"{clock} 挂断" if lang == "zh" else f"ended {clock}")
    return ("，" if lang == "zh" else ", ").join(parts)


def _begun(call: Call, lang: str, zone: str) -> str:
    clock = _clock(call.rang_at, zone) if call.rang_at is not None else ""
    if lang == "zh":
        return f"{'来电' if call.way == 'in' else '去电'} {clock}".strip()
    if clock:
        return f"{'Rang' if call.way == 'in' else 'Called'} {clock}"
    return "Call came in" if call.way == "in" else "Called out"


def _clock(us: int, zone: str) -> str:
    try:
        return datetime.fromtimestamp(us // SECOND, ZoneInfo(zone)).strftime("%H:%M:%S")
    except (OverflowError, OSError, ValueError):
        return "--:--:--"
