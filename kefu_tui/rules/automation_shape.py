"""What an automation rule is: what sets it off, what must hold, what it does, and the facts that it is held against."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

import msgspec

from kefu_tui.rules.macro import Step, write

EVENTS: dict[str, tuple[str, str]] = {
    "entered": ("客户进来", "a customer comes in"),
    "opened": ("新会话", "a conversation begins"),
    "received": ("客户来消息", "a customer writes"),
    "replied": ("客服回复", "an agent replies"),
    "claimed": ("接待", "a conversation is taken"),
    "released": ("放回", "a conversation is put back"),
    "transferred": ("转接", "a conversation is handed over"),
    "snoozed": ("稍后", "a conversation is snoozed"),
    "woke": ("叫回", "a snoozed one is back"),
    "resolved": ("结束", "a conversation is resolved"),
    "reopened": ("重开", "a conversation is reopened"),
    "rated": ("客户评价", "a customer gives a score"),
    "tagged": ("加标签", "a tag is added"),
    "noted": ("记备注", "a note is written"),
    "undelivered": ("没送到", "a reply could not be delivered"),
    "ticket_opened": ("开工单", "a ticket is opened"),
    "ticket_moved": ("工单推进", "a ticket is moved"),
}
SPANS: dict[str, tuple[str, str]] = {
    "waited": ("客户等了", "a customer has waited for"),
    "silent": ("客户没再说话", "a customer has been silent for"),
    "stood": ("会话开了", "a conversation has been open for"),
    "rested": ("结束后过了", "since it was resolved"),
}
"""Set off by time: they need `after`."""
CLOCKS: dict[str, tuple[str, str]] = {
    "warned": ("快超时", "a clock warns"), "breached": ("超时", "a promise is broken"),
}  # fmt: skip
SCHEDULE = "schedule"
TRIGGERS: dict[str, tuple[str, str]] = {
    **EVENTS, **SPANS, **CLOCKS, SCHEDULE: ("定时", "at a time of the day"),
}  # fmt: skip

VERBS: dict[str, tuple[str, str]] = {
    "canned": ("话术", "shortcut"),
    "say": ("代答", "text"),
    "note": ("备注", "text"),
    "tag": ("标签", "name"),
    "untag": ("去标签", "name"),
    "priority": ("优先级", "1-5"),
    "transfer": ("转接", "to"),
    "release": ("放回", ""),
    "snooze": ("稍后", "for"),
    "resolve": ("结束", "tag"),
    "reopen": ("重开", ""),
    "ticket": ("工单", "workflow"),
    "notify": ("通知", "who text"),
    "webhook": ("外发", "channel text"),
    "operation": ("操作", "kind json"),
}
"""What a rule can do, in words like those of macros: its Chinese name, and the argument it takes ('' none)."""
PEOPLE: dict[str, str] = {"leads": "组长", "owner": "首接", "assignee": "接待人"}
"""Whom `notify` knows besides logins."""


class AutomationError(Exception):
    """A rule that cannot be used; the message is one line: where, and what is wrong."""


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must hold, all of it; an empty field asks nothing. Lists: any of them."""

    kinds: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """One of them stands in the text of the event."""
    without_words: tuple[str, ...] = ()
    pattern: str = ""
    """An RE2 pattern that the text has."""
    assigned: bool | None = None
    unanswered: int = 0
    """At least so many messages without an answer."""
    hours: Literal["", "open", "closed"] = ""
    """Whether the group's shift is on."""
    between: str = ""
    """A span of the day, such as `21:00-09:00`."""
    days: tuple[str, ...] = ()
    """mon … sun, `working` or `off`."""
    scores: tuple[int, ...] = ()
    """Of a customer's score, 1 to 5."""
    clocks: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, ready to be held against facts. Times in µs."""

    name: str
    zh: str
    en: str
    on: frozenset[str]
    when: When
    steps: tuple[Step, ...]
    after: int
    at: tuple[int, ...]
    """Minutes of the day."""
    most: tuple[int, int]
    """How often it acts on one conversation, in how long a time."""
    storm: int
    """How often in ten minutes on all together, before it is halted."""
    order: int
    stop: bool
    """Whether later rules are not asked once this one acted."""
    pattern: object | None
    between: tuple[int, int] | None

    def title(self, lang: str) -> str:
        """What it is called."""
        return self.en if lang == "en" else self.zh

    def does(self, lang: str) -> list[str]:
        """Its steps as text, a step a line."""
        return write(self.steps, lang, VERBS).splitlines()


class Facts(NamedTuple):
    """What a rule is held against. None: not known, as it may be of the past; then the condition counts as held."""

    event: str
    at: int
    kind: str
    channel: str
    group: str
    """Name of the group."""
    tier: str
    language: str
    priority: int
    tags: frozenset[str]
    status: str | None
    assigned: bool | None
    unanswered: int | None
    open: bool
    minute: int
    """Of the day, where the shop is."""
    day: date
    working: bool | None
    """None in a year that is not announced."""
    text: str = ""
    clock: str = ""
    score: int = 0
    workflow: str = ""
    state: str = ""
