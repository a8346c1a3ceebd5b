"""What a workflow is made of: states, transitions, fields, steps, and the words for them in both languages."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple

import msgspec

Kind = Literal[
    "complaint", "return", "order_change", "delay", "lost", "invoice", "product_question", "incident",
]  # fmt: skip
"""What a workflow is for."""
Category = Literal["todo", "doing", "waiting", "resolved", "closed"]
"""What the desk's queues know of a state: nobody began, somebody works, somebody else is awaited, solved, no more work."""
Type = Literal["text", "choice", "money", "date", "order_no", "yesno"]
"""What a field holds. Values are texts: `99.50` of money, `2026-02-15` of a date, `yes` or `no`, the id of a choice."""

ROLES = ("agent", "lead", "admin")
"""Roles, each of which may do what those before it may."""
DEPARTMENT = "department"
"""Among those who may: anybody of any department."""
ASSIGNEE = "assignee"
"""Owner of a step: whoever has the work."""
CLOSE = "close"
"""Among the transitions that require a field: every one that closes."""
OUTSIDE = ("customer", "carrier", "supplier")
"""Whom a waiting state may wait for, besides departments."""
CLOCKS = (
    "greeting", "first_response_chat", "first_response_async", "next_response", "phone_pick_up", "order_dispute",
    "after_sale_inquiry", "complex_question", "resolution", "technical_response", "technical_diagnosis", "technical_plan",
    "complaint_verify", "complaint_plan", "complaint_close", "return_review", "warehouse_check", "refund",
    "order_confirmation", "public_incident", "outage_promise", "archive",
)  # fmt: skip
"""Clocks of the service policies that ship."""
LONGEST_VALUE = 2000

_MONEY = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,2})?")
_ORDER_NO = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{3,39}")


class WorkflowError(Exception):
    """A workflow that cannot be used; the message is one line: where, and what is wrong."""


class Said(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str

    def say(self, lang: str) -> str:
        """The sentence in a language."""
        return self.en if lang == "en" else self.zh


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What has an id, stable over versions, and a title in both languages."""

    id: str
    zh: str
    en: str

    def title(self, lang: str) -> str:
        """What it is called."""
        return self.en if lang == "en" else self.zh


class Department(Named, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A department that owns steps or moves the work."""


class State(Named, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the work stands. Clocks: `start` on entering (one that is paused goes on), `stop` and `pause` on leaving."""

    category: Category
    waits: str = ""
    """Whom a waiting state waits for: of OUTSIDE, or a department."""
    start: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    pause: tuple[str, ...] = ()


class Transition(Named, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A way from states to a state."""

    from_: tuple[str, ...] = msgspec.field(name="from")
    to: str
    by: tuple[str, ...] = ("agent",)
    """Who may: roles, departments, DEPARTMENT."""
    steps: tuple[str, ...] = ()
    """Steps that must be done first."""
    only: dict[str, tuple[str, ...]] = {}
    """Choices of fields for which it is meant, by field."""
    pause: tuple[str, ...] = ()
    """Clocks that it pauses, where leaving the state would stop them."""
    void: bool = False
    """Clocks that run when it is taken no longer apply, rather than being kept."""
    silent: bool = False
    """The customer is told nothing."""
    text_zh: str = ""
    text_en: str = ""

    def text(self, lang: str) -> str:
        """What the customer is told, with plain Liquid variables; '' nothing."""
        return self.text_en if lang == "en" else self.text_zh


class Field(Named, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is written down, and the transitions that ask for it (CLOSE: each that closes)."""

    type: Type
    choices: tuple[Named, ...] = ()
    required: tuple[str, ...] = ()


class Step(Named, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line of the checklist: opened, and its clock started, whenever its state is entered."""

    state: str
    owner: str = ASSIGNEE
    clock: str = ""


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A path, of transitions and steps done, that proves the workflow: the state it ends in, or where it is refused."""

    path: tuple[str, ...]
    fields: dict[str, str] = {}
    ends: str = ""
    refused: str = ""


class Workflow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A workflow as its file tells it; the first state is where work begins."""

    name: str
    kind: Kind
    zh: str
    en: str
    states: tuple[State, ...] = msgspec.field(name="state", default=())
    transitions: tuple[Transition, ...] = msgspec.field(name="transition", default=())
    fields: tuple[Field, ...] = msgspec.field(name="field", default=())
    steps: tuple[Step, ...] = msgspec.field(name="step", default=())
    departments: tuple[Department, ...] = msgspec.field(name="department", default=())
    examples: tuple[Example, ...] = msgspec.field(name="example", default=())

    def title(self, lang: str) -> str:
        """What it is called."""
        return self.en if lang == "en" else self.zh

    @property
    def initial(self) -> State:
        """Where work begins."""
        return self.states[0]

    def state(self, id: str) -> State:
        """The state of an id. Raises WorkflowError where there is none."""
        for one in self.states:
            if one.id == id:
                return one
        raise WorkflowError(f"{self.name}: no state {id!r} ({', '.join(one.id for one in self.states)})")

    def out_of(self, state: str) -> list[Transition]:
        """The transitions that leave a state, in the order of the file."""
        return [one for one in self.transitions if state in one.from_]

    def closes(self, transition: Transition) -> bool:
        """Whether no work is left after it."""
        return self.state(transition.to).category == "closed"

    def required(self, transition: Transition) -> list[Field]:
        """The fields that must be filled for it."""
        wanted = {transition.id, *((CLOSE,) if self.closes(transition) else ())}
        return [one for one in self.fields if not wanted.isdisjoint(one.required)]

    def opened(self, state: str) -> list[Step]:
        """The steps that entering a state opens, or opens anew."""
        return [one for one in self.steps if one.state == state]

    def who(self, id: str) -> Said:
        """A role, a department, or one outside, in words."""
        found = next((Said(one.zh, one.en) for one in self.departments if one.id == id), None)
        return found or WHO.get(id, Said(id, id))


WHO = {
    "agent": Said("客服", "agent"), "lead": Said("主管", "lead"), "admin": Said("管理员", "admin"),
    DEPARTMENT: Said("任一部门", "any department"), ASSIGNEE: Said("经办人", "assignee"), "customer": Said("客户", "customer"),
    "carrier": Said("快递", "carrier"), "supplier": Said("供应商", "supplier"),
}  # fmt: skip
CATEGORIES: Mapping[str, Said] = {
    "todo": Said("待处理", "to do"), "doing": Said("处理中", "in progress"), "waiting": Said("等待", "waiting"),
    "resolved": Said("已解决", "resolved"), "closed": Said("已关闭", "closed"),
}  # fmt: skip


def unfit(field: Field, value: str) -> Said | None:
    """What is wrong with the value of a field; None where it can be used. An empty one is not there, not wrong."""
    value = value.strip()
    if not value:
        return None
    if len(value) > LONGEST_VALUE:
        return Said(f"{field.zh}超过 {LONGEST_VALUE} 字", f"{field.en}: more than {LONGEST_VALUE} characters")
    if field.type == "choice" and value not in {one.id for one in field.choices}:
        ids = ", ".join(one.id for one in field.choices)
        return Said(f"{field.zh}只能是 {ids}", f"{field.en}: one of {ids}")
    if field.type == "yesno" and value not in ("yes", "no"):
        return Said(f"{field.zh}只能是 yes 或 no", f"{field.en}: yes or no")
    if field.type == "money" and not _MONEY.fullmatch(value):
        return Said(f"{field.zh}要写成金额，如 99.50", f"{field.en}: an amount, such as 99.50")
    if field.type == "order_no" and not _ORDER_NO.fullmatch(value):
        return Said(f"{field.zh}不是订单号", f"{field.en}: no order number")
    if field.type == "date" and not _is_date(value):
        return Said(f"{field.zh}要写成日期，如 2026-02-15", f"{field.en}: a date, such as 2026-02-15")
    return None


def shown(field: Field, value: str, lang: str) -> str:
    """A value as the customer reads it."""
    value = value.strip()
    if field.type == "choice":
        return next((one.title(lang) for one in field.choices if one.id == value), value)
    if field.type == "yesno":
        return {"yes": "是" if lang == "zh" else "yes", "no": "否" if lang == "zh" else "no"}.get(value, value)
    if field.type == "money" and _MONEY.fullmatch(value):
        whole, _, part = value.partition(".")
        return f"{whole}.{part:0<2} 元" if lang == "zh" else f"CNY {whole}.{part:0<2}"
    if field.type == "date" and lang == "zh" and _is_date(value):
        told = date.fromisoformat(value)
        return f"{told.month} 月 {told.day} 日"
    return value


def _is_date(value: str) -> bool:
    try:
        return len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False
