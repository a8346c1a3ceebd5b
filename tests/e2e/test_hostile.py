"""Text written to attack a terminal reaches every pane and every output as harmless, visible text."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import running
from tests.e2e.shop import Shop
from tests.e2e.terminal import Terminal

HOSTILE = [
    "\x1b]52;c;UFdORUQ=\x07 clipboard",
    "\x1b[31m\x1b[2J\x1b[H red and cleared",
    "\x9b31m\x9d52;c;UFdORUQ=\x9c C1",
    "\x00\x08\x0b\x0c\x7f controls",
    "\u202e\u2066evil\u2069\u202c bidi\u200f\u061c",
    "[bold]markup[/bold] [@click=app.quit]click[/]",
    "z" + "\u0301" * 200 + "algo",
    "👩‍👩‍👧‍👦" * 50 + "\U0001f1e8\U0001f1f3" * 30,
    "\u200b\u2060\ufeff\u00ad zero width",
    "\ue000\U000e0041\ufffe private and tags",
    '=HYPERLINK("http://evil","x")',
    "长" * 10_000,
    "\x1bP+q544e\x1b\\\x1b[6n\x1b[c\x1b]0;title\x07 queries",
]
NEVER = [
    b"\x1b]52", b"\x07", b"\x1b[31m", b"\x1b[2J\x1b[H red", b"\x1b]0;title", b"\x1bP+q", b"\x1b[6n", b"\x00", b"\x08", b"\x7f",
    *(char.encode() for char in "\x9b\x9d\x9c\u202e\u2066\u2069\u202c\u200f\u061c\u200b\u2060\ufeff"),
]  # fmt: skip


def clean(data: bytes) -> None:
    for bad in NEVER:
        assert bad not in data, (
            f"{bad!r} reached the terminal near {data[max(0, data.find(bad) - 40) : data.find(bad) + 40]!r}"
        )


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """All of it in one shop, which the tests only look at."""
    with running(tmp_path_factory.mktemp("attacked")) as shop:
        _attack(shop)
        yield shop


def _attack(shop: Shop) -> None:
    shop.sign_in("mei")
    customer = shop.customer("\x1b]52;c;TkFNRQ==\x07\u202e王[bold]小明")
    for text in HOSTILE:
        customer.say(text)
    orders = shop.folder / "orders.csv"
    attack = "水[b]\x1b]52;c;T1JERVI=\x07\u202e\x9b31m"
    orders.write_text(
        "订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额,宝贝标题 \n"
        f"126036803257340376,1,1,{attack},2026-02-21 00:00:00,2026-02-21 00:01:00,0.0,{attack}\n",
        encoding="utf-8",
    )
    shop.kefu("import", "orders", str(orders), "--yes", home="mei")
    shop.kefu("canned", "add", "--title", attack, "--text", attack, "--shortcut", "gj", home="mei")
    shop.kefu("sync", "--once", home="mei")
    customer.say("订单126036803257340376 queries")
    shop.kefu("sync", "--once", home="mei")
    shop.kefu("take", home="mei")


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
def test_on_the_screen(attacked: Shop, size: tuple[int, int]) -> None:
    environment = {
        **attacked.environment,
        "KEFU_WIDTH": "narrow",
    }  # asked for its width it would be asked by our own bytes
    desk = Terminal.kefu(environment, "--home", str(attacked.folder / "mei"), columns=size[0], rows=size[1])
    try:
        desk.until("已同步")
        desk.press("enter")
        desk.until("queries", " 写 ")
        seen = ""
        for _ in range(80):  # page by page up through the whole thread
            seen += desk.text()
            if "[bold]markup[/bold]" in seen and "clipboard" in seen:
                break
            desk.press("pageup")
            desk.read(0.3)
        assert "[bold]markup[/bold]" in seen
        assert "clipboard" in seen
        desk.press("f6")
        desk.until("水[b]")  # the order's title, beside the conversation or in a pane of its own
        desk.press("f4")
        desk.press("gj")
        desk.until("gj", "水[b]")
    finally:
        desk.close()
    # The pointer's shape is the one thing that the screen library itself says with a bell at its end.
    clean(desk.bytes.replace(b"\x1b]22;default\x07", b""))


@pytest.mark.parametrize("form", ["table", "json", "ndjson", "csv"])
def test_on_the_command_line(attacked: Shop, form: str) -> None:
    (row,) = attacked.kefu("queue", "--view", "mine", home="mei")
    home = str(attacked.folder / "mei")
    for arguments in (
        ["queue", "--view", "all"],
        ["show", row["id"]],
        ["take", row["id"]],
        ["order", "show", "126036803257340376"],
        ["canned", "search", "gj"],
    ):
        run = subprocess.run(
            [sys.executable, "-m", "kefu_tui", "--home", home, "-o", form, *arguments],
            capture_output=True,
            env=attacked.environment,
            timeout=120,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        clean(run.stdout)
        clean(run.stderr)


def test_the_chat_page_refuses_more_than_it_can_carry(shop: Shop) -> None:
    customer = shop.customer("长")
    sent = customer.client.post("/chat/v1/messages", json={"client_id": "1", "text": "长" * 10_001})
    assert sent.status_code == 413
    assert sent.headers["content-type"].startswith("application/problem+json")
    assert customer.reads() == []


def test_stored_as_sent_but_for_what_databases_refuse(shop: Shop) -> None:
    customer = shop.customer("王")
    customer.say("a\x00b\x1b[31m")
    assert customer.reads() == [("customer", "a␀b\x1b[31m")]
