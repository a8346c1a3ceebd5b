"""Signing in: passwords, tokens, devices, and the brake against guessing."""

import httpx
import pytest

from kefu_tui.backend.accounts import AccountError, add_user
from kefu_tui.now import DAY, MINUTE

from .shop import PASSWORD, MakeShop, Shop, problem

pytestmark = pytest.mark.on_sqlite


def sign_in(shop: Shop, login: str = "mei", password: str = PASSWORD, device: str = "d1") -> httpx.Response:
    body = {"login": login, "password": password, "device_id": device, "device_name": "desk", "app_version": "1"}
    return shop.http.post("/auth/v1/sign-in", json=body)


def test_sign_in_gives_a_token_that_works_and_sign_out_ends_it(shop: Shop) -> None:
    desk = shop.hire("mei", "lead")
    signed = desk.signed
    assert (signed["login"], signed["role"], signed["space_id"], signed["last_op_no"]) == ("mei", "lead", "main", 0)
    assert {"all", f"agent:{desk.agent_id}"} < set(signed["groups"])
    me = desk.get("/auth/v1/me").json()
    assert (me["agent_id"], me["device_id"], me["groups"]) == (desk.agent_id, desk.device, signed["groups"])
    assert me["expires_at"] == signed["expires_at"]
    assert desk.post("/auth/v1/sign-out", {}).status_code == 200
    problem(desk.get("/auth/v1/me"), 401, "not-signed-in")


def test_token_is_stored_only_as_its_hash(shop: Shop) -> None:
    desk = shop.hire("mei")
    assert desk.signed["token"].encode() not in (shop.folder / "kefu.db").read_bytes()
    assert desk.signed["token"].encode() not in (shop.folder / "kefu.db-wal").read_bytes()
    assert shop.sql("SELECT length(token_hash) FROM device") == [(64,)]


def test_signing_in_again_keeps_the_watermark_and_ends_the_older_token(shop: Shop) -> None:
    desk = shop.hire("mei")
    desk.do("void", {})
    again = shop.sign_in("mei", desk.device)
    assert again.signed["last_op_no"] == 1
    problem(desk.get("/auth/v1/me"), 401, "not-signed-in")


def test_wrong_password_and_unknown_login_are_the_same_answer(shop: Shop) -> None:
    shop.hire("mei")
    wrong, unknown = sign_in(shop, password="wrong password"), sign_in(shop, login="nobody")
    problem(wrong, 401, "wrong-password")
    assert wrong.json() == unknown.json()


@pytest.mark.parametrize("login", ["mei", "nobody"])
def test_guessing_locks_a_login_with_back_off_whether_it_exists_or_not(shop: Shop, login: str) -> None:
    shop.hire("mei")
    for _ in range(5):
        problem(sign_in(shop, login, "wrong password"), 401, "wrong-password")
    locked = sign_in(shop, login)
    first = problem(locked, 429, "locked-out")["retry_after_ms"]
    assert 1 <= int(locked.headers["retry-after"]) <= 31
    shop.clock.ahead += MINUTE
    problem(sign_in(shop, login, "wrong password"), 401, "wrong-password")
    assert problem(sign_in(shop, login), 429, "locked-out")["retry_after_ms"] > first
    shop.clock.ahead += DAY
    assert sign_in(shop, login).status_code == (200 if login == "mei" else 401)


def test_right_password_frees_the_login(shop: Shop) -> None:
    shop.hire("mei")
    for _ in range(3):
        for _ in range(4):
            problem(sign_in(shop, password="wrong password"), 401, "wrong-password")
        assert sign_in(shop).status_code == 200


def test_an_address_is_locked_over_many_logins(shop: Shop) -> None:
    shop.hire("mei")
    for number in range(19):
        problem(sign_in(shop, f"nobody{number}"), 401, "wrong-password")
    assert sign_in(shop).status_code == 200
    problem(sign_in(shop, "nobody"), 401, "wrong-password")
    problem(sign_in(shop), 429, "locked-out")


def test_expired_token(make_shop: MakeShop) -> None:
    shop = make_shop(token_life=30 * DAY)
    desk = shop.hire("mei")
    shop.clock.ahead += 30 * DAY - MINUTE
    assert desk.get("/auth/v1/me").status_code == 200
    shop.clock.ahead += MINUTE
    answer = desk.get("/auth/v1/me")
    assert "expired" in problem(answer, 401, "not-signed-in")["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"
    problem(desk.push(desk.op("void", {})), 401, "not-signed-in")


def test_revoked_device(shop: Shop) -> None:
    desk = shop.hire("mei")
    shop.sql("UPDATE device SET revoked_at = 1")
    problem(desk.get("/auth/v1/me"), 403, "device-revoked")
    problem(desk.pull(), 403, "device-revoked")
    problem(sign_in(shop, device=desk.device), 403, "device-revoked")


def test_agent_who_left(shop: Shop) -> None:
    desk = shop.hire("mei")
    shop.sql("UPDATE agent SET left_at = 1")
    problem(desk.get("/auth/v1/me"), 401, "not-signed-in")
    problem(sign_in(shop), 401, "wrong-password")


def test_device_of_another_agent(shop: Shop) -> None:
    shop.hire("mei", device="d1")
    add_user(shop.service, "bo", "agent", (), PASSWORD)
    problem(sign_in(shop, "bo", device="d1"), 409, "device-taken")
    assert sign_in(shop, "bo", device="d2").status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"[]", 422),
        (b'{"login": "mei", "password": 1, "device_id": "d"}', 422),
        (b'{"login": "mei", "password": "correct horse", "device_id": ""}', 422),
        (b'{"login": "mei", "password": "correct horse", "device_id": "' + b"d" * 201 + b'"}', 422),
        (b'{"login": "mei", "password": "\xff", "device_id": "d"}', 400),
    ],
)
def test_malformed_sign_in(shop: Shop, body: bytes, status: int) -> None:
    answer = shop.http.post("/auth/v1/sign-in", content=body)
    problem(answer, status, "bad-request" if status == 400 else "invalid")


@pytest.mark.parametrize("header", ["", "Bearer", "Basic bWVpOg==", "Bearer nonsense", "bearer x y"])
def test_headers_that_are_no_token(shop: Shop, header: str) -> None:
    problem(shop.http.get("/auth/v1/me", headers={"Authorization": header}), 401, "not-signed-in")


@pytest.mark.parametrize(
    ("login", "role", "groups", "password", "said"),
    [
        ("bo", "agent", (), "short", "8 characters"),
        ("mei", "agent", (), PASSWORD, "exists already"),
        ("bo", "king", (), PASSWORD, "role"),
        (" bo", "agent", (), PASSWORD, "login"),
        ("bo", "agent", ("nowhere",), PASSWORD, "default"),
    ],
)
def test_accounts_that_cannot_be(
    shop: Shop, login: str, role: str, groups: tuple[str, ...], password: str, said: str
) -> None:
    shop.hire("mei")
    before = shop.sql("SELECT seq FROM sync_head"), shop.sql("SELECT count(*) FROM account")
    with pytest.raises(AccountError, match=said):
        add_user(shop.service, login, role, groups, password)
    assert (shop.sql("SELECT seq FROM sync_head"), shop.sql("SELECT count(*) FROM account")) == before
