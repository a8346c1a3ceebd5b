"""What an agent does at the desk: each verb commits here, says what it did, and can be taken back where that makes sense."""

import pathlib
from collections.abc import Iterator

import pytest

from kefu_tui.desk import Changed, Colleague, Done, Refusal
from kefu_tui.model.rows import CannedReply, Clock, Conversation, Message, Order, Shipment
from kefu_tui.now import HOUR, MINUTE
from tests.desk.place import Place
from tests.operations.rows import NOW


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Iterator[Place]:
    place = Place(tmp_path)
    place.put(
        Conversation(id="c1", customer_id="wang", channel="web", group_id="one", opened_at=NOW, last_at=NOW, last_pos=1,
                     unanswered=1, due_kind="next_response", due_from=NOW, due_at=NOW + MINUTE, preview="快递到哪了"),
        Message(id="m0", conversation_id="c1", conv_pos=1, author="customer", author_id="wang", text="快递到哪了", at=NOW,
                state="received", op_id="o0"),
        Clock(id="k1", conversation_id="c1", kind="next_response", started_at=NOW, due_at=NOW + MINUTE),
        CannedReply(id="r1", stage="answer", scenario="logistics", title="物流查询", shortcut="wlcx", initials="wlcx",
                    pinyin="wuliuchaxun", when_words="快递 到哪", edited_at=NOW,
                    text="您好，您的包裹由{{ shipment.carrier }}承运，单号 {{ shipment.tracking_no }}。"),
        CannedReply(id="r2", stage="greet", scenario="greeting", title="问候", shortcut="wh", initials="wh",
                    pinyin="wenhou", when_words="在吗", text="您好，我是{{ agent.name }}。", edited_at=NOW),
    )  # fmt: skip
    yield place
    place.store.close()


def with_order(place: Place) -> None:
    place.put(
        Order(
            id="o1",
            order_no="126036803257340376",
            status="shipped",
            customer_id="wang",
            total=12_800,
            placed_at=NOW,
            version=4,
        ),
        Shipment(id="s1", order_id="o1", carrier="顺丰", tracking_no="SF1385628716739", updated_at=NOW),
    )


def taken(place: Place) -> None:
    assert isinstance(place.desk.take("c1").result(), Done)


def test_take_reply_and_what_the_screen_then_shows(place: Place) -> None:
    heard: list[Changed] = []
    place.desk.subscribe(heard.append)
    done = place.desk.take().result()
    assert isinstance(done, Done)
    assert (done.status, done.undoable, done.said) == ("applied", True, "已接 王**")
    assert heard[-1].conversations == {"c1"}
    assert isinstance(place.desk.reply("c1", "您好").result(), Done)
    (row,) = place.desk.queue_rows(["c1"])
    assert (row.section, row.unanswered, row.pending, row.preview) == ("mine", 0, 2, "您好")
    assert [(item.who, item.mark) for item in place.desk.thread("c1")] == [("customer", ""), ("me", "pending")]
    assert place.desk.status().pending == 2
    assert place.desk.me().load == 1


def test_a_full_desk_takes_no_more(place: Place) -> None:
    place.store.write(lambda c: c.execute("UPDATE agent SET capacity = 0").rowcount).result()
    refused = place.desk.take("c1").result()
    assert isinstance(refused, Refusal)
    assert refused.say("zh") == "接不了：已接 0 位，先结束一位。"
    assert place.desk.refusal("take", "c1") == refused.say("zh")


def test_nothing_waits(place: Place) -> None:
    taken(place)
    assert place.desk.take().result() == Refusal("not-waiting") or place.desk.next_for_me() == "c1"
    place.desk.reply("c1", "好").result()
    assert place.desk.next_for_me() is None
    assert place.desk.take().result() == Refusal("not-waiting")


class TestDrafts:
    def test_a_draft_survives_the_process(self, place: Place) -> None:
        place.desk.keep_draft("c1", "正在帮您").result()
        place.reopen()
        draft = place.desk.draft("c1")
        assert draft
        assert draft.text == "正在帮您"

    def test_sending_drops_it_and_a_refused_sending_keeps_it(self, place: Place) -> None:
        place.desk.keep_draft("c1", "您好").result()
        assert place.desk.reply("c1", "您好").result() == Refusal("not-taken")
        assert place.desk.draft("c1")
        taken(place)
        assert isinstance(place.desk.reply("c1", "您好").result(), Done)
        assert place.desk.draft("c1") is None

    def test_what_was_known_is_what_was_known_when_it_began(self, place: Place) -> None:
        taken(place)
        place.desk.keep_draft("c1", "您").result()
        place.put(Message(id="m1", conversation_id="c1", conv_pos=2, author="agent", author_id="lin", text="我来答", at=NOW,
                          state="sent", op_id="o1"))  # fmt: skip
        place.desk.keep_draft("c1", "您好").result()
        done = place.desk.reply("c1", "您好").result()
        assert isinstance(done, Done)
        assert done.status == "held"
        (item,) = [item for item in place.desk.thread("c1") if item.who == "me"]
        assert (item.mark, item.reason) == ("held", "answered")


class TestUndo:
    def test_before_anything_left_it_is_as_if_it_never_was(self, place: Place) -> None:
        taken(place)
        place.desk.reply("c1", "您好").result()
        done = place.desk.undo().result()
        assert isinstance(done, Done)
        assert (done.status, done.said) == ("void", "已撤销：已回复 王**")
        assert [item.who for item in place.desk.thread("c1")] == ["customer"]
        draft = place.desk.draft("c1")
        assert draft, "the words come back into the composer"
        assert draft.text == "您好"
        assert place.ask("SELECT op_no, kind FROM outbox ORDER BY op_no") == [(1, "conversation.claim"), (2, "void")]
        assert place.ask("SELECT outcome FROM clock") == [("running",)]

    def test_a_reply_that_left_cannot_be_taken_back(self, place: Place) -> None:
        taken(place)
        place.desk.reply("c1", "您好").result()
        place.sent()
        assert place.desk.can_undo() is None
        assert place.desk.undo().result() == Refusal("too-late")

    @pytest.mark.parametrize("verb", ["take", "resolve", "tag", "snooze", "transfer"])
    def test_what_left_is_taken_back_by_its_inverse(self, place: Place, verb: str) -> None:
        if verb != "take":
            taken(place)
        place.sent()
        before = place.ask("SELECT status, assignee_id, offered_to_id, snoozed_until FROM conversation")
        futures = {
            "take": lambda: place.desk.take("c1"),
            "resolve": lambda: place.desk.resolve("c1"),
            "tag": lambda: place.desk.tag("c1", "催件"),
            "snooze": lambda: place.desk.snooze("c1", NOW + HOUR),
            "transfer": lambda: place.desk.transfer("c1", Colleague("agent", "lin", "Lin", "online", 0)),
        }
        assert isinstance(futures[verb]().result(), Done)
        assert (
            place.ask("SELECT status, assignee_id, offered_to_id, snoozed_until FROM conversation") != before
            or verb == "tag"
        )
        place.sent()
        assert isinstance(place.desk.undo().result(), Done)
        assert place.ask("SELECT status, assignee_id, offered_to_id, snoozed_until FROM conversation") == before
        assert place.ask("SELECT * FROM tag") == []

    def test_undo_ends_after_ten_seconds(self, place: Place) -> None:
        taken(place)
        assert place.desk.can_undo() == ("已接 王**", 10)
        place.wait(11)
        assert place.desk.can_undo() is None
        assert place.desk.undo().result() == Refusal("nothing-to-undo")
        assert isinstance(place.desk.undo(within_s=None).result(), Done)


class TestCanned:
    def test_the_offer_is_what_can_be_filled(self, place: Place) -> None:
        taken(place)
        offered = place.desk.offer("c1")
        assert offered is None or offered.canned_id != "r1", "no parcel: it would have holes"
        with_order(place)
        offered = place.desk.offer("c1")
        assert offered
        assert (offered.canned_id, offered.missing) == ("r1", ())
        assert offered.text == "您好，您的包裹由顺丰承运，单号 SF1385628716739。"
        assert [offered.text[a:b] for a, b in offered.spans] == ["顺丰", "SF1385628716739"]

    def test_a_missing_value_is_named(self, place: Place) -> None:
        filled = place.desk.fill("r1", "c1")
        assert not isinstance(filled, Refusal)
        assert filled.missing == ("shipment.carrier", "shipment.tracking_no")

    @pytest.mark.parametrize("query", ["物流", "wlcx", "wuliu", "wl"])
    def test_found_by_words_shortcut_pinyin_and_initials(self, place: Place, query: str) -> None:
        assert [line.id for line in place.desk.canned(query, "c1")][:1] == ["r1"]

    def test_a_reply_that_speaks_of_an_order_is_held_when_it_changed(self, place: Place) -> None:
        taken(place)
        with_order(place)
        place.desk.keep_draft("c1", "已发货", "r1").result()
        place.put(Order(id="o1", order_no="126036803257340376", status="refunding", customer_id="wang", total=1, placed_at=NOW,
                        version=9))  # fmt: skip
        done = place.desk.reply("c1", "已发货", "r1").result()
        assert isinstance(done, Done)
        assert done.status == "held"


class TestNotices:
    @pytest.fixture
    def held(self, place: Place) -> Place:
        taken(place)
        place.put(Message(id="m1", conversation_id="c1", author="agent", author_id="mei", text="我来", at=NOW, state="held",
                          reason="claim-lost", op_id="o1"))  # fmt: skip
        place.store.write(
            lambda c: (
                c.execute(
                    "INSERT INTO notice (id, op_id, level, code, facts, body, conversation_id, message_id, at) "
                    "VALUES ('n1', 'o1', 'held', 'claim-lost', '{\"by\": \"刘洋\"}', '我来', 'c1', 'm1', 1)"
                ).rowcount
            )
        ).result()
        return place

    def test_it_says_what_happened_and_what_to_do(self, held: Place) -> None:
        (notice,) = held.desk.notices()
        assert notice.text == "这个会话现在由刘洋接待。"
        assert notice.actions == ("send-anyway", "edit", "to-note", "copy", "discard")
        assert held.desk.status().held == 1

    @pytest.mark.parametrize(
        ("action", "text", "expected"),
        [
            ("send-anyway", None, ("queued", "text", "我来")),
            ("edit", "改过", ("queued", "text", "改过")),
            ("to-note", None, ("kept", "note", "我来")),
            ("discard", None, ("discarded", "text", "我来")),
        ],
    )
    def test_it_goes_when_decided(self, held: Place, action: str, text: str | None, expected: tuple[str, ...]) -> None:
        assert isinstance(held.desk.settle("n1", action, text).result(), Done)
        assert held.desk.notices() == []
        assert held.ask("SELECT state, kind, text FROM message WHERE id = 'm1'") == [expected]

    @pytest.mark.parametrize(("role", "seen"), [("agent", False), ("lead", True)])
    def test_a_colleagues_held_reply_is_shown_to_leads_alone(self, held: Place, role: str, seen: bool) -> None:
        held.store.write(lambda c: c.execute("UPDATE message SET author_id = 'lin' WHERE id = 'm1'").rowcount).result()
        held.store.write(lambda c: c.execute("UPDATE agent SET role = ? WHERE id = 'mei'", (role,)).rowcount).result()
        assert any(item.mark == "held" for item in held.desk.thread("c1")) is seen

    def test_copying_decides_nothing(self, held: Place) -> None:
        held.desk.settle("n1", "copy").result()
        assert len(held.desk.notices()) == 1

    def test_an_unknown_action_is_refused(self, held: Place) -> None:
        assert isinstance(held.desk.settle("n1", "burn").result(), Refusal)
        assert len(held.desk.notices()) == 1


def test_several_operations_are_all_or_none(place: Place) -> None:
    from kefu_tui.operations.conversation import Claim, Resolve

    refused = place.desk.do(Claim(conversation_id="c1"), Resolve(conversation_id="nowhere")).result()
    assert refused == Refusal("gone")
    assert place.ask("SELECT assignee_id FROM conversation") == [(None,)]
    assert place.ask("SELECT * FROM outbox") == []
    assert place.ask("SELECT * FROM shadow") == []


def test_views_hold_what_they_say(place: Place) -> None:
    def conversation(id: str, status: str, assignee: str | None, offered_to: str | None = None) -> Conversation:
        return Conversation(
            id=id,
            customer_id="wang",
            channel="web",
            group_id="one",
            opened_at=NOW,
            last_at=NOW,
            status=status,
            assignee_id=assignee,
            offered_to_id=offered_to,
        )

    place.put(
        conversation("c2", "open", "lin"),
        conversation("c3", "resolved", "mei"),
        conversation("c4", "snoozed", "mei"),
        conversation("c5", "archived", None),
        conversation("c6", "open", "lin", "mei"),
    )
    found = {view: set(place.desk.queue_ids(view)) for view in ("waiting", "mine", "group", "all", "work")}
    assert found == {
        "waiting": {"c1"},
        "mine": {"c4"},
        "group": {"c1", "c2", "c3", "c4", "c6"},
        "all": {"c1", "c2", "c3", "c4", "c6"},
        "work": {"c1", "c6"},
    }
    assert {view: place.desk.queue_count(view) for view in found} == {view: len(ids) for view, ids in found.items()}


def test_what_was_done_together_is_undone_together(place: Place) -> None:
    taken(place)
    assert isinstance(place.desk.resolve("c1", "催件").result(), Done)
    assert isinstance(place.desk.undo().result(), Done)
    assert place.ask("SELECT status FROM conversation") == [("open",)]
    assert place.ask("SELECT * FROM tag") == []
    place.desk.resolve("c1", "催件").result()
    place.sent()
    assert isinstance(place.desk.undo().result(), Done)
    assert place.ask("SELECT status FROM conversation") == [("open",)]
    assert place.ask("SELECT * FROM tag") == []
