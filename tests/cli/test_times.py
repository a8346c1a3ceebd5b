"""Times on the command line, read and told."""

import pytest

from kefu_tui.cli.times import iso, later, moment
from kefu_tui.now import DAY, HOUR, MINUTE, SECOND

ZONE = "Asia/Shanghai"
NOON = 1_771_042_260 * SECOND  # 2026-02-14 12:11:00 in Shanghai


def test_iso_has_the_zone_and_no_empty_part() -> None:
    assert iso(NOON, ZONE) == "2026-02-14T12:11:00+08:00"
    assert iso(NOON + 137_999, ZONE) == "2026-02-14T12:11:00.137+08:00"
    assert iso(NOON + 999, ZONE) == "2026-02-14T12:11:00+08:00"
    assert iso(None, ZONE) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-14T12:11:00+08:00", NOON),
        ("2026-02-14T04:11:00Z", NOON),
        ("2026-02-14 12:11", NOON),
        ("2026-02-14T12:11:00.5+08:00", NOON + SECOND // 2),
        ("yesterday", None),
        ("", None),
        ("2026-13-01", None),
    ],
)
def test_moment(text: str, expected: int | None) -> None:
    assert moment(text, ZONE) == expected


def test_told_is_read_back() -> None:
    assert moment(str(iso(NOON, ZONE)), "Europe/Berlin") == NOON


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", NOON + 30 * MINUTE),
        ("2h", NOON + 2 * HOUR),
        ("45 秒", NOON + 45 * SECOND),
        ("3天", NOON + 3 * DAY),
        ("18:30", NOON + 6 * HOUR + 19 * MINUTE),
        ("12:00", NOON + DAY - 11 * MINUTE),
        ("明天 9:00", NOON + DAY - 3 * HOUR - 11 * MINUTE),
        ("tomorrow 9:00", NOON + DAY - 3 * HOUR - 11 * MINUTE),
        ("2026-02-15", NOON + 11 * HOUR + 49 * MINUTE),
        ("25:00", None),
        ("soon", None),
        ("-5m", None),
    ],
)
def test_later(text: str, expected: int | None) -> None:
    assert later(text, NOON, ZONE) == expected
