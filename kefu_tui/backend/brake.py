"""The brake against guessing passwords: failures count for the login and for the address, and lock with back-off."""

import hashlib

from kefu_tui.backend.rate import origin
from kefu_tui.backend.service import Settings
from kefu_tui.model.sql import Connection
from kefu_tui.now import DAY, SECOND

ADDRESS_SHARE = 4
"""An address has this many times the tries of a login: several agents sit behind one."""


def keys(login: str, address: str) -> tuple[str, str]:
    """What failures are counted for: the login, whether it exists or not, and the address."""
    return f"login:{hashlib.sha256(login.encode()).hexdigest()[:32]}", f"address:{origin(address)}"


def attempt(connection: Connection, settings: Settings, keys: tuple[str, str], now: int) -> float:
    """Counts an attempt as failed before it is looked at, so that parallel guesses count too; 0.0 when it may go on.

    Returns the seconds to wait when locked; then nothing is counted.
    """
    found = {key: _found(connection, key, now) for key in keys}
    locked = max(until for _, until in found.values())
    if locked > now:
        return (locked - now) / SECOND
    for key, (failures, _) in found.items():
        over = failures + 1 - _free(settings, key)
        lock = min(settings.longest_lock, settings.first_lock << min(over, 20)) if over >= 0 else 0
        connection.execute(
            "INSERT INTO brake VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, "
            "locked_until = excluded.locked_until, at = excluded.at",
            (key, failures + 1, now + lock, now),
        )
    connection.execute("DELETE FROM brake WHERE at < ?", (now - DAY,))
    return 0.0


def release(connection: Connection, settings: Settings, keys: tuple[str, str]) -> None:
    """The attempt was right: the login is free again, the address has one failure less."""
    login, address = keys
    connection.execute("DELETE FROM brake WHERE key = ?", (login,))
    connection.execute("UPDATE brake SET failures = failures - 1 WHERE key = ?", (address,))
    connection.execute(
        "UPDATE brake SET locked_until = 0 WHERE key = ? AND failures < ?", (address, _free(settings, address))
    )


def _found(connection: Connection, key: str, now: int) -> tuple[int, int]:
    found = connection.execute("SELECT failures, locked_until FROM brake WHERE key = ? AND at >= ?", (key, now - DAY))
    row = found.fetchone()
    return (row[0], row[1]) if row else (0, 0)


def _free(settings: Settings, key: str) -> int:
    return settings.free_tries * (ADDRESS_SHARE if key.startswith("address:") else 1)
