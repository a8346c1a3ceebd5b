"""The endpoints for those who run the service: alive, ready, figures, and the OpenAPI document."""

from typing import Any

from fastapi import APIRouter, Request, Response

from kefu_tui.backend.database import DatabaseError, Trouble, head
from kefu_tui.backend.http import reply
from kefu_tui.backend.openapi import described, document
from kefu_tui.backend.problems import Refused
from kefu_tui.backend.service import Here

router = APIRouter(tags=["running"])


@router.get("/healthz", **described(None))
async def healthz() -> Response:
    """The process answers."""
    return reply({"status": "ok"})


@router.get("/readyz", **described(None))
async def readyz(service: Here) -> Response:
    """The database is reached and has its tables."""

    def look() -> dict[str, Any]:
        try:
            with service.database.read() as connection:
                epoch, seq = head(connection)
        except (Trouble, DatabaseError) as error:
            raise Refused("not-ready", str(error)) from None
        return {"status": "ready", "epoch": epoch, "head": seq}

    return reply(await service.reading.run(look))


@router.get("/metrics", **described(None, media="text/plain"))
async def metrics(service: Here) -> Response:
    """Figures for Prometheus."""
    return Response(service.metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, service: Here) -> Response:
    """The OpenAPI 3.1 document of this service."""
    return reply(await service.reading.run(document, request.app))
