"""Dialogues from our own story and from recorded chats: what they become, and what is said of bad files."""

import pathlib
import random

import pytest

from kefu_tui.demo.cast import arrivals, digest, gap_for, within
from kefu_tui.demo.shop import open_shop, orders_for
from kefu_tui.demo.story import ORDER, StoryError, load
from kefu_tui.now import SECOND
from kefu_tui.rules.recognise import recognise

RECORDED = """session_id\tuser_id\twaiter_send\tis_transfer\tis_repeat\tsku\ttext
s1\tu1\t1\t0\t0\tnan\t有什么可以帮您
s1\tu1\t0\t0\t0\tnan\t[订单x] 到哪了？"还没到"
s1\tu1\t1\t0\t0\tnan\t请稍等 [ORDERID_10005629]
s2\tu2\t1\t0\t0\tnan\t只有客服说话
s3\tu3\t0\t0\t0\tnan\t在吗
s1\tu1\t0\t0\t0\tnan\t好的
"""
ONE = '[[dialogue]]\nname = "王"\nlocale = "zh"\nkind = "other"\n'
NOW = 1_795_000_000 * SECOND


@pytest.fixture
def recorded(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "chat.tsv"
    path.write_text(RECORDED, encoding="utf-8")
    return path


def test_our_story_is_thirty_dialogues_that_customers_begin() -> None:
    told = load(None, 1)
    assert len(told) == 30
    assert all(one.turns[0].party == "customer" for one in told)
    assert told[0].seconds == sum(turn.after for turn in told[0].turns)


def test_a_recorded_chat_begins_with_its_customer_and_asks_for_our_order(recorded: pathlib.Path) -> None:
    first, second = load(recorded, 7)
    assert [(turn.party, turn.text) for turn in first.turns] == [
        ("customer", f'{ORDER} 到哪了？"还没到"'),
        ("agent", f"请稍等 {ORDER}"),
        ("customer", "好的"),
    ]
    assert first.order
    assert (second.key, second.order) == ("s3", False)
    assert all(0 < turn.after <= 40 for turn in first.turns)


def test_pauses_and_names_of_recorded_chats_come_from_the_seed(recorded: pathlib.Path) -> None:
    assert load(recorded, 7) == load(recorded, 7)
    assert load(recorded, 7) != load(recorded, 8)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.tsv", "", "line 1: no column session_id, waiter_send, text"),
        ("a.tsv", "session_id\twaiter_send\ntext", "no column text"),
        ("a.tsv", "session_id\twaiter_send\ttext\ns\t2\thi", "line 2"),
        ("a.tsv", "session_id\twaiter_send\ttext\ns\t0", "line 2"),
        ("a.tsv", "session_id\twaiter_send\ttext\ns\t1\thi", "no customer"),
        ("a.toml", "x = ", "a.toml"),
        ("a.toml", "x = 1", "no [[dialogue]]"),
        ("a.toml", '[[dialogue]]\nname = "王"', "dialogue 1 (王): turn is missing"),
        (
            "a.toml",
            ONE + 'turn = [{after = 1, from = "agent", text = "x"}]',
            "the customer begins",
        ),
        (
            "a.toml",
            ONE + 'turn = [{after = 1, from = "cat", text = "x"}]',
            "customer or agent",
        ),
    ],
)
def test_a_bad_file_is_told_in_one_line(tmp_path: pathlib.Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StoryError) as caught:
        load(path, 1)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00x", None])
def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path: pathlib.Path, content: bytes | None) -> None:
    path = tmp_path / "chat.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoryError, match=r"chat\.tsv"):
        load(path, 1)


def test_the_same_seed_brings_the_same_customers() -> None:
    def coming(seed: int) -> list[tuple[float, str, list[str]]]:
        found = within(arrivals(load(None, seed), open_shop(), seed, lambda: NOW, 10.0), 600)
        return [(one.at, one.dialogue.name, one.texts) for one in found]

    assert coming(7) == coming(7)
    assert coming(7) != coming(8)


def test_customers_write_the_number_of_their_own_order() -> None:
    found = within(arrivals(load(None, 1), open_shop(), 1, lambda: NOW, 10.0), 1200)
    told = [one for one in found if one.orders and any(one.orders[0].order_no in text for text in one.texts)]
    assert told
    assert not any(ORDER in turn.text for one in found for turn in one.dialogue.turns)


def test_only_those_come_who_can_finish() -> None:
    found = within(arrivals(load(None, 1), open_shop(), 1, lambda: NOW, 5.0), 300)
    assert len(found) > 10
    assert all(one.at + one.dialogue.seconds <= 300 for one in found)


def test_fewer_agents_get_fewer_customers() -> None:
    told = load(None, 1)
    assert gap_for(told, 1, 1.0) == pytest.approx(4 * gap_for(told, 4, 1.0))
    assert gap_for(told, 4, 500.0) > gap_for(told, 4, 1.0)


def test_the_digest_tells_order_and_words() -> None:
    one = within(arrivals(load(None, 1), open_shop(), 1, lambda: NOW, 5.0), 100)
    assert digest(one, {0: ["a", "b"]}) != digest(one, {0: ["b", "a"]})


def test_orders_of_the_shop_agree_with_themselves() -> None:
    chance, shop = random.Random(3), open_shop()
    seen = set()
    for _ in range(300):
        for order in orders_for(shop, chance, "buyer", NOW, count=2):
            seen.add(order.status)
            assert order.total == sum(line.price * line.quantity for line in order.lines)
            assert (order.paid_at is None) == (order.paid == 0) == (order.status in ("unpaid", "closed"))
            assert [one.kind for one in recognise(order.order_no)] == ["order_no"]
            for parcel in order.parcels:
                times = [at for at, _ in parcel.trace]
                assert times == sorted(times)
                assert order.placed_at < times[0] <= times[-1] <= NOW
                assert recognise(f"快递 {parcel.tracking_no}")[0].candidates[0].carrier == parcel.carrier
    assert seen == {"unpaid", "paid", "shipped", "done", "closed", "refunding", "refunded"}
