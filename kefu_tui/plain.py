"""The linear view: one line in, some lines out, the same commands by name, key or initials; for screen readers and slow lines."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TextIO

from kefu_tui.commands import COMMANDS, TABLE, Command, shown_key
from kefu_tui.desk import Done, Refusal, Sending
from kefu_tui.text import clean, clock_of_day, duration_words, last_words, mask_name, money, one_line

if TYPE_CHECKING:
    from concurrent.futures import Future

    from kefu_tui.desk import Changed, Colleague, Desk, QueueRow

SHOWN = 8
"""Lines of the queue and of a conversation that are read out."""
WHO = {"customer": ("客户", "Customer"), "me": ("我", "Me"), "agent": ("同事", "Colleague"), "bot": ("机器人", "Bot"),
       "system": ("系统", "System"), "note": ("备注", "Note")}  # fmt: skip
ACTS = ("next", "open", "queue", "conversation", "orders", "reply", "accept", "send", "search", "find", "note", "tag", "transfer",
        "snooze", "resolve", "reopen", "release", "approve-return", "undo", "notices", "help", "quit")  # fmt: skip
"""What can be done here, by the ids of the table of commands; `reply` takes the words themselves."""


class Plain:
    """A conversation with the agent about the desk."""

    def __init__(self, desk: "Desk", lines: Iterable[str], out: TextIO) -> None:
        self.desk = desk
        self._lines = lines
        self._out = out
        self._open: str | None = None
        self._draft = ""
        self._canned: str | None = None
        self._found: list[str] = []
        self._news: set[str] = set()
        self._over = False

    # Talking

    def say(self, zh: str, en: str) -> None:
        """One line in the desk's language, harmless to a terminal."""
        print(clean(en if self.desk.lang == "en" else zh), file=self._out, flush=True)

    def pick(self, zh: str, en: str) -> str:
        """Words in the desk's language."""
        return en if self.desk.lang == "en" else zh

    def run(self) -> None:
        """Until there are no more lines, or the agent quits."""
        end = self.desk.subscribe(self._hear)
        try:
            self.do_queue("")
            for line in self._lines:
                self._announce()
                self._obey(line.strip())
                if self._over:
                    return
        finally:
            end()

    def _hear(self, changed: "Changed") -> None:
        self._news |= changed.conversations or frozenset()

    def _announce(self) -> None:
        """What came while nothing was typed: new words of customers that are mine or wait."""
        news, self._news = self._news, set()
        for row in self.desk.queue_rows(sorted(news)):
            rings = row.due is not None and row.due.kind == "phone_pick_up"
            if (row.unanswered or rings) and row.section in ("mine", "offered", "waiting") and row.id != self._open:
                name, words = mask_name(one_line(row.name)), one_line(row.preview)
                self.say(f"新消息 {name}：{words}", f"New from {name}: {words}")

    def _obey(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if not word:
            return
        if word.isdecimal() and 0 < int(word) <= len(self._found):
            self._show(self._found[int(word) - 1])
            return
        command = self._command(word)
        if command is None:
            self.say(f"不认识 {word}，打 ? 看能做什么。", f"Unknown: {word}. ? tells what can be done.")
            return
        act: Callable[[str], None] = getattr(self, "do_" + command.replace("-", "_"))
        act(rest.strip())

    def _command(self, word: str) -> str | None:
        """The command that a word means: its id, its key, its label, the initials of its label."""
        for one in ACTS:
            if word == one:
                return one
        known = [COMMANDS[one] for one in ACTS if one in COMMANDS]
        for command in known:
            if word in (*command.keys, *command.label) or word in (shown_key(key) for key in command.keys):
                return command.id
        for command in known:
            if command.spell and word == "".join(part[0] for part in command.spell.split()):
                return command.id
        return {"?": "help", "回复": "reply", "r": "reply"}.get(word)

    # Looking

    def _numbered(self, rows: "list[QueueRow]") -> None:
        now, zone = self.desk.now(), self.desk.zone()
        lang = "en" if self.desk.lang == "en" else "zh"
        self._found = [row.id for row in rows]
        for number, row in enumerate(rows, 1):
            name, words = mask_name(one_line(row.name)), last_words(row.preview, lang)
            clock = ""
            if row.due is not None and row.due.due_at is not None and not row.due.paused:
                left = (row.due.due_at - now) / 1_000_000
                spent = duration_words(abs(left), lang)
                clock = (
                    self.pick(f"超了 {spent}", f"{spent} late")
                    if left < 0
                    else self.pick(f"还有 {spent}", f"{spent} left")
                )
            else:
                clock = clock_of_day(row.last_at, zone)
            section = {"mine": ("我的", "mine"), "offered": ("转给我", "offered"), "waiting": ("等候", "waiting")}
            where = self.pick(*section.get(row.section, ("同事", "others")))
            self.say(f"{number}. {clock}，{where}，{name}：{words}", f"{number}. {clock}, {where}, {name}: {words}")

    def do_queue(self, rest: str) -> None:
        """The first of the queue."""
        me, status = self.desk.me(), self.desk.status()
        rows = self.desk.queue_rows(self.desk.queue_ids("work", SHOWN))
        total = self.desk.queue_count("work")
        self.say(
            f"{me.name}，接待 {me.load} / {me.capacity}，队列 {total} 位，待发 {status.pending} 条，扣下 {status.held} 条。",
            f"{me.name}, {me.load} of {me.capacity} open, {total} in the queue, {status.pending} to send, {status.held} held.",
        )
        self._numbered(rows)
        self.say(
            "打序号打开一位；next 接下一个；? 看能做什么。",
            "A number opens one; next takes the next; ? tells what can be done.",
        )

    def do_conversation(self, rest: str) -> None:
        """The open conversation's last lines."""
        head = self.desk.head(self._open) if self._open else None
        if head is None:
            self.say("没有打开的会话。", "No conversation is open.")
            return
        name = mask_name(one_line(head.name)) or self.pick("访客", "Guest")
        tags = self.pick("、", ", ").join(map(one_line, head.tags))
        self.say(f"会话 {name}，{head.channel}。{tags}", f"Conversation with {name}, {head.channel}. {tags}")
        for item in self.desk.thread(head.id, SHOWN):
            who, at = self.pick(*WHO.get(item.who, (item.who, item.who))), clock_of_day(item.at, self.desk.zone())
            self.say(f"{who} {at}：{item.text}", f"{who} {at}: {item.text}")
        offered = self.desk.offer(head.id) if head.mine else None
        if offered is not None:
            self.say(f"推荐 {offered.title}：{offered.text}", f"Offered, {offered.title}: {offered.text}")
            self.say("accept 采纳，send 发送并打开下一个。", "accept takes it, send sends and opens the next.")

    def do_orders(self, rest: str) -> None:
        """The customer's orders."""
        head = self.desk.head(self._open) if self._open else None
        cards = self.desk.orders(head.customer_id) if head is not None else []
        for card in cards[:SHOWN]:
            parcel = card.parcels[0] if card.parcels else None
            where = (
                f"{parcel.carrier} {parcel.tracking_no} {parcel.trace[0][1] if parcel.trace else ''}" if parcel else ""
            )
            self.say(
                f"订单 {card.order_no}，{card.status}，{money(card.total, card.currency)}。{where}",
                f"Order {card.order_no}, {card.status}, {money(card.total, card.currency)}. {where}",
            )
        if not cards:
            self.say("没有订单。", "No orders.")

    def do_search(self, rest: str) -> None:
        """Canned replies by words or initials; the first becomes the text."""
        lines = self.desk.canned(rest, self._open, 1, slips=True) if rest else []
        if not lines or self._open is None:
            self.say("没有这样的话术。", "No such reply.")
            return
        filled = self.desk.fill(lines[0].id, self._open)
        if isinstance(filled, Refusal):
            self._tell(filled)
            return
        self._draft, self._canned = filled.text, filled.canned_id
        self.say(f"{lines[0].title}：{filled.text}", f"{lines[0].title}: {filled.text}")

    def do_find(self, rest: str) -> None:
        """Anything, by words and conditions; a number then opens it."""
        found = self.desk.finding.find(rest, SHOWN)
        for trouble in found.troubles:
            self.say(trouble.zh, trouble.en)
        hits = [hit for hit in found.hits if hit.conversation_id is not None][:SHOWN]
        self._found = [hit.conversation_id for hit in hits if hit.conversation_id is not None]
        for number, hit in enumerate(hits, 1):
            name = mask_name(one_line(hit.who))
            self.say(f"{number}. {name}：{one_line(hit.text)}", f"{number}. {name}: {one_line(hit.text)}")
        if not hits:
            self.say("这里没有。", "Nothing here.")

    def do_notices(self, rest: str) -> None:
        """What was held or refused."""
        notices = self.desk.notices()
        for notice in notices:
            self.say(f"{notice.text} {notice.body}", f"{notice.text} {notice.body}")
        if not notices:
            self.say("没有扣下的。", "Nothing is held.")

    def do_help(self, rest: str) -> None:
        """What can be done, with the key of the workstation beside it."""
        for command in self._known():
            keys = " ".join(shown_key(key) for key in command.keys[:1])
            self.say(
                f"{command.id}（{keys}）{command.label[0]}：{command.help[0]}",
                f"{command.id} ({keys}): {command.help[1]}",
            )
        self.say("reply 话：回复客户，不打开下一个。", "reply WORDS: answers the customer and stays.")

    def _known(self) -> Iterator[Command]:
        return (command for command in TABLE if command.id in ACTS)

    # Acting

    def _tell(self, result: "Done | Refusal") -> bool:
        if isinstance(result, Refusal):
            self.say(result.say("zh"), result.say("en"))
            return False
        self.say(f"{result.said}。", f"{result.said}.")
        return True

    def _did(self, answer: "Future[Done | Refusal]") -> bool:
        return self._tell(answer.result())

    def _here(self) -> str | None:
        if self._open is None:
            self.say("先打开一位。", "Open one first.")
        return self._open

    def do_open(self, rest: str) -> None:
        """Open a row by its number, else read the open one again."""
        if rest.isdecimal() and 0 < int(rest) <= len(self._found):
            self._show(self._found[int(rest) - 1])
        else:
            self.do_conversation("")

    def _show(self, id: str | None) -> None:
        self._open, self._draft, self._canned = id, "", None
        if id is None:
            self.say("没有人在等。", "No one is waiting.")
        else:
            self.do_conversation("")

    def do_next(self, rest: str) -> None:
        """Pick up a call that rings, else take who breaches first of those waiting."""
        call = self.desk.ringing()
        waiting = [call] if call is not None else self.desk.queue_ids("waiting", 1)
        if not waiting:
            self._show(self.desk.next_for_me(self._open))
        elif self._did(self.desk.take(waiting[0])):
            self._show(waiting[0])

    def do_accept(self, rest: str) -> None:
        """The offered reply becomes the text."""
        offered = self.desk.offer(self._open) if self._open else None
        if offered is None:
            self.say("现在没有推荐的话术。", "Nothing is offered now.")
            return
        self._draft, self._canned = offered.text, offered.canned_id
        self.say("采纳了，send 发送。", "Accepted; send sends it.")

    def do_send(self, rest: str) -> None:
        """Send the text, or the words behind it, and open the next."""
        if self._send(rest or self._draft):
            self._show(self.desk.next_for_me(self._open))

    def do_reply(self, rest: str) -> None:
        """Send words and stay."""
        self._send(rest or self._draft)

    def _send(self, text: str) -> bool:
        id = self._here()
        if id is None:
            return False
        canned = self._canned if text == self._draft else None
        done = self._did(self.desk.reply(id, text, canned, Sending()))
        if done:
            self._draft, self._canned = "", None
        return done

    def do_note(self, rest: str) -> None:
        """A note."""
        if (id := self._here()) is not None:
            self._did(self.desk.note(id, rest))

    def do_tag(self, rest: str) -> None:
        """A tag."""
        if (id := self._here()) is not None:
            self._did(self.desk.tag(id, rest))

    def do_transfer(self, rest: str) -> None:
        """Hand over: a name, and a note behind it."""
        id = self._here()
        name, _, note = rest.partition(" ")
        found: list[Colleague] = [one for one in self.desk.colleagues() if name and name in one.name]
        if id is not None and len(found) != 1:
            names = "、".join(one.name for one in found[:SHOWN] or self.desk.colleagues()[:SHOWN])
            self.say(f"转给谁：{names}", f"To whom: {names}")
        elif id is not None:
            self._did(self.desk.transfer(id, found[0], note))

    def do_snooze(self, rest: str) -> None:
        """Put away for so many minutes."""
        id = self._here()
        if id is None:
            return
        if not rest.isdecimal() or not int(rest):
            self.say("稍后几分钟，如 snooze 120。", "For how many minutes, such as snooze 120.")
        elif self._did(self.desk.snooze(id, self.desk.now() + int(rest) * 60_000_000)):
            self._show(self.desk.next_for_me(id))

    def do_resolve(self, rest: str) -> None:
        """Resolve, with a tag, and open the next."""
        id = self._here()
        if id is not None and self._did(self.desk.resolve(id, rest or None)):
            self._show(self.desk.next_for_me(id))

    def do_reopen(self, rest: str) -> None:
        """Open again."""
        if (id := self._here()) is not None:
            self._did(self.desk.reopen(id))

    def do_release(self, rest: str) -> None:
        """Back to those who wait."""
        if (id := self._here()) is not None:
            self._did(self.desk.release(id))

    def do_approve_return(self, rest: str) -> None:
        """Approve the return that waits for it."""
        head = self.desk.head(self._open) if self._open else None
        cards = self.desk.orders(head.customer_id) if head is not None else []
        waits = next((card for card in cards if card.status == "refunding" and not card.verdict), None)
        if head is None or waits is None:
            self.say("没有要审的退货。", "No return waits for a review.")
        else:
            self._did(self.desk.review_return(head.id, waits.id, approve=True))

    def do_undo(self, rest: str) -> None:
        """Take back the last step."""
        self._did(self.desk.undo())

    def do_quit(self, rest: str) -> None:
        """Leave."""
        self._over = True
