"""Accounts: adding users, and signing in with a password on a device."""

import hashlib
import secrets
from collections.abc import Sequence

from argon2.exceptions import InvalidHashError, VerificationError

from kefu_tui.backend import brake
from kefu_tui.backend.commits import News
from kefu_tui.backend.database import SPACE, head
from kefu_tui.backend.problems import Refused
from kefu_tui.backend.service import Service
from kefu_tui.backend.visibility import scope
from kefu_tui.ids import derive
from kefu_tui.model.rows import Agent, Group
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.operations import Operation, Refusal, View
from kefu_tui.operations.base import actor_of
from kefu_tui.operations.people import AddAgent, AddGroup
from kefu_tui.spoken import Spoken
from kefu_tui.wire import SignedIn, SignIn

SHORTEST = 8
"""Characters of a password."""


class AccountError(Spoken):
    """An account cannot be made; the message is one line that says why and what to do."""


def group_id(name: str) -> str:
    """The id that a group of this name gets."""
    return derive("group", name)


def add_user(
    service: Service,
    login: str,
    role: str,
    groups: Sequence[str],
    password: str,
    *,
    name: str = "",
    create_group: bool = False,
) -> str:
    """Adds an agent with its account, working in groups given by name (`default` when none), and returns its id.

    One transaction, safe while another process serves the same database. Raises AccountError for a short password, a
    login that is taken, an unknown role, and a group that is not there unless it may be created.
    """
    if len(password) < SHORTEST:
        raise AccountError(
            f"密码太短，至少 {SHORTEST} 位。", f"The password is too short: at least {SHORTEST} characters."
        )
    hashed = service.hasher.hash(password)
    agent_id = service.ids()
    with service.database.write() as connection:
        ids = []
        for group in groups or ("default",):
            found = Reader(connection).where(Group, "name", group)
            if not found and not create_group:
                known = ", ".join(row[0] for row in connection.execute("SELECT name FROM agent_group ORDER BY name"))
                raise AccountError(
                    f"没有 {group} 这个组。现有：{known}。", f"There is no group {group!r}. Groups: {known}."
                )
            if not found:
                _run(service, connection, AddGroup(group_id=group_id(group), name=group, title=group))
            ids.append(found[0].id if found else group_id(group))
        add = AddAgent(agent_id=agent_id, login=login, name=name or login, role=role, groups=tuple(dict.fromkeys(ids)))
        news = _run(service, connection, add)
        connection.execute("INSERT INTO account VALUES (?, ?, ?)", (agent_id, login, hashed))
    if news:
        service.commits.on_commit(news)
    return agent_id


def _run(service: Service, connection: Connection, operation: Operation) -> News | None:
    outcome, news = service.commits.within(connection, operation, service.ids())
    if isinstance(outcome, Refusal):
        raise AccountError(outcome.say("zh"), outcome.say("en"))
    return news


class Accounts:
    """Signing in. An unknown login takes the same time and the same refusals as a wrong password."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._nobody = service.hasher.hash(secrets.token_urlsafe(32))

    def sign_in(self, asked: SignIn, address: str) -> SignedIn:
        """Checks login and password, registers the device and gives it a fresh token; an older one of it ends.

        Raises Refused: `locked-out`, `wrong-password`, `device-taken`, `device-revoked`.
        """
        service, keys = self._service, brake.keys(asked.login, address)
        with service.database.write() as connection:
            wait = brake.attempt(connection, service.settings, keys, service.now())
        if wait:
            raise Refused("locked-out", f"Try again in {wait:.0f} s.", retry_after=wait)
        with service.database.read() as connection:
            found = connection.execute(
                "SELECT agent_id, password_hash FROM account WHERE login = ?", (asked.login,)
            ).fetchone()
            agent = Reader(connection).get(Agent, found[0]) if found else None
        right = self._right(found[1] if found else self._nobody, asked.password)
        if not right or agent is None or agent.left_at is not None:
            raise Refused("wrong-password")
        with service.database.write() as connection:
            brake.release(connection, service.settings, keys)
            return self._register(connection, agent, asked)

    def _right(self, hashed: str, password: str) -> bool:
        try:
            return self._service.hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _register(self, connection: Connection, agent: Agent, asked: SignIn) -> SignedIn:
        service, now = self._service, self._service.now()
        known = connection.execute(
            "SELECT agent_id, revoked_at, last_op_no FROM device WHERE id = ?", (asked.device_id,)
        ).fetchone()
        if known and known[0] != agent.id:
            raise Refused("device-taken", "Each agent has a store and a device id of their own.")
        if known and known[1] is not None:
            raise Refused("device-revoked")
        token = secrets.token_urlsafe(32)
        expires = now + service.settings.token_life
        connection.execute(
            "INSERT INTO device (id, agent_id, name, app_version, last_op_no, token_hash, token_expires_at, "
            "created_at, seen_at) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name, app_version = excluded.app_version, "
            "token_hash = excluded.token_hash, token_expires_at = excluded.token_expires_at, "
            "seen_at = excluded.seen_at",
            (asked.device_id, agent.id, asked.device_name, asked.app_version, token_hash(token), expires, now, now),
        )
        actor = actor_of(View(Reader(connection)), agent)
        return SignedIn(
            token=token,
            expires_at=expires,
            agent_id=agent.id,
            login=agent.login,
            name=agent.name,
            role=agent.role,
            space_id=SPACE,
            epoch=head(connection)[0],
            groups=sorted(scope(connection, actor)),
            last_op_no=known[2] if known else 0,
        )


def token_hash(token: str) -> str:
    """How a token is stored and found again."""
    return hashlib.sha256(token.encode()).hexdigest()
