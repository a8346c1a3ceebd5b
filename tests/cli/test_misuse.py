"""Wrong words get one line that says what is wrong and what to write, and exit code 2."""

import json

import pytest

from tests.cli.program import Kefu


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["queu"], ["queu", "queue"]),
        (["canned", "serch"], ["serch", "search"]),
        (["canned"], ["kefu canned", "list"]),
        (["queue", "--limt", "3"], ["--limt", "--limit"]),
        (["queue", "--limit", "three"], ["--limit", "whole number"]),
        (["queue", "--limit", "-1"], ["--limit", "≥ 0"]),
        (["queue", "--limit"], ["--limit", "value"]),
        (["queue", "--view", "nope"], ["--view", "waiting"]),
        (["queue", "--lang", "en"], ["--lang", "before"]),
        (["queue", "-o", "xml"], ["--output", "ndjson"]),
        (["reply"], ["ID", "kefu reply ID TEXT"]),
        (["reply", "a1b2c3", "two", "words"], ["words", "Quote"]),
        (["reply", "a1", "hello"], ["a1"]),
        (["canned", "add", "--title", "\udcff", "--text", "x"], ["UTF-8"]),
        (["sync", "--once", "--status"], ["--status"]),
        (["transfer", "a1b2c3d4"], ["--agent"]),
        (["policy", "due", "greeting"], ["--at"]),
        (["policy", "due", "greeting", "--at", "now"], ["--at", "now"]),
        (["policy", "due", "greeting", "--at", "2026-01-05", "--pause", "x"], ["--pause"]),
        ([], ["terminal", "kefu queue"]),
        (["demo"], ["terminal", "--headless"]),
        (["up"], ["terminal"]),
        (["login"], ["--backend"]),
        (["login", "--backend", "localhost:1"], ["http://"]),
        (["login", "--backend", "http://127.0.0.1:1", "--user", "a"], ["--password-stdin"]),
        (["user", "add", "anna", "--role", "boss"], ["--role", "auditor"]),
        (["canned", "add", "--title", "x"], ["--text"]),
    ],
)
def test_misuse(desk: Kefu, nobody: Kefu, words: list[str], told: list[str]) -> None:
    kefu = nobody if not words or words[0] in ("login", "demo", "up", "user") else desk
    kefu(*words).refused(2, *told)


def test_in_chinese(nobody: Kefu) -> None:
    nobody("queu", KEFU_LANG="zh").refused(2, "没有命令「queu」", "queue")
    nobody("queue", "--limit", "x", KEFU_LANG="zh").refused(2, "--limit 的值不对，要整数（≥ 0）。")
    nobody("reply", KEFU_LANG="zh").refused(2, "缺 ID")


def test_as_a_problem_for_programs(nobody: Kefu) -> None:
    problem = json.loads(nobody("-o", "json", "queue", "--limit", "x").refused(2).err)
    assert problem["code"] == "usage"
    assert problem["exit"] == 2
    assert problem["type"] == "urn:kefu:desk:usage"
    assert "--limit" in problem["title"]


def test_a_fault_of_the_program_is_one_line_and_v_shows_where(desk: Kefu) -> None:
    for name in ("store.json", "store.copy.json"):
        desk.home.joinpath(name).write_text("[]")
    told = desk("queue")
    assert told.code in (1, 5)
    assert "Traceback" not in told.err
    assert "Traceback" in desk("-v", "queue").err


def test_ctrl_o_words_of_a_customer_are_no_options(desk: Kefu) -> None:
    id = desk.ok("queue", "--view", "mine")[0]["id"]
    assert desk.ok("reply", id, "-10% 优惠")["status"] == "applied"
    assert desk.ok("reply", id, "--", "-o json")["status"] == "applied"
    texts = [one["text"] for one in desk.ok("show", id)["messages"]]
    assert texts[-2:] == ["-10% 优惠", "-o json"]
