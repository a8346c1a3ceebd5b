"""How times are written in the answers that customers and channels read."""

from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(at: int) -> str:
    """Microseconds UTC as RFC 3339: 2026-11-02T21:04:18.000250Z."""
    return (
        datetime.fromtimestamp(at // 1_000_000, UTC)
        .replace(microsecond=at % 1_000_000)
        .isoformat(timespec="microseconds")
        .replace("+00:00", "Z")
    )
