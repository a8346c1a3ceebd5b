"""A large group is loaded in parts over HTTP: only what one may see, whatever changes meanwhile."""

import json
import pathlib
from typing import Any

import httpx
import pytest

from kefu_tui.backend.accounts import group_id
from kefu_tui.desk import Done
from kefu_tui.desk.home import Home, open_desk
from kefu_tui.desk.level import sync_once
from kefu_tui.operations.intake import Receive

from .shop import PASSWORD, Desk, MakeShop, Shop, problem


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop(load_from=30)


def come(shop: Shop, number: int, group: str = "default") -> str:
    id = f"c{group}{number}"
    receive = Receive(
        channel="web", group_id=group_id(group), external_id=f"{group}{number}", message_id=f"m{group}{number}",
        customer_id=f"u{group}{number}", conversation_id=id, text=f"在吗 {number}",
    )  # fmt: skip
    shop.service.commits.run(receive, id)
    return id


def pull(desk: Desk, *loading: str) -> httpx.Response:
    cursors = {group: 0 for group in desk.signed["groups"] if group not in loading}
    return desk.get("/sync/v1/pull", cursors=json.dumps(cursors), loading=json.dumps(loading))


def parts(desk: Desk, group: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while not found or found[-1]["after"]:
        answer = desk.get("/sync/v1/load", group=group, after=found[-1]["after"] if found else "")
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
    return found


def test_who_can_load_is_told_to(shop: Shop) -> None:
    for number in range(12):
        come(shop, number)
    mei = shop.hire("mei")
    assert "load" in shop.http.get("/sync/v1/hello").json()["features"]
    refused = problem(pull(mei), 409, "load-first")
    assert group_id("default") in refused["added"]
    assert pull(mei, *refused["added"]).status_code == 200
    plain = mei.get("/sync/v1/pull", cursors=json.dumps(dict.fromkeys(mei.signed["groups"], 0)))
    assert len(plain.json()["rows"]["conversation"]) == 12, "whoever does not say that it can pulls from the start"


def test_parts_hold_all_that_one_may_see_and_no_more(shop: Shop) -> None:
    for number in range(5):
        come(shop, number)
        come(shop, number, "far")
    shop.hire("far", groups=("far",))
    for number in range(5, 8):
        come(shop, number, "far")
    mei = shop.hire("mei")
    found = parts(mei, group_id("default"))
    assert found[0]["total"] == 5
    assert {part["begin"] for part in found[1:]} == {part["after"] for part in found[:-1]}
    text = json.dumps(found)
    assert all(f"cdefault{number}" in text for number in range(5))
    assert "cfar" not in text
    assert "ufar" not in text
    problem(mei.get("/sync/v1/load", group=group_id("far"), after=""), 409, "scope-changed")


@pytest.mark.parametrize("query", [{"after": "x"}, {"after": "c:a:b"}, {"after": "c:1e9:"}])
def test_places_that_cannot_be(shop: Shop, query: dict[str, str]) -> None:
    mei = shop.hire("mei")
    problem(mei.get("/sync/v1/load", group=group_id("default"), **query), 400, "malformed-batch")
    problem(mei.get("/sync/v1/pull", cursors="{}", loading="{"), 400, "malformed-batch")


def test_a_new_desk_loads_works_meanwhile_and_lacks_nothing(
    shop: Shop, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kefu_tui.backend import load
    from kefu_tui.sync.engine import Engine

    monkeypatch.setenv("KEFU_STORE_KEY", "a passphrase")
    part = load.part
    monkeypatch.setattr(load, "part", lambda database, group, after: part(database, group, after, 2, 2))
    first = [come(shop, number) for number in range(12)]
    shop.hire("mei")
    home = Home(tmp_path / "home")
    home.sign_in(shop.running.url, "mei", PASSWORD)
    store = home.open_store()
    desk = open_desk(home, store, "en")
    seen: list[int] = []
    late: list[str] = []
    whole = Engine._load

    def and_something_happens(self: Engine) -> frozenset[str]:
        lanes = whole(self)
        seen.append(desk.status().loaded)
        if not late and desk.head(first[-1]) is not None:
            assert isinstance(desk.take(first[-1]).result(), Done)
            late.extend(come(shop, number) for number in (90, 91))
        return lanes

    monkeypatch.setattr(Engine, "_load", and_something_happens)
    assert sync_once(desk) == "online"
    assert any(0 < loaded < 100 for loaded in seen)
    assert late
    assert seen[-1] == 100
    with store.read() as connection:
        there = {id for (id,) in connection.execute("SELECT id FROM conversation")}
        pending = connection.execute("SELECT count(*) FROM outbox WHERE state = 'pending'").fetchone()
        (mine,) = connection.execute("SELECT assignee_id FROM conversation WHERE id = ?", (first[-1],)).fetchone()
    assert there == {*first, *late}
    assert (pending, mine) == ((0,), desk.agent_id)
    store.close()


@pytest.mark.parametrize(("accepts", "encoding"), [("zstd, gzip", "zstd"), ("gzip;q=1", "gzip"), ("", None)])
def test_a_long_answer_is_compressed_as_the_other_side_understands(
    shop: Shop, accepts: str, encoding: str | None
) -> None:
    for number in range(12):
        come(shop, number)
    mei = shop.hire("mei")
    headers = {**mei.headers, "Accept-Encoding": accepts}
    answer = shop.http.get("/sync/v1/load", params={"group": group_id("default")}, headers=headers)
    assert answer.headers.get("content-encoding") == encoding
    assert len(answer.json()["rows"]["conversation"]) == 12
