"""Tickets and automatic rules on the fake desk, as far as their screens need them."""

import pathlib
import tomllib
from collections.abc import Collection
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, cast

from kefu_tui.desk import Done
from kefu_tui.desk.automation import Automation, RuleRow, RunRow
from kefu_tui.desk.ticket_rows import EventRow, FieldRow, MoveRow, StepRow, TicketCard, TicketRow, Which
from kefu_tui.now import DAY, HOUR, MINUTE
from kefu_tui.store.shown import Due
from tests.fake_rooms import done

if TYPE_CHECKING:
    from tests.fake_reads import FakeReads

RULES = pathlib.Path(__file__).parents[1] / "data" / "automation"
ON = ("off_hours", "urging", "complaint_first")
RUNS = {"urging": (37, 0), "complaint_first": (4, 1)}
LIST = (
    ("t1", "外壳破损，要求赔偿", "Shell torn, wants money back", "complaint", "todo", 2, "wang", 41 * MINUTE),
    ("t2", "七天无理由退货", "Return within seven days", "return", "doing", 3, "li", 26 * HOUR),
    ("t3", "发票抬头开错", "Invoice to the wrong name", "invoice", "waiting", 4, "", -12 * MINUTE),
)
"""Id, title in both languages, workflow, category, priority, customer, and how long it has (µs)."""
NAMES: dict[str, tuple[str, str]] = {
    "complaint": ("投诉", "Complaint"), "return": ("退货", "Return"), "invoice": ("发票", "Invoice"),
    "todo": ("已受理", "Received"), "doing": ("待仓库核验", "At the warehouse"), "waiting": ("等客户", "With the customer"),
    "wang": ("王女士", "Ms Wang"), "li": ("李先生", "Mr Li"), "": ("", ""),
}  # fmt: skip


class FakeTickets:
    """Three tickets, the first one with all that can hang on a ticket."""

    def __init__(self, desk: "FakeReads") -> None:
        self._desk = desk

    def rows(
        self,
        which: Which = "mine",
        words: str = "",
        conversation_id: str | None = None,
        among: Collection[str] | None = None,
    ) -> list[TicketRow]:
        """All of them, in every view."""
        say, now = self._desk._say, self._desk.now()
        return [
            TicketRow(
                id, say(zh, en), flow, say(*NAMES[flow]), say(*NAMES[category]), category, priority, say(*NAMES[who]),
                say("王小美", "Mei Wang"), say("客服", "service"),
                Due("complaint_verify", now - HOUR, now, now + left // 2, now + left, False), now - DAY, now - HOUR, True,
            )
            for id, zh, en, flow, category, priority, who, left in LIST
            if among is None or id in among
        ]  # fmt: skip

    def one(self, id: str) -> TicketCard | None:
        """A ticket whole."""
        say, now = self._desk._say, self._desk.now()
        row = next((row for row in self.rows() if row.id == id), None)
        if row is None:
            return None
        if id != "t1":
            return TicketCard(row, None, "", None, [], [], [], [], [], [], [], [])
        lin, wei = say("林佳", "Jia Lin"), say("魏然", "Ran Wei")
        return TicketCard(
            row,
            "wang",
            "328740912344",
            None,
            [
                FieldRow("said", say("客户怎么说", "What was said"), "text", "", "", (), True),
                FieldRow("amount", say("赔付金额", "Amount"), "money", "4000", "￥40.00", (), False),
            ],
            [
                StepRow("call", say("给客户打电话", "Call the customer"), "", True, lin, None),
                StepRow(
                    "photo", say("让仓库拍照", "Photo by the warehouse"), say("仓库", "warehouse"), False, "", row.due
                ),
            ],
            [
                MoveRow("verify", say("核实", "Verify"), "verified", "", ("said",), ""),
                MoveRow("reject", say("不成立", "Reject"), "closed", say("先做：让仓库拍照", "First: photo"), (), ""),
            ],
            [
                ("complaint_verify", "", row.due, "running"),
                ("complaint_plan", "", row.due._replace(due_at=now + DAY), "running"),
            ]
            if row.due is not None
            else [],
            [(say("王小美", "Mei Wang"), "watcher"), (wei, "collaborator")],
            [("conversation", "wang", say("王女士", "Ms Wang"))],
            [
                EventRow("opened", say("王小美", "Mei Wang"), now - DAY, say("外壳裂了", "The shell is torn"), {}),
                EventRow("comment", lin, now - HOUR, say("客户要今天回话", "Wants an answer today"), {}),
            ],
            [(lin, False, now), (wei, True, now)],
        )

    def look(self, id: str, doing: str) -> "Future[Any]":
        """Nobody is told."""
        return done(Done("op", "applied", False, ""))


class FakeAutomation(Automation):
    """The rules that ship, three of them on, and what one of them did."""

    def __init__(self, desk: "FakeReads") -> None:
        super().__init__(cast("Any", desk))
        self._here = desk

    def all(self) -> list[RuleRow]:
        """Every rule that ships."""
        rows = []
        for place, file in enumerate(sorted(RULES.glob("*.toml"))):
            body = file.read_text(encoding="utf-8")
            told, now = tomllib.loads(body), self._here.now()
            name = told["name"]
            runs, refused = RUNS.get(name, (0, 0))
            halted = now - HOUR if name == "late_to_leads" else None
            title = told["en" if self._here.lang == "en" else "zh"]
            since = now - DAY if name in ON else None
            rows.append(RuleRow(name, name, title, place, since, halted, runs, refused, now - MINUTE, body))
        return rows

    def log(
        self, rule: str = "", *, conversation_id: str = "", refused: bool = False, limit: int = 100
    ) -> list[RunRow]:
        """Twice: done, and refused."""
        say, now = self._here._say, self._here.now()
        step = say("标签 催件", "tag 催件")
        why = say("第 1 步：这条会话已经归档。", "step 1: This conversation is archived.")
        return [
            RunRow("r1", rule, rule, "wang", say("王女士", "Ms Wang"), "received", now - MINUTE, "done", [step], "", "", ""),
            RunRow("r2", rule, rule, "li", say("李先生", "Mr Li"), "received", now - HOUR, "refused", [step], why, "", "failed"),
        ]  # fmt: skip

    def troubles(self, body: str) -> list[Any]:
        """None."""
        return []
