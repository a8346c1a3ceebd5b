"""What every process of a soak does once as it begins, done before they are forked: modules are read, patterns compiled."""

import importlib
import inspect
import pathlib

from kefu_tui.store.aside import made_at

for _name in (
    "_strptime", "alembic.command", "alembic.runtime.environment", "anyio._backends._asyncio", "bench.soak.desk",
    "bench.soak.serving", "bench.soak.shop", "encodings.gb2312", "encodings.idna", "h11", "httpcore", "httpx", "httpx_sse",
    "kefu_tui.desk.offers", "kefu_tui.desk.verbs", "kefu_tui.model.tables", "kefu_tui.rules.search", "kefu_tui.store.migrate",
    "kefu_tui.store.schema", "kefu_tui.text", "pypinyin", "sqlalchemy.dialects.sqlite", "sqlmodel", "uvicorn.lifespan.on",
    "uvicorn.protocols.http.h11_impl",
):  # fmt: skip
    importlib.import_module(_name)
inspect.getsourcelines(made_at)  # as the framework does with each endpoint
made_at(pathlib.Path("store.copy-20260101T000000Z.db"))
