"""Talking to the backend: what the engine needs of a transport, its failures, and the one over HTTP."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from kefu_tui.model.digest import content_digest, undamaged
from kefu_tui.wire import (
    Common,
    Compared,
    Hello,
    Mark,
    Marks,
    OrdersFound,
    Page,
    Part,
    Problem,
    Push,
    PushAnswer,
    SignedIn,
    SignIn,
    Stretch,
)

S = TypeVar("S")


class Unreachable(Exception):
    """No answer: no network, a time-out, a broken or senseless answer, or a backend that is busy."""


class Refused(Exception):
    """The backend answered with a problem; `code` is the last part of its type."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem
        self.code = problem.type.rpartition(":")[2]


class Transport(Protocol):
    """One desk's way to its backend. Every call raises Unreachable or Refused."""

    def push(self, batch: Push) -> PushAnswer: ...
    def pull(
        self,
        cursors: Mapping[str, int],
        acked: int,
        wait: int = 0,
        mark: Mark | None = None,
        loading: Sequence[str] = (),
    ) -> Page: ...
    def load(self, group: str, after: str) -> Part: ...
    def negotiate(self, marks: Sequence[Mark]) -> Common: ...
    def compare(self, stretch: Stretch) -> Compared: ...


class HttpTransport:
    """The transport over HTTP/1.1 with keep-alive; safe to use from one thread at a time."""

    def __init__(self, backend: str, token: str = "", timeout_s: float = 30.0) -> None:
        import httpx

        from kefu_tui.certificates import trusted

        self.backend = backend.rstrip("/")
        self._httpx = httpx
        self._client = httpx.Client(
            base_url=self.backend,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(timeout_s, connect=5.0),
            follow_redirects=False,
            verify=trusted(tls=self.backend.lower().startswith("https:")),
        )

    def hello(self) -> Hello:
        """What the backend is."""
        return self._ask("GET", "/sync/v1/hello", Hello)

    def sign_in(self, request: SignIn) -> SignedIn:
        """Signs an agent in on a device."""
        return self._ask("POST", "/auth/v1/sign-in", SignedIn, msgspec.json.encode(request))

    def sign_out(self) -> None:
        """Makes the token worthless."""
        self._ask("POST", "/auth/v1/sign-out", dict)

    def push(self, batch: Push) -> PushAnswer:
        """Sends operations to be decided."""
        return self._ask("POST", "/sync/v1/push", PushAnswer, msgspec.json.encode(batch))

    def pull(
        self,
        cursors: Mapping[str, int],
        acked: int,
        wait: int = 0,
        mark: Mark | None = None,
        loading: Sequence[str] = (),
    ) -> Page:
        """Asks for what changed behind the cursors, waiting up to `wait` seconds for something; not of groups being loaded."""
        asked = {"cursors": json.dumps(cursors, separators=(",", ":"), sort_keys=True), "acked": acked, "wait": wait}
        asked["loading"] = json.dumps(list(loading))
        if mark is not None:
            asked["mark"] = f"{mark.seq}:{mark.chain}"
        return self._ask("GET", "/sync/v1/pull", Page, params=asked)

    def load(self, group: str, after: str) -> Part:
        """Asks for the part of a large group that begins at a place."""
        return self._ask("GET", "/sync/v1/load", Part, params={"group": group, "after": after})

    def negotiate(self, marks: Sequence[Mark]) -> Common:
        """Where this desk's history and the backend's part."""
        return self._ask("POST", "/sync/v1/negotiate", Common, msgspec.json.encode(Marks(marks=list(marks))))

    def compare(self, stretch: Stretch) -> Compared:
        """Whether a stretch of rows here is what the backend has."""
        asked = {name: getattr(stretch, name) for name in ("table", "after", "end", "digest")}
        return self._ask(
            "GET", "/sync/v1/compare", Compared, params={**asked, "mark": f"{stretch.mark.seq}:{stretch.mark.chain}"}
        )

    def find_orders(self, text: str) -> OrdersFound:
        """Orders with exactly this number, tracking number or buyer, linked to a customer in sight or to none yet."""
        return self._ask("GET", "/sync/v1/orders", OrdersFound, params={"text": text})

    def listen(self, heard: Callable[[str, dict[str, Any]], bool], watchdog_s: float = 45.0) -> None:
        """Follows the poke stream, giving each event (name, data) to `heard` until it says False or the stream ends."""
        import httpx_sse

        timeout = self._httpx.Timeout(watchdog_s, connect=5.0)
        try:
            with httpx_sse.connect_sse(self._client, "GET", "/sync/v1/events", timeout=timeout) as source:
                if source.response.status_code != 200:
                    source.response.read()
                    self._judge(source.response)
                    return
                for event in source.iter_sse():
                    if not heard(event.event, json.loads(event.data) if event.data else {}):
                        return
        except (self._httpx.HTTPError, httpx_sse.SSEError, ValueError) as error:
            raise Unreachable(str(error)) from error

    def close(self) -> None:
        """Drops the connections."""
        self._client.close()

    def _ask(
        self, method: str, path: str, shape: type[S], body: bytes | None = None, params: dict[str, Any] | None = None
    ) -> S:
        headers = {}
        if body is not None:
            headers = {"Content-Type": "application/json", "Content-Digest": content_digest(body)}
        try:
            answer = self._client.request(method, path, content=body, params=params, headers=headers)
        except (self._httpx.HTTPError, self._httpx.InvalidURL) as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        # What is compressed has a check of its own, which its decoder makes.
        told = "" if "content-encoding" in answer.headers else answer.headers.get("content-digest", "")
        if not undamaged(told, answer.content):
            raise Unreachable(f"{self.backend}{path}: the answer changed on its way")
        self._judge(answer)
        try:
            return msgspec.json.decode(answer.content, type=shape)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise Unreachable(f"{self.backend}{path}: {error}") from error

    def _judge(self, answer: Any) -> None:
        if answer.status_code < 300:
            return
        try:
            problem = msgspec.json.decode(answer.content, type=Problem)
        except (msgspec.DecodeError, UnicodeError):
            raise Unreachable(f"{self.backend}: HTTP {answer.status_code}") from None
        if answer.status_code in (429, 502, 503, 504) or problem.type.endswith(":bad-digest"):
            raise Unreachable(problem.title)
        raise Refused(problem)
