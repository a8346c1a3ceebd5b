"""The chat page in a real browser: write, read, reload, lose the network, in Chinese and English."""

import shutil
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect, sync_playwright

from kefu_tui.backend.serve import start_in_thread

from .shop import Desk, Shop
from .test_chat_api import HOSTILE
from .test_entering import ask_for_it, greets

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.on_sqlite,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

OpenPage = Callable[..., Page]
PATIENCE = 20_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def customer(shop: Shop, browser: Browser) -> Iterator[OpenPage]:
    """Opens the chat page as a new customer; at the end nothing must have failed or gone elsewhere."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def heard(text: str) -> None:
        if "Failed to load resource" not in text and "net::ERR" not in text:
            faults.append(text)

    def open_(language: str = "zh-CN", *, phone: bool = False, path: str = "/chat") -> Page:
        size = {"width": 390, "height": 780} if phone else {"width": 1280, "height": 800}
        context = browser.new_context(viewport=size, locale=language, is_mobile=phone, has_touch=phone)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: heard(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: faults.append(f"dialog {dialog.message}"))
        page.on(
            "request",
            lambda request: None if request.url.startswith((shop.running.url, "data:")) else faults.append(request.url),
        )
        page.goto(shop.running.url + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert faults == []


def write(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def said(page: Page) -> Locator:
    return page.locator("#lines .said")


def settled(page: Page, count: int) -> None:
    """Waits until so many lines are shown and none is on its way."""
    expect(said(page)).to_have_count(count)
    expect(page.locator("#lines .pending")).to_have_count(0)


def take(shop: Shop, desk: Desk) -> str:
    """Waits for the conversation to arrive at the backend and claims it."""
    while not (found := shop.sql("SELECT id FROM conversation WHERE assignee_id IS NULL")):
        pass
    desk.claim(found[0][0])
    return str(found[0][0])


@pytest.mark.parametrize("phone", [False, True])
def test_a_customer_writes_is_answered_and_reloads(shop: Shop, customer: OpenPage, phone: bool) -> None:
    mei = shop.hire("mei")
    page = customer(phone=phone)
    expect(page.get_by_role("heading", name="在线客服")).to_be_visible()
    page.get_by_label("怎么称呼您").fill("小林")
    page.get_by_label("消息").fill("第一行")
    page.get_by_label("消息").press("Shift+Enter")
    page.get_by_label("消息").press_sequentially("第二行")
    page.get_by_role("button", name="发送").click()
    conversation = take(shop, mei)
    mei.reply(conversation, "您好，今天发出。")
    expect(said(page)).to_have_text(["第一行\n第二行", "您好，今天发出。"])
    expect(page.get_by_role("log", name="对话").get_by_text("客服")).to_be_visible()
    expect(page.get_by_label("怎么称呼您")).to_be_hidden()
    assert shop.sql("SELECT name, locale FROM customer") == [("小林", "zh")]
    page.reload()
    expect(said(page)).to_have_text(["第一行\n第二行", "您好，今天发出。"])
    write(page, "谢谢")
    settled(page, 3)
    assert shop.sql("SELECT count(*) FROM conversation") == [(1,)]


def test_english_and_the_switch(shop: Shop, customer: OpenPage) -> None:
    page = customer("en-GB")
    expect(page).to_have_title("Customer service")
    assert page.locator("html").get_attribute("lang") == "en"
    write(page, "Where is my parcel?")
    settled(page, 1)
    assert shop.sql("SELECT language FROM conversation") == [("en",)]
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="在线客服")).to_be_visible()
    expect(page.locator("#lines").get_by_text("我", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="在线客服")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "zh-CN"


def test_hostile_text_of_both_sides_is_shown_literally(shop: Shop, customer: OpenPage) -> None:
    mei = shop.hire("mei")
    page = customer()
    write(page, "<img src=x onerror=alert(1)>")
    conversation = take(shop, mei)
    for text in HOSTILE:
        mei.reply(conversation, text)
    settled(page, 1 + len(HOSTILE))
    shown = [element.evaluate("element => element.textContent") for element in said(page).all()]
    assert shown == ["<img src=x onerror=alert(1)>", *HOSTILE]
    assert said(page).locator("*").count() == 0


def test_a_flood_of_marks_stays_in_its_bubble(shop: Shop, customer: OpenPage) -> None:
    page = customer(phone=True)
    write(page, "e" + "\u0301" * 500 + " " + "W" * 3000)
    settled(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#thread").evaluate("thread => thread.scrollWidth <= thread.clientWidth")


def test_enter_while_an_input_method_composes_sends_nothing(shop: Shop, customer: OpenPage) -> None:
    page = customer()
    page.locator("#text").fill("ni hao")
    page.locator("#text").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    page.locator("#text").dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    expect(page.locator("#text")).to_have_value("ni hao")
    page.locator("#text").press("Enter")
    settled(page, 1)


def test_the_limit_is_told_and_nothing_longer_is_sent(shop: Shop, customer: OpenPage) -> None:
    page = customer()
    page.locator("#text").fill("😀" * 10_001)
    expect(page.locator("#count")).to_have_text("多了 1 字，请分几条发")
    expect(page.get_by_role("button", name="发送")).to_be_disabled()
    page.locator("#text").press("Enter")
    expect(said(page)).to_have_count(0)
    page.locator("#text").fill("😀" * 10_000)
    expect(page.locator("#count")).to_have_text("10,000 / 10,000 字")
    page.locator("#text").press("Enter")
    settled(page, 1)
    assert shop.sql("SELECT length(text) FROM message") == [(10_000,)]


def test_offline_is_told_and_what_was_written_goes_out_once_and_in_order(shop: Shop, customer: OpenPage) -> None:
    page = customer()
    write(page, "一")
    settled(page, 1)
    page.context.set_offline(True)
    expect(page.locator("#notice")).to_contain_text("断网了")
    write(page, "二")
    write(page, "三")
    expect(page.locator("#lines .mark")).to_have_text(["等待网络", "等待网络"])
    page.context.set_offline(False)
    settled(page, 3)
    expect(page.locator("#notice")).to_be_hidden()
    assert shop.sql("SELECT text FROM message ORDER BY conv_pos") == [("一",), ("二",), ("三",)]


def test_unsent_messages_and_the_draft_survive_a_dead_backend_and_a_reload(shop: Shop, customer: OpenPage) -> None:
    page = customer()
    write(page, "一")
    settled(page, 1)
    port = httpx.URL(shop.running.url).port or 0
    shop.running.stop()
    write(page, "二")
    expect(page.locator("#notice")).to_contain_text("暂时连不上")
    page.locator("#text").fill("写了一半")
    context = page.context
    page.close()
    shop.running = start_in_thread(shop.service, port=port)
    again = context.new_page()
    again.goto(shop.running.url + "/chat")
    expect(said(again)).to_have_text(["一", "二"])
    expect(again.locator("#text")).to_have_value("写了一半")
    settled(again, 2)
    assert shop.sql("SELECT text FROM message ORDER BY conv_pos") == [("一",), ("二",)]


def test_an_answer_that_was_lost_doubles_nothing(shop: Shop, customer: OpenPage) -> None:
    page = customer()
    answers: list[str] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "POST" and len(answers) < 2:
            answers.append(route.fetch().text())
            route.abort()
        else:
            route.continue_()

    page.route("**/chat/v1/messages", lose_the_first)
    with page.expect_response(lambda response: response.status == 202) as last:
        write(page, "只有一次")
    settled(page, 1)
    assert {*answers} == {last.value.text()}
    assert len(answers) == 2
    assert shop.sql("SELECT count(*) FROM message") == [(1,)]


def test_without_streams_the_page_asks_now_and_then(shop: Shop, customer: OpenPage) -> None:
    mei = shop.hire("mei")
    page = customer()
    page.route("**/chat/v1/events", lambda route: route.fulfill(status=200, body=""))
    write(page, "在吗")
    conversation = take(shop, mei)
    page.reload()
    mei.reply(conversation, "在的")
    expect(said(page)).to_have_text(["在吗", "在的"])
    mei.reply(conversation, "请讲")
    expect(said(page)).to_have_text(["在吗", "在的", "请讲"])


def test_a_refused_message_says_why_and_can_be_deleted(shop: Shop, customer: OpenPage) -> None:
    page = customer()
    write(page, "一")
    settled(page, 1)
    shop.sql("UPDATE customer SET risk = 'blocked'")
    write(page, "二")
    expect(page.locator("#lines .mark")).to_contain_text("店铺不再接收")
    expect(page.get_by_role("button", name="重试")).to_have_count(0)
    page.get_by_role("button", name="删除").click()
    settled(page, 1)


def test_a_visitor_the_shop_does_not_know_begins_anew(shop: Shop, customer: OpenPage) -> None:
    page = customer()
    write(page, "一")
    settled(page, 1)
    shop.sql("DELETE FROM visitor")
    write(page, "二")
    settled(page, 1)
    expect(said(page)).to_have_text(["二"])
    assert shop.sql("SELECT count(*) FROM visitor") == [(1,)]
    assert shop.sql("SELECT text FROM message ORDER BY at") == [("一",), ("二",)]


def test_news_while_reading_upwards_wait_behind_a_button(shop: Shop, customer: OpenPage) -> None:
    mei = shop.hire("mei")
    page = customer(phone=True)
    write(page, "\n".join(["很长的一段"] * 60))
    conversation = take(shop, mei)
    settled(page, 1)
    page.locator("#thread").evaluate("thread => { thread.scrollTop = 0; }")
    mei.reply(conversation, "新的")
    button = page.get_by_role("button", name="1 条新消息")
    expect(button).to_be_visible()
    assert page.locator("#thread").evaluate("thread => thread.scrollTop") == 0
    button.click()
    expect(button).to_be_hidden()
    expect(page.get_by_text("新的", exact=True)).to_be_in_viewport()


def test_the_first_page_leads_to_the_chat(shop: Shop, customer: OpenPage) -> None:
    page = customer(path="/")
    page.get_by_role("link", name="联系客服").click()
    expect(page.get_by_label("消息")).to_be_visible()


def test_a_score_is_asked_for_once_it_is_over(shop: Shop, customer: OpenPage) -> None:
    mei = shop.hire("mei")
    page = customer()
    write(page, "快递到哪了")
    id = take(shop, mei)
    mei.reply(id, "明天到")
    settled(page, 2)
    expect(page.locator("#rating")).to_be_hidden()
    mei.do("conversation.resolve", {"conversation_id": id})
    page.reload()
    page.get_by_label("想说的话").fill("很快")
    page.get_by_role("button", name="5 很满意").click()
    expect(page.get_by_text("谢谢您的评价。")).to_be_visible()
    expect(page.get_by_role("button", name="5 很满意")).to_be_hidden()
    assert shop.sql("SELECT score, comment FROM close_out") == [(5, "很快")]
    page.reload()
    settled(page, 2)
    expect(page.locator("#rating")).to_be_hidden()


def test_a_visitor_is_greeted_before_writing_and_may_tell_a_name_then(shop: Shop, customer: OpenPage) -> None:
    ask_for_it(shop)
    greets(shop.hire("lead", "lead"))
    page = customer()
    expect(said(page)).to_have_text(["您好，欢迎光临。想了解哪件商品，或者订单有什么问题，在这里写给我们就行。"])
    expect(page.locator("#welcome")).to_be_hidden()
    page.reload()
    settled(page, 1)
    page.get_by_label("怎么称呼您").fill("小林")
    write(page, "快递到哪了")
    settled(page, 2)
    expect(page.get_by_label("怎么称呼您")).to_be_hidden()
    assert shop.sql("SELECT name, locale FROM customer") == [("小林", "zh")]
    assert shop.sql("SELECT count(*) FROM visitor") == shop.sql("SELECT count(*) FROM conversation") == [(1,)]
    page.reload()
    settled(page, 2)
    expect(page.get_by_label("怎么称呼您")).to_be_hidden()


@pytest.mark.parametrize("part", ["visitors", "entered"])
def test_the_page_goes_on_where_the_shop_cannot_be_told_who_came_in(shop: Shop, customer: OpenPage, part: str) -> None:
    ask_for_it(shop)
    page = customer(path="/")
    tried: list[str] = []

    def fail_the_first(route: Route) -> None:
        tried.append(route.request.url)
        if len(tried) == 1:
            route.abort()
        else:
            route.continue_()

    page.route(f"**/chat/v1/{part}", fail_the_first)
    with page.expect_event("requestfailed", lambda request: request.url.endswith(part)):
        page.goto(shop.running.url + "/chat")
    expect(page.locator("#notice")).to_be_hidden()
    write(page, "在吗")
    settled(page, 1)
    assert shop.sql("SELECT count(*) FROM visitor") == shop.sql("SELECT count(*) FROM conversation") == [(1,)]


def test_a_returning_visitor_whom_the_shop_forgot_is_greeted_anew(shop: Shop, customer: OpenPage) -> None:
    page = customer()
    write(page, "一")
    settled(page, 1)
    ask_for_it(shop)
    shop.sql("DELETE FROM visitor")
    with page.expect_response(lambda answer: answer.url.endswith("/entered") and answer.status == 204):
        page.reload()
    assert shop.sql("SELECT count(*) FROM visitor") == [(1,)]
    assert shop.sql("SELECT count(*) FROM conversation") == [(2,)]


def test_where_the_shop_does_not_greet_nobody_is_a_visitor_before_writing(shop: Shop, customer: OpenPage) -> None:
    page = customer()
    expect(page.get_by_role("heading", name="在线客服")).to_be_visible()
    write(page, "在吗")
    settled(page, 1)
    assert shop.sql("SELECT count(*) FROM visitor") == [(1,)]
    assert shop.sql("SELECT count(*) FROM audit WHERE kind = 'conversation.enter'") == [(0,)]
