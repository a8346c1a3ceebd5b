"""The endpoints of the chat page: visitors, that one came in, messages, scores, events."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from kefu_tui.backend import chat
from kefu_tui.backend.auth import bearer
from kefu_tui.backend.bells import Bells
from kefu_tui.backend.chat import Visitor
from kefu_tui.backend.http import read, reply
from kefu_tui.backend.openapi import described
from kefu_tui.backend.rate import origin
from kefu_tui.backend.service import Here
from kefu_tui.backend.shapes import Accepted, ChatLines, ChatScore, ChatText, NewVisitor, VisitorToken
from kefu_tui.backend.streams import open_stream

router = APIRouter(prefix="/chat/v1", tags=["chat"])


async def _visitor(service: Here, token: Annotated[str, Depends(bearer)]) -> Visitor:
    def look() -> Visitor:
        with service.database.read() as connection:
            return chat.visitor_by(connection, token)

    return await service.reading.run(look)


Writer = Annotated[Visitor, Depends(_visitor)]
"""The visitor that a request comes from."""


@router.post("/visitors", **described(VisitorToken, NewVisitor, status=201, problems=(400, 413, 422, 429)))
async def visitors(request: Request, service: Here) -> Response:
    """Begin as a new visitor."""
    service.addresses.take(origin(request.client.host if request.client else ""))
    new = await read(request, NewVisitor)
    return reply(await service.writing.run(chat.welcome, service, new), 201)


@router.post("/entered", **described(None, status=204, problems=(401, 403, 429)))
async def entered(visitor: Writer, service: Here) -> Response:
    """Say that the visitor has come in and not written yet; does nothing where the shop does not want to know."""
    service.visitors.take(visitor.id)
    await service.writing.run(chat.enter, service, visitor)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


@router.post("/messages", **described(Accepted, ChatText, status=202, problems=(400, 401, 403, 413, 422, 429)))
async def send(request: Request, visitor: Writer, service: Here) -> Response:
    """Write a message; the same `client_id` again gets the same answer and is not stored twice."""
    service.visitors.take(visitor.id)
    said = await read(request, ChatText)
    return reply(await service.writing.run(chat.accept, service, visitor, said), 202)


@router.get("/messages", **described(ChatLines, problems=(401, 422)))
async def messages(
    visitor: Writer,
    service: Here,
    after: Annotated[int, Query(ge=0, description="position of the last message the visitor has")] = 0,
) -> Response:
    """The messages behind a position, in order."""
    return reply(await service.writing.run(chat.page, service, visitor, after))


@router.post("/scores", **described(None, ChatScore, status=204, problems=(400, 401, 403, 413, 422, 429)))
async def scores(request: Request, visitor: Writer, service: Here) -> Response:
    """Say how a conversation was that is over; said again, the last word counts."""
    service.visitors.take(visitor.id)
    told = await read(request, ChatScore)
    await service.writing.run(chat.rate, service, visitor, told)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


@router.get("/events", **described(None, problems=(401,), media="text/event-stream"))
async def events(request: Request, visitor: Writer, service: Here) -> Response:
    """Server-sent events: `hello` and `poke` with the newest position, `bye` before an end."""
    bells: Bells = request.app.state.bells

    def now() -> int:
        with service.database.read() as connection:
            return chat.newest(connection, visitor)

    seen = await service.reading.run(now)

    async def wait(beyond: int, seconds: float) -> int:
        return await bells.wait(visitor, beyond, seconds)

    return open_stream(
        service,
        party=f"visitor:{visitor.id}",
        hello={"position": seen},
        seen=seen,
        wait=wait,
        poke=lambda position: (position, {"position": position}),
    )
