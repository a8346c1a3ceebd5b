"""Adding channels: a name, a group that their customers come to, and the secret that signs both ways."""

import os
import re

from kefu_tui.backend.service import Service
from kefu_tui.channels.webhook import address_fault, fresh_secret
from kefu_tui.rules.calls import is_phone
from kefu_tui.spoken import Spoken

KINDS = ("webhook", "phone")
"""Kinds that can be added. The chat page's own channel, `web`, is there from the start."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class ChannelError(Spoken):
    """A channel cannot be made; the message is one line that says why and what to do."""


def add_channel(service: Service, name: str, kind: str, *, address: str = "", group: str = "default") -> str:
    """Adds a channel and returns its secret, which is told this once; safe while another process serves.

    `address` is where replies are POSTed; without one the channel only takes messages in. Raises ChannelError.
    """
    if not _NAME.fullmatch(name):
        raise ChannelError(
            f"{name!r} 不能当渠道名：小写字母、数字、- 和 _，最多 40 个。",
            f"{name!r} is no channel name: small letters, digits, - and _, at most 40.",
        )
    if kind not in KINDS:
        raise ChannelError(
            f"还不能加 {kind} 这一种渠道。能加的：{'、'.join(KINDS)}。",
            f"Channels of kind {kind!r} cannot be added. Kinds: {', '.join(KINDS)}.",
        )
    if (kind == "phone") != is_phone(name):
        raise ChannelError(
            f"电话渠道叫 phone，或以 phone- 开头（phone-400），别的渠道不能这样叫：{name}。",
            f"Telephone channels are called phone or phone-… (phone-400), others are not: {name!r}.",
        )
    if kind == "phone" and address:
        raise ChannelError(
            "电话渠道没有回复地址：给来电的人发不了文字。",
            "A telephone channel has no address for replies: nothing is written to a caller.",
        )
    fault = address_fault(address) if address else None
    if fault:
        raise ChannelError(f"地址 {address!r} 不能用：{fault}。", f"The address {address!r} cannot be used: {fault}.")
    secret = fresh_secret(os.urandom)
    with service.database.write() as connection:
        found = connection.execute("SELECT id FROM agent_group WHERE name = ?", (group,)).fetchone()
        if found is None:
            raise ChannelError(f"没有 {group} 这个组。", f"There is no group {group!r}.")
        added = connection.execute(
            "INSERT INTO channel (name, kind, group_id, secret, address, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (name, kind, found[0], secret, address, service.now()),
        )
        if added.rowcount == 0:
            raise ChannelError(f"已经有渠道 {name} 了。", f"There is a channel {name!r} already.")
    return secret
