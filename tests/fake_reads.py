"""What the fake desk shows: its reads over the shift of the story."""

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from kefu_tui.desk import Refusal
from kefu_tui.now import DAY, HOUR, MINUTE, SECOND
from kefu_tui.store.shown import (
    CannedLine,
    Colleague,
    Draft,
    Due,
    Filled,
    Head,
    Me,
    NoticeRow,
    OrderCard,
    Parcel,
    QueueRow,
    SyncStatus,
    ThreadItem,
    TimerRow,
)
from tests.fake_rooms import FakeEffort, FakeFinding, FakeMacros, FakeViews, done
from tests.fake_story import COLLEAGUES, EMPTY, HOSTILE, NOON, REPLIES, SHIFT, THREAD, TIMERS, Talk
from tests.fake_tickets import FakeAutomation, FakeTickets

SECTION_ORDER = ("mine", "offered", "waiting", "others")


class FakeReads:
    """A shift and what a desk reads of it; `clock` is moved by hand where no `now` is given."""

    def __init__(self, story: str = "shift", lang: str = "zh", *, now: Callable[[], int] | None = None) -> None:
        self.lang = lang
        self.finding, self.macros, self.effort = FakeFinding(), FakeMacros(), FakeEffort()
        self.views, self.tickets, self.automation = FakeViews(self), FakeTickets(self), FakeAutomation(self)
        self.clock = NOON
        self._now = now
        self.calls: list[tuple[Any, ...]] = []
        self.kept: dict[str, str] = {}
        self.kept_from: dict[str, str | None] = {}
        """By conversation: the canned reply that its draft came from."""
        self.fills: dict[str, Filled] = {}
        """By canned reply: how it is filled, where not as the story says."""
        self.past: dict[str, int] = {}
        """By conversation: how many messages it has before those of the story."""
        self._listeners: list[Callable[[Any], None]] = []
        self.refusals: dict[str, Refusal] = {}
        """By verb: why it cannot be, whatever the conversation."""
        self._undo: tuple[str, int] | None = None
        self.story = story
        talks = EMPTY if story == "empty" else SHIFT + ((HOSTILE,) if story == "hostile" else ())
        self.talks = {talk.id: dataclasses.replace(talk) for talk in talks}
        if story == "overfull":
            for talk in self.talks.values():
                talk.name, talk.en_name = talk.name * 6, talk.en_name * 6
                talk.text, talk.en_text = talk.text * 40, (talk.en_text + " ") * 40
                talk.unanswered, talk.tags = 12_345, ("非常非常长的一个标签",) * 6
        self.sent: dict[str, list[str]] = {}
        self.notes: dict[str, list[str]] = {}
        self.notice_rows: list[NoticeRow] = []
        state, since = ("offline", self.now() - 134 * SECOND) if story == "offline" else ("online", self.now() - HOUR)
        state = {"signed-out": "needs-auth", "old": "upgrade", "copied": "forked"}.get(story, state)
        self.sync = SyncStatus(state, since, 0, 0, 0, None, 812, 812)
        if story in ("offline", "held"):
            self.sync = self.sync._replace(pending=3 if story == "offline" else 0, held=1)
            self.notice_rows.append(self._held())
            self.kept["wang"] = "非常抱歉让您久等，我先帮您催一下顺丰"

    def _held(self) -> NoticeRow:
        body = self._say(
            "您的包裹由顺丰承运，单号 SF1385628716739，正在路上，请放心收货。",
            "Your parcel is with SF, number SF1385628716739, and on its way.",
        )
        text = self._say(
            "写好之后，订单 3287 4091 2344 变成了退款中。", "Order 3287 4091 2344 went to refund after you wrote this."
        )
        actions = ("send-anyway", "edit", "to-note", "copy", "discard")
        name, at = self._name(self.talks["wang"]), self.now() - 120 * SECOND
        return NoticeRow("notice-1", "op-9", "held", "order-changed", text, body, "wang", "m-held", name, at, actions)

    # Small words

    def _say(self, zh: str, en: str) -> str:
        return en if self.lang == "en" else zh

    def _name(self, talk: Talk) -> str:
        return self._say(talk.name, talk.en_name)

    def _due(self, talk: Talk, kind: str = "next_response") -> Due | None:
        if talk.status in ("snoozed",):
            return Due(kind, NOON - MINUTE, None, None, None, True)
        if talk.left is None or talk.status == "resolved":
            return None
        due = NOON + talk.left * SECOND
        start = due - talk.target * SECOND
        return Due(kind, start, start + talk.target * SECOND // 2, start + talk.target * SECOND * 8 // 10, due, False)

    def _section(self, talk: Talk) -> str:
        if talk.offered:
            return "offered"
        return "mine" if talk.owner == "me" else "waiting" if talk.owner is None else "others"

    # Reads

    def now(self) -> int:
        """Microseconds UTC."""
        return self._now() if self._now else self.clock

    def zone(self) -> str:
        """The agent's zone."""
        return "Asia/Shanghai"

    def me(self) -> Me:
        """The agent."""
        load = sum(talk.owner == "me" and talk.status in ("open", "snoozed") for talk in self.talks.values())
        return Me("me", "xiaomei", self._say("王小美", "Mei Wang"), "agent", load, 8)

    def status(self) -> SyncStatus:
        """How sync stands."""
        return self.sync

    def _view(self, view: str) -> list[Talk]:
        wanted = {"work": ("mine", "offered", "waiting"), "mine": ("mine",), "waiting": ("waiting",)}.get(
            view, SECTION_ORDER
        )
        put_away = ("snoozed", "resolved") if view in ("work", "waiting") else ("resolved",)
        found = [talk for talk in self.talks.values() if self._section(talk) in wanted and talk.status not in put_away]
        return sorted(
            found, key=lambda talk: (SECTION_ORDER.index(self._section(talk)), talk.left is None, talk.left or 0)
        )

    def queue_count(self, view: str) -> int:
        """How many a view has."""
        return len(self._view(view))

    def queue_ids(self, view: str, limit: int = 2000) -> list[str]:
        """Ids in order."""
        return [talk.id for talk in self._view(view)][:limit]

    def queue_rows(self, ids: Sequence[str]) -> list[QueueRow]:
        """Rows of ids."""
        held = {notice.conversation_id for notice in self.notice_rows}
        return [
            QueueRow(
                talk.id, self._section(talk), talk.kind, self._name(talk), talk.tier,
                self._say(talk.text, talk.en_text), talk.unanswered, talk.status, talk.owner,
                "刘洋" if talk.owner == "liu" else None, self._due(talk), NOON - MINUTE, 0, int(one in held), "web", 3,
            )
            for one in ids
            if (talk := self.talks.get(one)) is not None
        ]  # fmt: skip

    def head(self, conversation_id: str) -> Head | None:
        """The open conversation."""
        talk = self.talks.get(conversation_id)
        if talk is None:
            return None
        return Head(
            talk.id, f"c-{talk.id}", self._name(talk), talk.tier, "", "web", "default", talk.kind, talk.status, 3,
            self.lang, talk.owner, {"me": self.me().name, "liu": "刘洋"}.get(talk.owner or ""), talk.owner == "me",
            None, talk.owner == "me", talk.tags, 3, 2, NOON - 258 * SECOND,
            NOON + HOUR if talk.status == "snoozed" else None, self._due(talk), 6,
        )  # fmt: skip

    def thread(self, conversation_id: str, limit: int = 200, before: int | None = None) -> list[ThreadItem]:
        """Its messages."""
        talk = self.talks.get(conversation_id)
        if talk is None:
            return []
        me, offline = self._say("王小美", "Mei Wang"), self.sync.state == "offline"
        told = [("customer", self._name(talk), talk.text, talk.en_text, 90)]
        told = list(THREAD) if conversation_id == "wang" else told
        past = self.past.get(talk.id, 0)
        items = [
            ThreadItem(f"{talk.id}-p{number}", "me" if number % 3 else "customer", me, f"从前 {number}",
                       NOON - HOUR - (past - number) * 90 * SECOND, "", None, "")
            for number in range(past)
        ]  # fmt: skip
        items += [
            ThreadItem(f"{talk.id}-{number}", who, author, self._say(zh, en), NOON - ago * SECOND, "", None, "")
            for number, (who, author, zh, en, ago) in enumerate(told)
        ]
        for who, texts in (("note", self.notes.get(talk.id, [])), ("me", self.sent.get(talk.id, []))):
            mark = "pending" if offline else ""
            for number, text in enumerate(texts):
                items.append(ThreadItem(f"{talk.id}-{who}-{number}", who, me, text, self.now(), mark, None, ""))
        for notice in self.notice_rows:
            if notice.conversation_id == talk.id:
                items.append(ThreadItem("m-held", "me", me, notice.body, notice.at, "held", notice.code, "op-9"))
        return items[-limit:]

    def orders(self, customer_id: str) -> list[OrderCard]:
        """Orders of a customer."""
        if customer_id != "c-wang":
            return []
        midnight = NOON - (21 * HOUR + 4 * MINUTE + 18 * SECOND)
        say = self._say
        trace = (
            (midnight + 8 * HOUR + 12 * MINUTE, say("到杭州转运中心", "at Hangzhou hub")),
            (midnight + 2 * HOUR + 40 * MINUTE, say("离开武汉", "left Wuhan")),
            (midnight - 6 * HOUR + 5 * MINUTE, say("顺丰已揽收", "picked up by SF")),
        )
        parcel = Parcel(say("顺丰", "SF"), "SF1385628716739", "in_transit", trace)
        status = "refunding" if self.story in ("offline", "held") else "shipped"
        line = (say("自然堂雪域精粹水 120ml", "Chando Alpine Toner 120ml"), 1, 12800)

        def card(place: int, number: str, status: str, total: int, days: int, *parcels: Parcel) -> OrderCard:
            at = midnight - days * DAY + 9 * HOUR + 20 * MINUTE
            paid = total if status == "refunded" else 0
            return OrderCard(
                f"o{place}", number, status, total, total, paid, "CNY", "浙江", at, at, (line,), parcels, 1
            )  # fmt: skip

        return [
            card(1, "328740912344", status, 12800, 1, parcel),
            card(2, "328739801107", "done", 5900, 30),
            card(3, "328722190457", "refunded", 8900, 60),
        ]

    def recognised(self, text: str) -> list[tuple[int, int, str]]:
        """Where the known numbers stand."""
        at = text.find("328740912344")
        return [(at, at + 12, "order")] if at >= 0 else []

    def canned(
        self, query: str, conversation_id: str | None, limit: int = 50, *, slips: bool = False
    ) -> list[CannedLine]:
        """Replies by text or shortcut."""
        found = []
        for number, (zh, en, shortcut, uses, text, en_text) in enumerate(REPLIES):
            if query and query not in shortcut and query.lower() not in (zh + en.lower()):
                continue
            reason = (
                self._say("问了 怎么还没到；订单在途", "asked where; order in transit")
                if number == 0 and conversation_id
                else ""
            )
            found.append(
                CannedLine(
                    f"r{number}",
                    self._say(zh, en),
                    self._say(text, en_text),
                    shortcut,
                    "answer",
                    "logistics",
                    "team",
                    self.lang,
                    uses,
                    reason,
                )
            )
        return found[:limit]

    def canned_count(self) -> int:
        """How many there are."""
        return len(REPLIES)

    def fill(self, canned_id: str, conversation_id: str) -> Filled:
        """A reply for a conversation."""
        if canned_id in self.fills:
            return self.fills[canned_id]
        zh, en, _, _, text, en_text = REPLIES[int(canned_id[1:])]
        said = self._say(text, en_text)
        spans = tuple(
            sorted(
                (at, at + len(value))
                for value in ("顺丰", "SF1385628716739", "08:12", "杭州转运中心", "SF Express", "Hangzhou hub")
                if (at := said.find(value)) >= 0
            )
        )
        return Filled(canned_id, self._say(zh, en), said, spans, (), ())

    def offer(self, conversation_id: str, skip: int = 0) -> Filled | None:
        """The offered reply."""
        return self.fill(f"r{skip}", conversation_id) if skip < 3 else None

    def timers(self, limit: int = 50) -> list[TimerRow]:
        """Running clocks."""
        found = []
        for one, kind, left, target in TIMERS:
            if one in self.talks:
                talk = dataclasses.replace(self.talks[one], left=left, target=target, status="open")
                found.append(TimerRow(one, self._name(talk), self._due(talk, kind)))  # type: ignore[arg-type]
        if "shi" in self.talks:
            found.append(
                TimerRow(
                    "shi", self._name(self.talks["shi"]), Due("complaint_close", NOON - HOUR, None, None, None, True)
                )
            )
        return found[:limit]

    def reply_rate(self, platform: str) -> tuple[tuple[str, str], float | None, int | None]:
        """A good day."""
        return ("3分钟回复率", "3-min replies"), 0.964 if self.story == "shift" else None, 7

    def lasting(self) -> tuple[list[tuple[str, int, str]], int]:
        """No emergency."""
        return [], 0

    def on_shift(self, now: int) -> bool:
        """The hours of service."""
        return True

    def notices(self) -> list[NoticeRow]:
        """What stays until acted on."""
        return list(self.notice_rows)

    def colleagues(self) -> list[Colleague]:
        """Whom to hand over to."""
        return list(COLLEAGUES)

    def tags(self) -> list[str]:
        """Known tags."""
        return ["物流", "催件", "退款", "质量", "表扬"]

    def draft(self, conversation_id: str) -> Draft | None:
        """Unsent text."""
        text = self.kept.get(conversation_id)
        source = self.kept_from.get(conversation_id)
        return Draft(conversation_id, text, source, "{}", self.now()) if text else None

    def keep_draft(self, conversation_id: str, text: str, canned_id: str | None = None) -> "Future[None]":
        """Keep unsent text."""
        self.calls.append(("keep_draft", conversation_id, text))
        self.kept[conversation_id], self.kept_from[conversation_id] = text, canned_id
        return done(None)

    def ringing(self) -> str | None:
        """No call rings."""
        return None

    def next_for_me(self, after: str | None = None) -> str | None:
        """Who is next."""
        for talk in self._view("mine"):
            if talk.unanswered and talk.status == "open" and talk.id != after:
                return talk.id
        waiting = [talk for talk in self._view("waiting") if talk.id != after]
        return waiting[0].id if waiting else None

    def refusal(self, verb: str, conversation_id: str | None) -> str | None:
        """Why not, in a sentence."""
        why = self._why(verb, conversation_id)
        return why.say(self.lang) if why is not None else None

    def _why(self, verb: str, conversation_id: str | None) -> Refusal | None:
        if verb in self.refusals:
            return self.refusals[verb]
        if verb == "undo":
            return None if self._undo else Refusal("nothing-to-undo")
        if verb == "take" and conversation_id is None:
            conversation_id = self.next_for_me()
        talk = self.talks.get(conversation_id or "")
        if talk is None:
            return Refusal("not-waiting" if verb == "take" else "gone")
        if verb == "reopen":
            return None if talk.status == "resolved" else Refusal("wrong-state", {"status": talk.status})
        if talk.status == "resolved" and verb not in ("note", "tag", "untag"):
            return Refusal("conversation-closed")
        if verb == "take":
            load = str(self.me().load)
            return Refusal("full", {"load": load, "capacity": "8"}) if int(load) >= 8 else None
        if verb in ("reply", "transfer", "snooze", "resolve", "release") and talk.owner != "me":
            return Refusal("not-taken")
        return None

    def can_undo(self) -> tuple[str, int] | None:
        """What can be taken back."""
        return self._undo
