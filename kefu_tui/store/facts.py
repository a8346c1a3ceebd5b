"""Facts about the store: whose it is, its device, its backend, how sync stands. Keys and their values are strings.

agent_id, login, device_id, backend, token, token_expires_at, epoch, head, sync_state, sync_since, lang, device_forked,
compare_place, compare_mended.
"""

from kefu_tui.model.sql import Connection

FORKED = "device_forked"
"""Set where the backend has other operations under this device's numbers."""


def get(connection: Connection, key: str, default: str = "") -> str:
    """The value of a fact, or the default."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(found[0]) if found else default


def set(connection: Connection, key: str, value: str) -> None:
    """Writes a fact."""
    connection.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def forget(connection: Connection, *keys: str) -> None:
    """Removes facts."""
    connection.executemany("DELETE FROM meta WHERE key = ?", [(key,) for key in keys])
