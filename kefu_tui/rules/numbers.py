"""Shapes of order, tracking and card numbers, and who may have issued them.

Gathered from public validation rules: no official specification of any of them was found.
"""

import re
from datetime import date
from typing import NamedTuple


class Candidate(NamedTuple):
    """Who may have issued a number: a carrier, for an order number the platform. Score from 0 to 1; 1 is certain."""

    carrier: str
    score: float


_SURE_TRACKING = (
    (re.compile(r"SF[0-9]{12,13}"), "顺丰"),
    (re.compile(r"YT[0-9]{13}"), "圆通"),
    (re.compile(r"JT[0-9]{13}"), "极兔"),
    (re.compile(r"JD[A-Z]{0,3}[0-9]{11,15}"), "京东"),
    (re.compile(r"DPK[0-9]{12}"), "德邦"),
)
_UPU = re.compile(r"[A-Z]{2}([0-9]{8})([0-9])CN")
_UPU_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)

_LIKELY_TRACKING = (
    (re.compile(r"7[3568][0-9]{12}"), "中通", 0.9),
    (re.compile(r"7[0-9]{13}"), "中通", 0.6),
    (re.compile(r"77[0-9]{13}"), "申通", 0.9),
    (re.compile(r"4[0-9]{14}"), "韵达", 0.9),
    (re.compile(r"(?:268|[4-9]68)[0-9]{10}"), "申通", 0.7),
    (re.compile(r"(?:33|44|55|88|99)[0-9]{11}"), "申通", 0.5),
    (re.compile(r"(?:98|99|12)[0-9]{11}"), "邮政", 0.6),
    (re.compile(r"(?:1[012]|5[012]|9[5789])[0-9]{11}"), "EMS", 0.5),
    (re.compile(r"[0-9]{13}"), "韵达", 0.4),
    (re.compile(r"[0-9]{12}"), "顺丰", 0.4),
    (re.compile(r"[0-9]{12}"), "中通", 0.35),
    (re.compile(r"[0-9]{12,14}"), "百世", 0.25),
    (re.compile(r"[AB][0-9]{12}"), "百世", 0.6),
    (re.compile(r"[DGV][0-9]{9,17}"), "圆通", 0.6),
    (re.compile(r"[0-9]{10,18}"), "圆通", 0.15),
    (re.compile(r"[0-9]{8,10}"), "德邦", 0.3),
    (re.compile(r"SF[0-9]+"), "顺丰", 0.4),
    (re.compile(r"YT[0-9]+"), "圆通", 0.4),
    (re.compile(r"JT[0-9]+"), "极兔", 0.4),
    (re.compile(r"JD[A-Z]*[0-9]+"), "京东", 0.4),
    (re.compile(r"DPK[0-9]+"), "德邦", 0.4),
)
_STRONG = 0.7

_SURE_ORDERS = (
    (re.compile(r"P[0-9]{18}"), "小红书"),
    (re.compile(r"[0-9]{3}-[0-9]{7}-[0-9]{7}"), "Amazon"),
)
_DATED_ORDER = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})-?[0-9]{15,18}")
_LIKELY_ORDERS = (
    (re.compile(r"[0-9]{18}"), "淘宝", 0.9),
    (re.compile(r"[0-9]{19}"), "淘宝", 0.6),
    (re.compile(r"[0-9]{19}"), "抖音", 0.5),
    (re.compile(r"[0-9]{12}"), "京东", 0.7),
    (re.compile(r"[0-9]{11}|[0-9]{13}"), "京东", 0.5),
    (re.compile(r"[0-9]{15,17}"), "淘宝", 0.5),
)

_MOMENT = re.compile(r"20[0-4][0-9](0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])[0-5][0-9]([0-5][0-9])?")
_IDENTITY = re.compile(r"[1-8][0-9]{5}((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})[0-9]{3}[0-9X]")
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def sure_tracking(number: str) -> tuple[Candidate, ...]:
    """The carrier whose tracking number this unmistakably is, or nothing."""
    for shape, carrier in _SURE_TRACKING:
        if shape.fullmatch(number):
            return (Candidate(carrier, 1.0),)
    found = _UPU.fullmatch(number)
    if found and _upu_check_digit(found[1]) == int(found[2]):
        return (Candidate("EMS", 1.0),)
    return ()


def _upu_check_digit(digits: str) -> int:
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, _UPU_WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(check, check)


def likely_tracking(number: str, named: str | None = None) -> tuple[Candidate, ...]:
    """Carriers that number in this shape, best first; `named` is the carrier that the text speaks of."""
    scores: dict[str, float] = {}
    for shape, carrier, score in _LIKELY_TRACKING:
        if carrier not in scores and shape.fullmatch(number):
            scores[carrier] = score
    if named is not None:
        scores[named] = 0.95 if named in scores else 0.75
    return _ranked(scores)


def strong_tracking(candidates: tuple[Candidate, ...]) -> bool:
    """Whether the shape alone makes a tracking number likely."""
    return bool(candidates) and candidates[0].score >= _STRONG


def sure_order(number: str) -> tuple[Candidate, ...]:
    """The platform whose order number this unmistakably is, or nothing."""
    for shape, platform in _SURE_ORDERS:
        if shape.fullmatch(number):
            return (Candidate(platform, 1.0),)
    return (Candidate("拼多多", 1.0),) if "-" in number and _dated(number) else ()


def likely_order(number: str) -> tuple[Candidate, ...]:
    """Platforms that number orders in this shape, best first."""
    scores = {platform: score for shape, platform, score in _LIKELY_ORDERS if shape.fullmatch(number)}
    if _dated(number):
        scores["拼多多"] = 0.8
    return _ranked(scores)


def _dated(number: str) -> bool:
    found = _DATED_ORDER.fullmatch(number)
    return found is not None and _is_date(2000 + int(found[1]), int(found[2]), int(found[3]))


def _ranked(scores: dict[str, float]) -> tuple[Candidate, ...]:
    return tuple(Candidate(name, score) for name, score in sorted(scores.items(), key=lambda item: -item[1]))


def is_moment(digits: str) -> bool:
    """Whether digits read as a date with a time: `20200220235954`."""
    return _MOMENT.fullmatch(digits) is not None


def is_identity_number(number: str) -> bool:
    """Whether this is a Chinese citizen's number (GB 11643: a date of birth and a check digit)."""
    found = _IDENTITY.fullmatch(number)
    if not found or not _is_date(int(found[1]), int(found[2]), int(found[3])):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _IDENTITY_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[17]


def is_bank_card(digits: str) -> bool:
    """Whether this is the number of a Chinese bank card (62…, Luhn)."""
    if not 16 <= len(digits) <= 19 or not digits.startswith("62"):
        return False
    doubled = [int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
