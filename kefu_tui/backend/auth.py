"""Signing in and out over HTTP, and the check of a desk's token before everything else."""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Request, Response

from kefu_tui.backend.accounts import Accounts, token_hash
from kefu_tui.backend.http import read, reply
from kefu_tui.backend.openapi import described
from kefu_tui.backend.problems import Refused
from kefu_tui.backend.service import Here, Service
from kefu_tui.backend.shapes import Me
from kefu_tui.backend.visibility import scope
from kefu_tui.model.rows import Agent
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.operations import View
from kefu_tui.operations.base import Actor, actor_of
from kefu_tui.wire import SignedIn, SignIn

LONGEST = 200
"""Characters of a login, a device id and other names in a sign-in."""

router = APIRouter(prefix="/auth/v1", tags=["sign-in"])


class Signed(NamedTuple):
    """Who asks: a device that is signed in, its agent, and until when (µs UTC)."""

    device_id: str
    agent: Agent
    actor: Actor
    expires_at: int


async def bearer(request: Request) -> str:
    """The bearer token of a request. Raises Refused `not-signed-in` when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused("not-signed-in")
    return token.strip()


def signed_by(service: Service, connection: Connection, token: str) -> Signed:
    """Whose token this is. Raises Refused `not-signed-in` (unknown, expired, left) or `device-revoked`."""
    found = connection.execute(
        "SELECT id, agent_id, token_expires_at, revoked_at FROM device WHERE token_hash = ?", (token_hash(token),)
    ).fetchone()
    if found is None:
        raise Refused("not-signed-in", "The token is not known.")
    device_id, agent_id, expires_at, revoked_at = found
    if revoked_at is not None:
        raise Refused("device-revoked")
    if expires_at <= service.now():
        raise Refused("not-signed-in", "The token has expired.")
    agent = Reader(connection).get(Agent, agent_id)
    if agent is None or agent.left_at is not None:
        raise Refused("not-signed-in", "This agent has left.")
    return Signed(device_id, agent, actor_of(View(Reader(connection)), agent), expires_at)


async def _desk(service: Here, token: Annotated[str, Depends(bearer)]) -> Signed:
    def look() -> Signed:
        with service.database.read() as connection:
            return signed_by(service, connection, token)

    return await service.reading.run(look)


Desk = Annotated[Signed, Depends(_desk)]
"""The signed-in desk that a request comes from."""


@router.post("/sign-in", **described(SignedIn, SignIn, problems=(401, 403, 409, 413, 422, 429)))
async def sign_in(request: Request, service: Here) -> Response:
    """Sign an agent in on a device and register it."""
    asked = await read(request, SignIn)
    texts = (asked.login, asked.password, asked.device_id, asked.device_name, asked.app_version)
    if not (asked.login and asked.device_id) or any(len(text) > LONGEST for text in texts):
        raise Refused("invalid", f"login and device_id are needed; nothing is longer than {LONGEST} characters.")
    address = request.client.host if request.client else ""
    accounts: Accounts = request.app.state.accounts
    return reply(await service.hashing.run(accounts.sign_in, asked, address))


@router.post("/sign-out", **described(None, problems=(401, 403)))
async def sign_out(desk: Desk, service: Here) -> Response:
    """End this device's token. Its operations and their numbers stay known."""

    def end() -> None:
        with service.database.write() as connection:
            connection.execute(
                "UPDATE device SET token_hash = NULL, token_expires_at = 0 WHERE id = ?", (desk.device_id,)
            )

    await service.writing.run(end)
    return reply({})


@router.get("/me", **described(Me, problems=(401, 403)))
async def me(desk: Desk, service: Here) -> Response:
    """Who is signed in with this token."""

    def groups() -> list[str]:
        with service.database.read() as connection:
            return sorted(scope(connection, desk.actor))

    agent = desk.agent
    told = Me(
        agent_id=agent.id,
        login=agent.login,
        name=agent.name,
        role=agent.role,
        device_id=desk.device_id,
        expires_at=desk.expires_at,
        groups=await service.reading.run(groups),
    )
    return reply(told)
