"""The pages for people: what this is, and the chat page. Nothing is loaded from elsewhere, nothing runs inline."""

import hashlib
import pathlib
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from kefu_tui.backend import chat as visitors
from kefu_tui.backend.problems import Refused
from kefu_tui.backend.service import Here

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
WEB = pathlib.Path(__file__).parent / "web"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


class Page(NamedTuple):
    """A file as it is served."""

    body: bytes
    media: str
    tag: str


def router() -> APIRouter:
    """The routes of the pages; their files are read once."""
    files: Mapping[str, Page] = {
        path.name: _page(path.read_bytes(), path.suffix) for path in WEB.iterdir() if path.suffix in TYPES
    }
    greeting = _page(files["chat.html"].body.replace(b"<body>", b'<body class="greets">'), ".html")
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def home(request: Request) -> Response:
        """What this is."""
        return _served(request, files["index.html"])

    @routes.get("/chat")
    async def chat(request: Request, service: Here) -> Response:
        """The web chat page; where the shop greets who comes in, it says so to its script."""
        try:
            greets = await service.reading.run(visitors.greets, service)
        except Refused:  # too much to do: whoever comes now is answered when they write
            greets = False
        return _served(request, greeting if greets else files["chat.html"])

    for name in files:
        if not name.endswith(".html"):
            routes.add_api_route(f"/web/{name}", _part(files[name]), methods=["GET"])
    return routes


def _part(page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def part(request: Request) -> Response:
        return _served(request, page)

    return part


def _page(body: bytes, suffix: str) -> Page:
    return Page(body, f"{TYPES[suffix]}; charset=utf-8", f'"{hashlib.sha256(body).hexdigest()[:24]}"')


def _served(request: Request, page: Page) -> Response:
    headers = {"ETag": page.tag, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
    if request.headers.get("if-none-match") == page.tag:
        return Response(status_code=304, headers=headers)
    return Response(page.body, headers=headers, media_type=page.media)
