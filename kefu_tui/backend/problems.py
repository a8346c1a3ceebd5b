"""How the service says no: one exception, one table of codes, one handler that answers problem+json (RFC 9457)."""

import logging
import math
from collections.abc import Mapping

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from kefu_tui import wire
from kefu_tui.backend.database import Busy, Conflict
from kefu_tui.operations import Refusal
from kefu_tui.wire import Failure, Problem

OWN: dict[str, Failure] = {
    "bad-request": Failure(400, "The request cannot be understood."),
    "wrong-password": Failure(401, "Login or password is wrong."),
    "bad-signature": Failure(401, "The signature is missing, wrong or too old."),
    "forbidden": Failure(403, "Not allowed."),
    "not-found": Failure(404, "There is nothing here."),
    "no-such-call": Failure(404, "No such call rang here."),
    "no-such-channel": Failure(404, "There is no such channel."),
    "method-not-allowed": Failure(405, "Not with this method."),
    "too-slow": Failure(408, "The body took too long to arrive."),
    "device-taken": Failure(409, "This device belongs to another agent."),
    "invalid": Failure(422, "Not valid."),
    "empty": Failure(422, "The text is empty."),
    "locked-out": Failure(429, "Too many failed attempts."),
    "too-many": Failure(429, "Too many requests."),
    "internal": Failure(500, "Something went wrong here; nothing was changed."),
    "not-ready": Failure(503, "The database cannot be reached."),
}
"""Codes besides those of the sync protocol."""

SEE: Mapping[str, str] = {"too-long": "too-large", "empty": "empty", "forbidden": "forbidden"}
"""Refusals of an operation that have a code of their own in HTTP; others are `invalid`."""

_BY_STATUS = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}
_log = logging.getLogger("kefu.backend")


class Refused(Exception):
    """A request that is not served: a code of wire.FAILURES or of `OWN`, and what the caller should know.

    `retry_after` is seconds; `facts` are members of wire.Problem.
    """

    def __init__(self, code: str, detail: str = "", *, retry_after: float | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        self.facts = facts


def refused(refusal: Refusal) -> Refused:
    """What HTTP says to an operation's refusal."""
    return Refused(SEE.get(refusal.code, "invalid"), refusal.say("en"))


def answer(no: Refused, headers: Mapping[str, str] = {}) -> Response:
    """The problem+json response of a refusal."""
    known = wire.FAILURES.get(no.code)
    status, title = known or OWN[no.code]
    facts = dict(no.facts)
    sent = {"Cache-Control": "no-store", **headers}
    if no.retry_after is not None:
        facts["retry_after_ms"] = math.ceil(no.retry_after * 1000)
        sent["Retry-After"] = str(max(1, math.ceil(no.retry_after)))
    if status == 401:
        sent["WWW-Authenticate"] = "Bearer"
    type_ = f"urn:kefu:{'sync' if known else 'problem'}:{no.code}"
    problem = Problem(type=type_, title=title, status=status, detail=no.detail, **facts)  # type: ignore[arg-type]
    body = msgspec.json.encode(problem)
    return Response(body, status, sent, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Makes every error of an application a problem."""

    @app.exception_handler(Refused)
    async def _refused(request: Request, no: Refused) -> Response:
        return answer(no)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        code = _BY_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "internal")
        return answer(Refused(code, f"{request.method} {request.url.path}"), error.headers or {})

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        said = "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
        return answer(Refused("invalid", said))

    @app.exception_handler(Conflict)
    async def _unfit(request: Request, error: Conflict) -> Response:
        return answer(Refused("invalid", str(error)))

    @app.exception_handler(Busy)
    async def _busy(request: Request, error: Busy) -> Response:
        _log.error("database: %s", error)
        return answer(Refused("try-later", str(error), retry_after=2))

    @app.exception_handler(Exception)
    async def _broken(request: Request, error: Exception) -> Response:
        return answer(Refused("internal"))
