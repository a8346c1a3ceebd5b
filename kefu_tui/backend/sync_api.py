"""The endpoints of desks: hello, push, pull (also as a long poll), events."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from kefu_tui.backend import chain, feed, load
from kefu_tui.backend.auth import Desk, Signed
from kefu_tui.backend.commits import PushRefused
from kefu_tui.backend.compare import compare
from kefu_tui.backend.database import head
from kefu_tui.backend.http import arrived, packed, read, reply, without_nul
from kefu_tui.backend.openapi import described
from kefu_tui.backend.problems import Refused
from kefu_tui.backend.service import Here, Service
from kefu_tui.backend.streams import open_stream
from kefu_tui.backend.visibility import EVERYONE, scope
from kefu_tui.model.rows import BY_NAME, SCHEMA, Agent
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.now import SECOND
from kefu_tui.operations import View
from kefu_tui.operations.base import actor_of
from kefu_tui.wire import (
    MAX_BYTES,
    MAX_OPERATIONS,
    PAGE,
    PROTOCOL,
    Common,
    Compared,
    Hello,
    Mark,
    Marks,
    Page,
    Part,
    Push,
    PushAnswer,
    Stretch,
)

LONGEST_POLL = 25
MARKS = 200
"""Most marks that are compared at once."""

router = APIRouter(prefix="/sync/v1", tags=["sync"])


@router.get("/hello", **described(Hello))
async def hello(service: Here) -> Response:
    """What this backend is; needs no sign-in."""

    def told() -> Hello:
        with service.database.read() as connection:
            epoch, seq = head(connection)
        return Hello(
            protocols=[PROTOCOL],
            epoch=epoch,
            head=seq,
            schema=SCHEMA,
            server_time=service.now(),
            limits={"max_ops": MAX_OPERATIONS, "max_bytes": MAX_BYTES, "page": PAGE, "poll_s": LONGEST_POLL},
            features=["sse", "long-poll", "load", "compare"],
        )

    return reply(await service.reading.run(told))


@router.post("/push", **described(PushAnswer, Push, problems=(400, 401, 403, 409, 413, 426)))
async def push(request: Request, desk: Desk, service: Here) -> Response:
    """Decide operations of this device in their order; the same ones again get the same results."""
    batch = _batch(await arrived(request), desk)
    return reply(await service.pushing.run(_decide, service, desk, batch))


class _Versions(msgspec.Struct):
    protocol: int
    schema: int


def _batch(body: bytes, desk: Signed) -> Push:
    try:
        body = without_nul(body)
        versions = msgspec.json.decode(body, type=_Versions)
        if versions.protocol != PROTOCOL or versions.schema != SCHEMA:
            raise Refused("upgrade-required", f"Protocol {PROTOCOL} and schema {SCHEMA} are spoken here.")
        batch = msgspec.json.decode(body, type=Push)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused("malformed-batch", str(error)) from None
    if len(batch.ops) > MAX_OPERATIONS:
        raise Refused("too-large", f"{len(batch.ops)} operations, at most {MAX_OPERATIONS}.")
    if batch.device_id != desk.device_id:
        raise Refused("not-author", "The batch is of another device than the token.")
    return batch


def _decide(service: Service, desk: Signed, batch: Push) -> PushAnswer:
    with service.database.read() as connection:
        epoch, _ = head(connection)
    if batch.epoch and batch.epoch != epoch:
        raise Refused("epoch-changed", epoch=epoch)
    try:
        results, watermark = service.commits.push(desk.device_id, desk.agent.id, batch.ops)
    except PushRefused as no:
        raise Refused(no.code, **no.facts) from None  # type: ignore[arg-type]
    service.metrics.decided(results)
    with service.database.read() as connection:
        epoch, newest = head(connection)
    return PushAnswer(epoch=epoch, last_op_no=watermark, head=newest, results=results)


@router.get("/pull", **described(Page, problems=(400, 401, 403, 409, 410, 422)))
async def pull(
    request: Request,
    desk: Desk,
    service: Here,
    cursors: Annotated[str, Query(description='JSON object: each group of the desk and its cursor, {"all": 0}')],
    acked: Annotated[int, Query(ge=0, description="highest op_no whose result the desk has")] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE, description="most rows, unless one commit is larger")] = PAGE,
    wait: Annotated[float, Query(ge=0, le=LONGEST_POLL, description="seconds to wait for something to come")] = 0,
    mark: Annotated[
        str,
        Query(
            pattern="^([0-9]{1,18}:[0-9a-f]*)?$",
            description="newest commit that the desk has seen, and the chain there",
        ),
    ] = "",
    loading: Annotated[
        str | None, Query(description="JSON list: groups that the desk loads now; without it, nothing is to be loaded")
    ] = None,
) -> Response:
    """The next page of the change feed; with `wait`, as soon as it holds something for this desk."""
    try:
        begin = msgspec.json.decode(cursors, type=dict[str, int])
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused("malformed-batch", f"cursors: {error}") from None
    if any(cursor < 0 for cursor in begin.values()):
        raise Refused("malformed-batch", "cursors: a cursor is not negative")
    try:
        loads = msgspec.json.decode(loading, type=list[str]) if loading is not None else None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused("malformed-batch", f"loading: {error}") from None
    number, _, value = mark.partition(":")
    seen = Mark(int(number), value) if mark else None
    clock, fanout = asyncio.get_running_loop().time, service.fanout
    until = clock() + wait
    while True:
        news = fanout.news
        page = await service.pulling.run(_page, service, desk, begin, acked, limit, seen, loads)
        left = until - clock()
        told = page.rows or page.gone or page.left or page.results or page.overruled or page.more
        if left <= 0 or fanout.closing or told:
            service.metrics.pulls.inc()
            return packed(page, request)
        with service.metrics.streams.labels("poll").track_inprogress():
            await fanout.wait(news, left, begin)


@router.post("/negotiate", **described(Common, Marks, problems=(400, 401, 403, 413, 422)))
async def negotiate(request: Request, desk: Desk, service: Here) -> Response:
    """Where the histories of desk and backend part, after an older copy of the backend came back."""
    told = await read(request, Marks)
    if len(told.marks) > MARKS:
        raise Refused("too-large", f"{len(told.marks)} marks, at most {MARKS}.")

    def look() -> Common:
        with service.database.read() as connection:
            return chain.common(connection, desk.device_id, told.marks)

    return reply(await service.reading.run(look))


@router.get("/events", **described(None, problems=(401, 403), media="text/event-stream"))
async def events(desk: Desk, service: Here) -> Response:
    """Server-sent events: `hello` with epoch and head, `poke` with the head after commits in one's groups, `bye` before an end."""
    fanout, news = service.fanout, service.fanout.news

    def now() -> tuple[str, int, set[str]]:
        with service.database.read() as connection:
            return *head(connection), scope(connection, actor_of(View(Reader(connection)), desk.agent))

    epoch, seq, groups = await service.reading.run(now)

    async def wait(beyond: int, seconds: float) -> int:
        nonlocal groups
        count = await fanout.wait(beyond, seconds, groups)
        if fanout.newest([EVERYONE]) > beyond:  # Who works where is everyone's: it may be this one who changed places.
            _, _, groups = await service.reading.run(now)
        return count

    left = (desk.expires_at - service.now()) // SECOND
    return open_stream(
        service,
        party=f"desk:{desk.device_id}",
        hello={"epoch": epoch, "seq": seq, "token_expires_in": left},
        seen=news,
        wait=wait,
        poke=lambda _: (fanout.head, {"seq": fanout.head}),
        ends_at=desk.expires_at,
    )


@router.get("/load", **described(Part, problems=(400, 401, 403, 422)))
async def load_part(
    request: Request,
    desk: Desk,
    service: Here,
    group: Annotated[str, Query(description="a group of the agent")],
    after: Annotated[
        str, Query(description="where the part begins: '' at first, then what the part before called `after`")
    ] = "",
) -> Response:
    """A part of a large group as it is now, its newest conversations first."""

    def read_part() -> Part:
        with service.database.read() as connection:
            if group not in _scope(connection, desk):
                raise Refused("scope-changed", removed=[group])
        try:
            return load.part(service.database, group, after)
        except ValueError:
            raise Refused("malformed-batch", "after: no such place") from None

    return packed(await service.pulling.run(read_part), request)


@router.get("/compare", **described(Compared, problems=(400, 401, 403, 422)))
async def compare_rows(
    request: Request,
    desk: Desk,
    service: Here,
    table: Annotated[str, Query(description="a table of rows")],
    after: Annotated[str, Query(description="the stretch begins behind this id, '' at the first one")],
    end: Annotated[str, Query(description="and ends with this one, '' with the last one")],
    digest: Annotated[str, Query(pattern="^[0-9a-f]{32}$", description="of the desk's rows in it")],
    mark: Annotated[str, Query(pattern="^[0-9]{1,18}:[0-9a-f]+$", description="the commit the desk is as of")],
) -> Response:
    """Whether a desk has the rows of a stretch of a table as it should; where not, these rows."""
    if table not in BY_NAME:
        raise Refused("malformed-batch", "table: there is none of this name")
    number, _, value = mark.partition(":")
    asked = Stretch(table=table, after=after, end=end, digest=digest, mark=Mark(int(number), value))

    def look() -> Compared:
        with service.database.read() as connection:
            groups = _scope(connection, desk)
        return compare(service.database, groups, asked)

    return packed(await service.pulling.run(look), request)


def _scope(connection: Connection, desk: Signed) -> set[str]:
    agent = Reader(connection).get(Agent, desk.agent.id)
    if agent is None or agent.left_at is not None:
        raise Refused("not-signed-in", "This agent has left.")
    return scope(connection, actor_of(View(Reader(connection)), agent))


def _page(
    service: Service,
    desk: Signed,
    begin: Mapping[str, int],
    acked: int,
    limit: int,
    mark: Mark | None,
    loads: list[str] | None,
) -> Page:
    with service.database.read() as connection:
        seen, known = _scope(connection, desk), {*begin, *(loads or ())}
        large = load.first(connection, begin, service.settings.load_from if loads is not None else None)
    if seen != known:
        raise Refused("scope-changed", added=sorted(seen - known), removed=sorted(known - seen))
    if large:
        raise Refused("load-first", added=large)
    try:
        return feed.page(service.database, desk.device_id, begin, acked, limit, mark, loads or ())
    except chain.Diverged:
        raise Refused("history-diverged") from None
    except feed.TooOld:
        raise Refused("cursor-too-old") from None
