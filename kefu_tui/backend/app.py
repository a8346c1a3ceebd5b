"""The application: routes, the edge before them, and what runs beside them while it serves."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

import kefu_tui
from kefu_tui.backend import auth, chat_api, health_api, intake_api, orders_api, pages, problems, sync_api
from kefu_tui.backend.accounts import Accounts
from kefu_tui.backend.bells import Bells
from kefu_tui.backend.heads import Heads
from kefu_tui.backend.hooks import Hooks
from kefu_tui.backend.http import Edge
from kefu_tui.backend.jobs import Jobs
from kefu_tui.backend.outbound import Outbound
from kefu_tui.backend.service import Service
from kefu_tui.wire import MAX_BYTES


def create_app(service: Service) -> FastAPI:
    """The HTTP service around a Service, which stays the caller's to close."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.fanout.attach(asyncio.get_running_loop())
        beside = (Heads(service), Jobs(service), Outbound(service), Hooks(service))
        for one in beside:
            one.start()
        ringing = asyncio.create_task(app.state.bells.ring())
        try:
            yield
        finally:
            service.fanout.close()
            await ringing
            for one in beside:
                await asyncio.to_thread(one.stop)
            service.fanout.detach()

    app = FastAPI(
        title="kefu",
        version=kefu_tui.__version__,
        lifespan=lifespan,
        openapi_url=None,
        generate_unique_id_function=lambda route: f"{route.tags[0] if route.tags else 'page'}.{route.name}",
    )
    app.state.service = service
    app.state.accounts = Accounts(service)
    app.state.bells = Bells(service)
    problems.install(app)
    app.add_middleware(Edge, most=MAX_BYTES)
    for part in (auth, sync_api, orders_api, chat_api, intake_api, health_api):
        app.include_router(part.router)
    app.include_router(pages.router())
    return app
