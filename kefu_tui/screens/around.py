"""Around the panes: status line, switcher, notice row and keys, as things stand."""

from typing import TYPE_CHECKING

from kefu_tui.screens import facts
from kefu_tui.screens.going import Going
from kefu_tui.screens.tour import STEPS, Tour
from kefu_tui.text import count
from kefu_tui.widgets.ink import urgency_style
from kefu_tui.widgets.keys_bar import KeysBar
from kefu_tui.widgets.notice_bar import Notice, NoticeBar, Upcoming
from kefu_tui.widgets.status_bar import StatusBar
from kefu_tui.widgets.switcher import Switcher

if TYPE_CHECKING:
    from kefu_tui.desk import Due


class Around(Going):
    """The rows above and below the panes."""

    status_bar: StatusBar
    switcher: Switcher
    notice_bar: NoticeBar
    keys_bar: KeysBar
    clocks: "list[Due | None]"
    """Clocks of my conversations: the load bar."""
    waiting = facts.Waiting()
    """Who nobody has."""
    said: Notice | None = None
    """What was last said in the notice row."""
    undoable = False
    """Whether it can be taken back, and stands as long as it can."""

    def bars(self) -> None:
        """Status, switcher, notice and keys, as things stand."""
        desk, now, lang = self.desk, self.desk.now(), self.lang
        status = desk.status()
        slots = [urgency_style(due, now).state for due in self.clocks]
        self.status_bar.show(desk.me(), status, [slot if slot in facts.LOAD else "calm" for slot in slots], now)
        since = self.queue.stale
        for pane in (self.conversation, self.orders):
            pane.stale = since
        self.conversation.offline = status.state == "offline"
        head, worst = self.opened.head, self.timers.worst()
        if self.single:
            first = self.queue.row_of(self.queue.ids[0]) if self.queue.ids else None
            shown = {
                "queue": first.due if first is not None else None,
                "conversation": head.due if head is not None else None,
                "replies": len(self.opened.replies),
                "orders": len(self.opened.orders),
                "timers": worst.due if worst is not None else None,
            }
            self.switcher.show(
                facts.tabs(shown, lambda name: self.app.keymap.shown(name, "writing"), now, lang), self.pane
            )
        look = self.app.keymap.shown("notices", self.situation)
        self.notice_bar.show(self._notice(facts.Standing(status, now, desk.zone(), lang, look)), now)
        self._keys()

    def _notice(self, stand: facts.Standing) -> Notice | Upcoming:
        """What stands in the notice row; while a macro is recorded, how far that is stands there too."""
        shown = self._said_or_stands(stand)
        if self.app.tour is not None and not (isinstance(shown, Notice) and shown.tone == "refused"):
            return self._toured(self.app.tour)
        if self.recording is None:
            return shown
        many = self.recorded()
        words = self.say(f"录制中 {many} 步", f"Recording, {many} steps")
        if isinstance(shown, Notice) and shown.text:
            return shown._replace(text=f"{shown.text}  {words}")
        key = self.app.keymap.shown("record", "moving") if self.situation == "moving" else ""
        return Notice(words, "plain", "", key, self.say("结束", "end"))

    def _toured(self, tour: Tour) -> Notice:
        """The step of the tour that is to be done."""
        if tour.over:
            words = self.say(f"走完了：{tour.keys} 键，{tour.took} 秒。", f"Done: {tour.keys} keys, {tour.took} s.")
            return Notice(words, "plain", "", "g x", self.say("回到工作台", "back to work"))
        step = tour.step
        situation = "moving" if step.commands[0] not in ("send", "undo") else "writing"
        words = self.say(*step.words).format(key=self.app.keymap.shown(step.commands[0], situation))
        return Notice(words, "plain", f"{tour.place + 1} / {len(STEPS)}")

    def _said_or_stands(self, stand: facts.Standing) -> Notice | Upcoming:
        """What was just said, else what stays wrong, else who comes next where the queue is folded."""
        if self.said is not None and self.undoable:
            undo = self.desk.can_undo()
            if undo is not None:
                key = "" if self.leaves("undo") else self.app.keymap.shown("undo", self.situation)
                label = self.say(f"撤销 {undo[1]} 秒", f"undo {undo[1]} s")
                return self.said._replace(key=key, label=label) if key else self.said
            self.said, self.undoable = None, False
        if self.said is not None:
            return self.said
        if self.marks and self.pane == "queue":
            words = self.say(
                f"选中 {len(self.marks)} 位，按键对他们一起做", f"{len(self.marks)} selected; keys act on all of them"
            )
            return Notice(words, "plain", "", self.app.keymap.shown("back", self.situation), self.say("放开", "let go"))
        standing = facts.notice_line(stand)
        if standing.text:
            return standing
        if lasting := self.lasting():
            return Notice(lasting, "offline", self.say("应急", "emergency"))
        first, many = self.waiting
        if self.single and self.pane == "conversation" and first is not None and first.id != self.open_id:
            return Upcoming(first, many)
        if self.app.newcomer and self.situation == "moving":
            words = self.say(
                "第一次来？两分钟走一遍：接入、回复、下一位。", "New here? Two minutes: take, answer, next."
            )
            return Notice(words, "plain", "", self.app.keymap.shown("tour", "moving"), self.say("教程", "tour"))
        return standing

    def told(self, text: str, *, refused: bool = False, undoable: bool = False) -> None:
        """Say a sentence: a refusal until the next key, what can be undone as long as it can, the rest likewise."""
        self.said = Notice(text, "refused" if refused else "plain")
        self.undoable = undoable
        self.bars()

    def heed(self) -> None:
        """A key was pressed: what was said to the last one is read."""
        if self.said is not None and not self.undoable:
            self.said = None
            self.bars()

    def _keys(self) -> None:
        """The bottom row."""
        key, situation, lang = self.app.keymap.shown, self.situation, self.lang
        right = facts.bottom_keys(("help", "palette"), situation, key, lambda verb: True, lang)
        if self.app.chord:
            self.keys_bar.show("going", [("Esc", self.say("放弃", "give up"))], right)
            return
        if situation == "writing":
            left = facts.bottom_keys(facts.WRITING, "writing", key, self._acts, lang)
            self.keys_bar.show("writing", left, right)
            return
        if situation == "searching":
            uses, chooses = ("Enter", self.say("用这条", "use it")), ("1-9", self.say("选第几条", "choose"))
            leaves = (key("leave", situation), self.say("不找了", "leave"))
            self.keys_bar.show("writing", [uses, chooses, leaves] if self.canned.usable else [leaves], right)
            return
        names = facts.QUEUE if self.single and self.pane == "queue" else facts.MOVING
        left = facts.bottom_keys(names, "moving", key, self._acts, lang)
        left.append(("g", self.say("去", "go")))
        self.keys_bar.show("moving", left + facts.bottom_keys(("release",), "moving", key, self._acts, lang), right)

    def fact(self, name: str) -> str:
        """What the which-key bar tells beside a command that goes somewhere."""
        status, lang = self.desk.status(), self.lang
        match name:
            case "queue":
                return count(self.queue.total, lang)
            case "conversation":
                return self.customer
            case "replies":
                return count(self.desk.canned_count(), lang)
            case "orders":
                return count(len(self.opened.orders), lang) if self.open_id is not None else ""
            case "timers":
                return count(len(self.timers.ids), lang)
            case "notices":
                waits = status.held + status.rejected
                return count(waits, lang) if waits else ""
            case _:
                return ""

    def _acts(self, verb: str) -> bool:
        if verb == "take":
            me = self.desk.me()
            return self.waiting.many > 0 and me.load < me.capacity
        return self.open_id is not None and self.desk.refusal(verb, self.open_id) is None
