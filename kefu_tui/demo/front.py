"""The workstation in front of a demo or a small shop: on the desk, syncing, with the chat page's address told."""

import sys

import platformdirs

from kefu_tui.desk.desk import Desk
from kefu_tui.ids import derive

KEYMAP = "keymap.toml"


def work_at(desk: Desk, backend: str, theme: str | None) -> None:
    """Opens the workstation on a desk and returns when it is left; the chat page's address is a notice in it."""
    page = f"{backend}/chat"
    _leave_notice(desk, page)
    line = f"顾客聊天页：{page}" if desk.lang == "zh" else f"Customers chat at {page}"
    print(line, file=sys.stderr, flush=True)
    from kefu_tui.app import KefuApp

    keymap = platformdirs.user_config_path("kefu") / KEYMAP
    KefuApp(desk, theme=theme, lang=desk.lang, keymap=keymap if keymap.exists() else None).run()


def _leave_notice(desk: Desk, page: str) -> None:
    id, now = derive("notice", page), desk.now()
    desk.store.write(
        lambda connection: (
            connection.execute(
                "INSERT OR IGNORE INTO notice (id, level, code, facts, body, at) "
                "VALUES (?, 'info', 'chat-page', '{}', ?, ?)",
                (id, page, now),
            ).rowcount
        )
    ).result()
