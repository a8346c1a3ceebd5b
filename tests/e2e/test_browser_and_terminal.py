"""A customer in a real browser, an agent on a real terminal, a real backend between them, killed in the middle."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.e2e.shop import Shop, until
from tests.e2e.terminal import Terminal

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@pytest.fixture
def page(shop: Shop) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page(locale="zh-CN")
        page.goto(f"{shop.url}/chat")
        yield page
        browser.close()


@pytest.fixture
def desk(shop: Shop) -> Iterator[Terminal]:
    shop.sign_in("mei")
    terminal = Terminal.kefu(shop.environment, "--home", str(shop.folder / "mei"))
    terminal.until("队列", "已同步")
    yield terminal
    terminal.close()


def test_three_keys_answer_a_customer_and_a_cut_cable_loses_nothing(shop: Shop, page: Page, desk: Terminal) -> None:
    box = page.get_by_role("textbox").last
    box.fill("你好，请问在吗")
    box.press("Enter")
    desk.until("你好，请问在吗", "Space")

    desk.press("space")
    desk.until("采纳")
    desk.press("tab")
    desk.until("写")
    offered = shown_reply(desk)
    desk.press("enter")

    reply = page.get_by_role("log").get_by_text(offered[:8])
    reply.wait_for(timeout=30_000)
    assert reply.count() == 1

    second, third = shop.customer("李雷"), shop.customer("韩梅梅")
    second.say("什么时候发货")
    third.say("可以开发票吗")
    desk.until("什么时候发货", "可以开发票吗")
    shop.kill()
    desk.until("离线")
    for number in (1, 2):
        desk.press("space")
        desk.until("回复")
        desk.press(f"断网也能答 {number}")
        desk.until(f"断网也能答 {number}")
        desk.press("enter")
        desk.until(f"待发 {number * 2}")
        desk.press("esc")
    shop.serve()
    desk.until("已同步", gone="离线")
    until(lambda: len(second.reads()) == 2 and len(third.reads()) == 2)
    answers = sorted(text for customer in (second, third) for who, text in customer.reads() if who == "agent")
    assert answers == ["断网也能答 1", "断网也能答 2"]
    assert reply.count() == 1


def shown_reply(desk: Terminal) -> str:
    """The first line of the text in the composer: middle pane, under its title."""
    lines = [line.strip(" ▐") for line in desk.lines(44, 101)]
    title = max(number for number, line in enumerate(lines) if line.startswith("回复"))
    return next(line for line in lines[title + 1 :] if line)
