"""What every request passes: limits on the body, headers of every answer; bodies read and answers written as JSON."""

import asyncio
import gzip
import json
from typing import Any, TypeVar

import msgspec
import zstandard
from fastapi import Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kefu_tui.backend.problems import Refused, answer
from kefu_tui.model.digest import content_digest, undamaged

T = TypeVar("T")

PACKED_FROM = 4096
"""Bytes from which on an answer is compressed."""
BODY_SECONDS = 30
"""How long a body may take to arrive."""


class Edge:
    """Refuses bodies that are too large or too slow before they are read; puts the common headers on every answer."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        first: Message | None = None

        async def dressed(message: Message) -> None:
            nonlocal first
            if message["type"] == "http.response.start":
                first = message
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
                headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
                return
            if first is not None:
                if message.get("body") and not message.get("more_body"):
                    MutableHeaders(scope=first)["Content-Digest"] = content_digest(message["body"])
                await send(first)
                first = None
            await send(message)

        told = Headers(scope=scope).get("content-length", "0")
        if not told.isdecimal() or int(told) > self.most:
            no = Refused("bad-request", "Content-Length") if not told.isdecimal() else too_large(int(told), self.most)
            await answer(no, {"Connection": "close"})(scope, receive, dressed)
            return
        length, complete = 0, False
        deadline = asyncio.get_running_loop().time() + BODY_SECONDS

        async def limited() -> Message:
            nonlocal length, complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise Refused("too-slow") from None
            length += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if length > self.most:
                raise too_large(length, self.most)
            return message

        await self.app(scope, limited, dressed)


def too_large(length: int, most: int, unit: str = "bytes") -> Refused:
    """The refusal of something too large, with both figures."""
    return Refused("too-large", f"{length:,} {unit}, at most {most:,}.")


async def read(request: Request, shape: type[T]) -> T:
    """The JSON body of a request that people or other systems wrote, its texts made storable.

    Raises Refused `bad-digest` when it is not what was sent, `bad-request` when it is no JSON, `invalid` when not of this shape.
    """
    return parse(await arrived(request), shape)


async def arrived(request: Request) -> bytes:
    """The body of a request. Raises Refused `bad-digest` when it is not the one that its `Content-Digest` was made of."""
    body = await request.body()
    if not undamaged(request.headers.get("content-digest", ""), body):
        raise Refused("bad-digest")
    return body


def parse(body: bytes, shape: type[T]) -> T:
    """The same from bytes."""
    try:
        value = _storable(json.loads(body or b"{}"))
    except (ValueError, RecursionError) as error:
        raise Refused("bad-request", f"The body is no JSON: {error}.") from None
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise Refused("invalid", str(error)) from None


def storable(text: str) -> str:
    """A text as it was sent, but for what databases refuse: NUL becomes ␀ and a lone surrogate U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "␀")
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def without_nul(body: bytes) -> bytes:
    """JSON as it was sent, but for NUL in its texts, which not every database keeps: it becomes ␀. Raises msgspec.DecodeError."""
    return msgspec.json.encode(_storable(msgspec.json.decode(body))) if rb"\u0000" in body else body


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): _storable(item) for key, item in value.items()}
    return value


def packed(value: object, request: Request) -> Response:
    """A JSON answer that may be long, compressed as the other side understands it."""
    body = msgspec.json.encode(value)
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    headers = {"Vary": "Accept-Encoding"}
    if len(body) > PACKED_FROM and "zstd" in accepted:
        packer = zstandard.ZstdCompressor(3, write_checksum=True)
        body, headers["Content-Encoding"] = packer.compress(body), "zstd"
    elif len(body) > PACKED_FROM and "gzip" in accepted:
        body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
    return Response(body, 200, headers, media_type="application/json")


def reply(value: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")
