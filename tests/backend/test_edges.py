"""What holds for every endpoint: problems, headers, limits, rights of each role, the document, the figures."""

import json
import re
import socket
import threading
from typing import Any

import httpx
import pytest

from kefu_tui.backend.http import storable
from kefu_tui.backend.logs import mask
from kefu_tui.backend.pages import POLICY
from kefu_tui.backend.rate import Buckets, origin
from kefu_tui.model.rows import SCHEMA
from kefu_tui.now import SECOND

from .shop import Desk, Party, Shop, problem

pytestmark = pytest.mark.on_sqlite

EMPTY = {"protocol": 1, "epoch": "", "device_id": "", "schema": SCHEMA, "ops": []}

ENDPOINTS: list[tuple[str, str, str, Any]] = [
    # method, path, who may (d: desk, v: visitor, *: everybody), body
    ("GET", "/", "*", None),
    ("GET", "/chat", "*", None),
    ("GET", "/healthz", "*", None),
    ("GET", "/readyz", "*", None),
    ("GET", "/metrics", "*", None),
    ("GET", "/openapi.json", "*", None),
    ("GET", "/sync/v1/hello", "*", None),
    ("POST", "/chat/v1/visitors", "*", {}),
    ("GET", "/auth/v1/me", "d", None),
    ("POST", "/sync/v1/push", "d", EMPTY),
    ("GET", "/sync/v1/pull", "d", None),
    ("GET", "/sync/v1/load", "d", None),
    ("GET", "/sync/v1/compare", "d", None),
    ("POST", "/sync/v1/negotiate", "d", {"marks": []}),
    ("GET", "/sync/v1/events", "d", None),
    ("GET", "/sync/v1/orders", "d", None),
    ("GET", "/chat/v1/messages", "v", None),
    ("POST", "/chat/v1/messages", "v", {"client_id": "1", "text": "在吗"}),
    ("POST", "/chat/v1/entered", "v", None),
    ("POST", "/chat/v1/scores", "v", {"conversation_id": "1", "score": 5}),
    ("GET", "/chat/v1/events", "v", None),
    ("POST", "/auth/v1/sign-out", "d", {}),
]
ROLES = ("nobody", "visitor", "agent", "lead", "admin", "auditor")


def status_of(shop: Shop, party: Party | None, method: str, path: str, body: Any) -> int:
    headers = party.headers if party else {}
    query = {}
    if isinstance(party, Desk):
        if body is EMPTY:
            body = {**EMPTY, "device_id": party.device}
        if path.endswith("pull"):
            query = {"cursors": json.dumps(dict.fromkeys(party.signed["groups"], 0))}
    elif path.endswith("pull"):
        query = {"cursors": "{}"}
    if path.endswith("load"):
        query = {"group": "all"}
    if path.endswith("compare"):
        query = {"table": "tag", "after": "", "end": "", "digest": "0" * 32, "mark": "1:0"}
    if path.endswith("orders"):
        query = {"text": "1"}
    with shop.http.stream(method, path, params=query, json=body, headers=headers) as answer:
        if answer.status_code >= 400:
            answer.read()
            problem(answer, answer.status_code, answer.json()["type"].rpartition(":")[2])
        return answer.status_code


NOTHING_TO_RATE = {("POST", "/chat/v1/scores", "visitor"): 422}
"""Served, and told that there is no such conversation: what is served otherwise, test_scores shows."""


def test_every_endpoint_for_every_role(shop: Shop) -> None:
    parties: dict[str, Party | None] = {"nobody": None, "visitor": shop.visitor()}
    for role in ROLES[2:]:
        parties[role] = shop.hire(f"the-{role}", role)
    found, expected = {}, {}
    for method, path, who, body in ENDPOINTS:
        for role in ROLES:
            may = who == "*" or (role != "nobody" and (who == "v") == (role == "visitor"))
            expected[method, path, role] = "served" if may else 401
            status = status_of(shop, parties[role], method, path, body)
            found[method, path, role] = "served" if status < 300 else status
    assert found == {**expected, **NOTHING_TO_RATE}


def test_no_request_is_answered_by_way_of_a_thread_of_the_framework(shop: Shop) -> None:
    """It takes time at every request, and such a thread may outlive a service that is ended at once."""
    before, mei = set(threading.enumerate()), shop.hire("mei")
    assert mei.get("/auth/v1/me").status_code == 200
    assert shop.visitor().say("在吗")
    assert [one.name for one in set(threading.enumerate()) - before if "AnyIO" in one.name] == []


def test_every_route_of_the_document_is_in_the_table(shop: Shop) -> None:
    document = shop.http.get("/openapi.json").json()
    routes = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    listed = {(method, path) for method, path, _, _ in ENDPOINTS}
    intake = {("POST", f"/intake/v1/{{channel}}/{what}") for what in ("messages", "calls")}
    elsewhere = {("POST", "/auth/v1/sign-in"), *intake}
    unlisted = {("GET", "/"), ("GET", "/chat"), ("GET", "/openapi.json")}
    assert routes == (listed | elsewhere) - unlisted


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        ("agent.add", {"admin"}),
        ("group.add", {"admin"}),
        ("policy.set", {"admin"}),
        ("message.receive", {"admin"}),
        ("message.delivered", set()),
        ("conversation.leave", set()),
        ("conversation.claim", {"agent", "lead", "admin"}),
        ("conversation.note", {"agent", "lead", "admin"}),
        ("canned.save", {"lead", "admin"}),
    ],
)
def test_verbs_pushed_by_each_role(shop: Shop, kind: str, allowed: set[str]) -> None:
    found = set()
    for role in ("agent", "lead", "admin", "auditor"):
        desk = shop.hire(f"the-{role}", role)
        conversation = shop.visitor().say("在吗")["conversation_id"]
        args = {
            "agent.add": {"agent_id": f"a-{role}", "login": f"new-{role}", "name": "x"},
            "group.add": {"group_id": f"g-{role}", "name": f"g-{role}"},
            "policy.set": {"name": role, "body": "{}", "policy_id": "spare"},
            "message.receive": {
                **dict.fromkeys(("external_id", "message_id", "customer_id", "conversation_id"), f"x-{role}"),
                "channel": "web",
                "group_id": "g",
                "text": "x",
            },
            "message.delivered": {"conversation_id": conversation, "message_id": "m", "state": "sent"},
            "conversation.leave": {"conversation_id": conversation},
            "conversation.claim": {"conversation_id": conversation},
            "conversation.note": {"conversation_id": conversation, "message_id": f"n-{role}", "text": "x"},
            "canned.save": {"canned_id": f"c-{role}", "title": "x", "text": "x", "stage": "ask", "scenario": "order"},
        }[kind]
        if desk.do(kind, args)["status"] == "applied":
            found.add(role)
    assert found == allowed


def test_an_agent_of_another_group_neither_sees_nor_touches(shop: Shop) -> None:
    bo = shop.hire("bo", groups=("refunds",))
    conversation = shop.visitor().say("我的手机号 13800001111")["conversation_id"]
    for kind in ("claim", "resolve"):
        result = bo.do(f"conversation.{kind}", {"conversation_id": conversation})
        assert (result["status"], result["code"]) == ("rejected", "forbidden")
    page = bo.pull().json()
    assert not {"conversation", "message", "customer"} & set(page["rows"])
    assert "13800001111" not in json.dumps(page)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/docs", 404, "not-found"),
        ("GET", "/web/../app.py", 404, "not-found"),
        ("GET", "/web/chat.html", 404, "not-found"),
        ("DELETE", "/sync/v1/push", 405, "method-not-allowed"),
        ("POST", "/healthz", 405, "method-not-allowed"),
        ("GET", "/sync/v1/pull", 401, "not-signed-in"),
    ],
)
def test_errors_are_problems(shop: Shop, method: str, path: str, status: int, code: str) -> None:
    problem(shop.http.request(method, path), status, code)


def test_a_missing_parameter_is_a_problem(shop: Shop) -> None:
    assert "cursors" in problem(shop.hire("mei").get("/sync/v1/pull"), 422, "invalid")["detail"]


def test_an_unforeseen_fault_is_a_problem_that_says_nothing_of_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_(*arguments: object) -> None:
        raise RuntimeError("13800001111 said a secret")

    monkeypatch.setattr("kefu_tui.backend.chat.number", break_)
    visitor = shop.visitor()
    answer = visitor.post("/chat/v1/messages", {"client_id": "1", "text": "x"})
    problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert shop.sql("SELECT count(*) FROM message") == [(0,)]
    shop.running.stop()  # the log is whole then
    log = (shop.folder / "backend.log").read_text(encoding="utf-8")
    assert "138****1111" in log
    assert "13800001111" not in log


def test_common_headers(shop: Shop) -> None:
    for path in ("/healthz", "/nowhere", "/sync/v1/hello"):
        headers = shop.http.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


def test_pages_have_a_strict_policy_and_nothing_inline(shop: Shop) -> None:
    for path in ("/", "/chat"):
        answer = shop.http.get(path)
        assert answer.headers["content-security-policy"] == POLICY
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=|javascript:", answer.text)
        for link in re.findall(r'(?:src|href)="(/web/[^"]+)"', answer.text):
            part = shop.http.get(link)
            assert part.status_code == 200
            assert part.headers["content-type"].partition(";")[0] in ("text/css", "text/javascript")
            assert not re.search(r"https?://(?!www\.w3\.org/)|url\(", part.text)
            again = shop.http.get(link, headers={"If-None-Match": part.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")


def raw(shop: Shop, request: bytes) -> bytes:
    """What the server answers to these bytes."""
    url = httpx.URL(shop.running.url)
    with socket.create_connection((url.host, url.port or 0), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer or b"}" not in answer:
            some = connection.recv(65536)
            if not some:
                break
            answer += some
    return answer


def test_a_body_announced_too_large_is_refused_before_a_byte_of_it(shop: Shop) -> None:
    answer = raw(shop, b"POST /chat/v1/visitors HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in answer


def test_a_slow_body_is_given_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kefu_tui.backend.http.BODY_SECONDS", 0.05)
    answer = raw(shop, b"POST /chat/v1/visitors HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 408")


def test_the_document_describes_bodies_and_problems(shop: Shop) -> None:
    document = shop.http.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    push = document["paths"]["/sync/v1/push"]["post"]
    assert push["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Push"}
    assert set(push["responses"]) >= {"200", "400", "401", "403", "409", "413", "426", "503"}
    assert "op_no" in document["components"]["schemas"]["Envelope"]["properties"]
    assert "from" in document["components"]["schemas"]["ChatLine"]["properties"]
    text = json.dumps(document)
    for name in re.findall(r'"#/components/schemas/([^"]+)"', text):
        assert name in document["components"]["schemas"]
    assert "HTTPValidationError" not in text


def test_the_figures_count(shop: Shop) -> None:
    mei, visitor = shop.hire("mei"), shop.visitor()
    conversation = visitor.say("在吗")["conversation_id"]
    mei.claim(conversation)
    mei.do("conversation.claim", {"conversation_id": "none"})
    mei.pull()
    figures = shop.http.get("/metrics").text
    for line in (
        "kefu_pushes_total 2.0",
        "kefu_pulls_total 1.0",
        'kefu_operations_total{status="applied"} 1.0',
        'kefu_operations_total{status="rejected"} 1.0',
        'kefu_messages_received_total{channel="web"} 1.0',
        f"kefu_commit_head {shop.sql('SELECT seq FROM sync_head')[0][0]:.1f}",
    ):
        assert line in figures


def test_not_ready_without_a_database(shop: Shop) -> None:
    shop.sql("ALTER TABLE sync_head RENAME TO lost")
    problem(shop.http.get("/readyz"), 503, "not-ready")
    assert shop.http.get("/healthz").status_code == 200
    shop.sql("ALTER TABLE lost RENAME TO sync_head")


@pytest.mark.parametrize(
    ("text", "stored"),
    [("a\0b", "a␀b"), ("\ud800", "\ufffd"), ("\ud83d\ude00", "😀"), ("\udfff\ud800x", "\ufffd\ufffdx"), ("明", "明")],
)
def test_storable(text: str, stored: str) -> None:
    assert storable(text) == stored


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("打 13812345678 找我", "打 138****5678 找我"),
        ("li.na@example.com", "***@example.com"),
        ("订单 3287409123441234", "订单 328****1234"),
        ("2026-11-02 21:04", "2026-11-02 21:04"),
    ],
)
def test_log_lines_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("address", "one"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_who_counts_as_one_caller(address: str, one: str) -> None:
    assert origin(address) == one


def test_buckets_fill_with_time_and_forget_those_that_are_full(monkeypatch: pytest.MonkeyPatch) -> None:
    from kefu_tui.backend.problems import Refused

    monkeypatch.setattr("kefu_tui.backend.rate.SWEEP", 10)
    now = 0
    buckets = Buckets(lambda: now, burst=2, rate=1.0)
    buckets.take("a")
    buckets.take("a")
    with pytest.raises(Refused) as no:
        buckets.take("a")
    assert no.value.retry_after == 1.0
    now = SECOND
    buckets.take("a")
    now = 100 * SECOND
    for number in range(50):
        buckets.take(str(number))
        now += 2 * SECOND
    assert len(buckets._buckets) <= 11
