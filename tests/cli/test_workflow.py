"""`kefu workflow`: listed, drawn, checked and walked through without a desk."""

import pathlib

import pytest

from kefu_tui.config import box
from tests.cli.program import Inside, Kefu


def test_list(nobody: Kefu, tmp_path: pathlib.Path) -> None:
    rows = nobody.ok("workflow", "list")
    assert {row["name"] for row in rows} >= {"complaint", "return", "lost"}
    assert next(row["title"] for row in rows if row["name"] == "complaint") == "Complaint"
    chinese = Inside(tmp_path / "zh", lang="zh")
    assert "投诉" in chinese("workflow", "list", "-o", "table").out


def test_show(nobody: Kefu) -> None:
    told = nobody.ok("workflow", "show", "return")
    assert told["state"][0]["id"] == "requested"
    assert told["transition"][0]["from"] == ["requested"]
    drawn = nobody("--lang", "zh", "workflow", "show", "return", "-o", "table").out
    assert drawn.startswith("退换货 (return)\n")
    assert "+-- 同意 (approve) --> 已同意，待发地址" in drawn
    assert "[waiting] Parcel awaited (awaited)" in nobody("workflow", "show", "return", "-o", "table").out
    nobody("workflow", "show", "nothing").refused(1, "no workflow nothing", "complaint")


@pytest.mark.parametrize("file", sorted(box("workflows").glob("*.toml")), ids=lambda file: file.stem)
def test_what_ships_is_right(nobody: Kefu, file: pathlib.Path) -> None:
    answer = nobody("workflow", "check", str(file))
    assert (answer.code, answer.data) == (0, [])
    assert "examples hold" in answer.err


def test_check_a_file(nobody: Kefu, tmp_path: pathlib.Path) -> None:
    good = box("workflows", "lost.toml").read_text(encoding="utf-8")
    file = tmp_path / "lost.toml"
    file.write_text(good.replace('to = "choosing"', 'to = "nowhere"'), encoding="utf-8")
    nobody("workflow", "check", str(file)).refused(1, "transition confirm_lost.to: 'nowhere'")
    nobody("--lang", "zh", "workflow", "show", str(file)).refused(1, "流程")
    file.write_text("name = ", encoding="utf-8")
    nobody("workflow", "check", str(file)).refused(1, "cannot be read")
    file.write_text(good.replace("让您久等了", "我们保证没有下次"), encoding="utf-8")
    answer = nobody("workflow", "check", str(file))
    assert answer.code == 1
    assert [(hit["transition"], hit["rule"], hit["words"]) for hit in answer.data] == [("arrived", "promise", "保证")]
    assert "1 of which must not be sent" in answer.err
    nobody("workflow", "check", str(tmp_path / "none.toml")).refused(1, "no file")


def test_simulate(nobody: Kefu) -> None:
    words = ("--path", "ask,answered,check_order", "--field", "needed=the tax number")
    rows = nobody.ok("workflow", "simulate", "invoice", *words)
    assert [(row["by"], row["state"]) for row in rows] == [
        ("", "requested"), ("ask", "asked"), ("answered", "requested"), ("check_order", "requested"),
    ]  # fmt: skip
    assert rows[1]["clocks"] == [{"kind": "after_sale_inquiry", "step": "", "paused": True}]
    assert "I still need: the tax number" in rows[1]["text"]
    table = nobody("--lang", "zh", "workflow", "simulate", "invoice", *words, "-o", "table").out
    assert "(after_sale_inquiry)" in table
    assert "还需要您补充：the tax number" in table


def test_simulate_up_to_a_refusal(nobody: Kefu) -> None:
    answer = nobody("workflow", "simulate", "complaint", "--path", "accept")
    assert (answer.code, [row["state"] for row in answer.data]) == (1, ["received"])
    assert answer.err == 'accept cannot be: to fill: "What the customer said", "Level".\n'
    told = ("--path", "ask,answered", "--field", "needed=x", "--role", "finance")
    answer = nobody("--lang", "zh", "workflow", "simulate", "invoice", *told)
    assert (answer.code, answer.err) == (1, "ask 走不了：由客服来做。\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--field", "needed"], "K=V"), (["--field", "colour=red"], "no colour"), (["--field", "amount=much"], "an amount"),
        (["--role", "boss"], "no 'boss'"),
    ],
)  # fmt: skip
def test_misuse(nobody: Kefu, words: list[str], told: str) -> None:
    nobody("workflow", "simulate", "invoice", *words).refused(2, told)


def test_the_clocks_of_a_shops_own_policy(nobody: Kefu, tmp_path: pathlib.Path) -> None:
    policy = box("policies", "standard.toml").read_text(encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text(policy.replace("[clock.warehouse_check]", "[clock.second_check]"), encoding="utf-8")
    file = str(box("workflows", "return.toml"))
    assert nobody("workflow", "check", file, "--policy", "strict").code == 0
    nobody("workflow", "check", file, "--policy", str(own)).refused(1, "warehouse_check")
    nobody("workflow", "check", file, "--policy", "nothing").refused(1, "no policy nothing")
