"""Automation at the desk: its rules, what they did, and how one would have acted on what was."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

from kefu_tui.desk.guarding import breaches
from kefu_tui.model.sql import Connection
from kefu_tui.now import DAY
from kefu_tui.operations.automation import (
    RemoveAutomation,
    RetryRun,
    RunAutomation,
    SaveAutomation,
    SwitchAutomation,
    UndoRun,
    rule_id,
)
from kefu_tui.operations.automation_steps import VALUES
from kefu_tui.operations.refusals import Refusal
from kefu_tui.rules.automation import AutomationError, Rule, parse
from kefu_tui.rules.automation_shape import PEOPLE, VERBS
from kefu_tui.rules.automation_words import conditions, names, says
from kefu_tui.rules.macro import Step, Trouble, write
from kefu_tui.rules.template import TemplateError, fill

if TYPE_CHECKING:
    from kefu_tui.desk.answers import Done
    from kefu_tui.desk.desk import Desk
    from kefu_tui.desk.rehearsing import Rehearsal

WEEK = 7 * DAY
NEW = """# A new rule. Everything that it can be: kefu help automation
name = "my_rule"
zh = "我的规则"
en = "My rule"
on = "received"
most = "1 in 24h"
do = ["标签 催件"]

[when]
words = ["催"]
"""
"""What a new rule begins with."""


class RuleRow(NamedTuple):
    """A rule in the list. Times in µs UTC; `runs` and `refused` are of the last seven days."""

    id: str
    name: str
    title: str
    position: int
    since: int | None
    halted_at: int | None
    runs: int
    refused: int
    last_at: int | None
    body: str


class RunRow(NamedTuple):
    """What a rule did once. State: done, refused, undone. Hook state: '', queued, sent, failed."""

    id: str
    rule: str
    title: str
    conversation_id: str
    customer: str
    event: str
    at: int
    state: str
    did: list[str]
    """Its steps as text, in the desk's language."""
    why: str
    by: str
    hook_state: str


class Automation:
    """The rules as this desk has them, their verbs, and their record."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def all(self) -> list[RuleRow]:
        """Every rule in the order in which they are asked."""
        since = self._desk.now() - WEEK
        with self._desk.store.read() as connection:
            found = connection.execute(
                "SELECT a.id, a.name, a.zh, a.en, a.position, a.since, a.halted_at, a.body, count(r.id), "
                "coalesce(sum(r.state = 'refused'), 0), max(r.at) FROM automation a "
                "LEFT JOIN automation_run r ON r.rule_id = a.id AND r.at > ? GROUP BY a.id ORDER BY a.position, a.name",
                (since,),
            ).fetchall()
        en = self._desk.lang == "en"
        return [
            RuleRow(id, name, en_ if en else zh, position, on, halted, runs, refused, last, body)
            for id, name, zh, en_, position, on, halted, body, runs, refused, last in found
        ]

    def one(self, name: str) -> RuleRow | None:
        """A rule by its name."""
        return next((row for row in self.all() if name in (row.name, row.id)), None)

    def log(
        self, rule: str = "", *, conversation_id: str = "", refused: bool = False, limit: int = 100
    ) -> list[RunRow]:
        """What rules did, the newest first: of one rule, on one conversation, only what was refused."""
        asked = {"r.rule_id = ?": rule, "r.conversation_id = ?": conversation_id}
        wanted = {sql: value for sql, value in asked.items() if value}
        where = " AND ".join([*wanted, *(["(r.state = 'refused' OR r.hook_state = 'failed')"] if refused else [])])
        with self._desk.store.read() as connection:
            found = connection.execute(
                "SELECT r.id, coalesce(a.name, ''), coalesce(a.zh, ''), coalesce(a.en, ''), r.conversation_id, "
                "coalesce(u.name, ''), r.event, r.at, r.state, r.did, r.why, coalesce(g.name, ''), r.hook_state "
                "FROM automation_run r LEFT JOIN automation a ON a.id = r.rule_id "
                "LEFT JOIN conversation c ON c.id = r.conversation_id LEFT JOIN customer u ON u.id = c.customer_id "
                "LEFT JOIN agent g ON g.id = coalesce(r.undone_by, r.by_id) "
                f"{'WHERE ' + where if where else ''} ORDER BY r.at DESC, r.id DESC LIMIT ?",
                (*wanted.values(), limit),
            ).fetchall()
        en = self._desk.lang == "en"
        return [
            RunRow(
                id,
                name,
                en_ if en else zh,
                conversation,
                customer,
                event,
                at,
                state,
                write(
                    [Step(verb, argument) for verb, argument, _ in json.loads(did)], self._desk.lang, VERBS
                ).splitlines(),
                self._why(why),
                by,
                hook,
            )
            for id, name, zh, en_, conversation, customer, event, at, state, did, why, by, hook in found
        ]

    def _why(self, why: str) -> str:
        if not why:
            return ""
        step, code, facts = json.loads(why)
        said = Refusal(code, facts).say(self._desk.lang)
        return f"step {step}: {said}" if self._desk.lang == "en" else f"第 {step} 步：{said}"

    # Told and checked

    def words(self, body: str) -> str:
        """A rule in words: what sets it off, what must hold, what it does; or why it cannot be used."""
        try:
            rule = parse(body)
        except AutomationError as error:
            return str(error)
        lang = self._desk.lang
        return f"{('，', ', ')[lang == 'en'].join(conditions(rule, lang))}  ->  {' / '.join(rule.does(lang))}"

    def troubles(self, body: str) -> list[Trouble]:
        """What in a rule cannot be, or must not be said."""
        try:
            rule = parse(body)
        except AutomationError as error:
            return [Trouble(f"{error}。", f"{error}.")]
        with self._desk.store.read() as connection:
            texts = [*says(rule), *_canned(connection, rule)]
            return [*_unknown(connection, rule), *(trouble for text in texts for trouble in _unsaid(text))]

    # Verbs

    def save(self, body: str) -> "Future[Done | Refusal]":
        """Keeps a rule, new (it is off) or changed. Refused where it cannot be used."""
        if troubles := self.troubles(body):
            return _refused("invalid", what=troubles[0].say(self._desk.lang).rstrip("。."))
        return self._desk.do(SaveAutomation(rule_id=rule_id(parse(body).name), body=body))

    def switch(self, id: str, on: bool) -> "Future[Done | Refusal]":
        """On or off."""
        return self._desk.do(SwitchAutomation(rule_id=id, on=on))

    def remove(self, id: str) -> "Future[Done | Refusal]":
        """Takes a rule away."""
        return self._desk.do(RemoveAutomation(rule_id=id))

    def run(self, id: str, conversation_id: str) -> "Future[Done | Refusal]":
        """Lets a rule act on a conversation now, whatever its conditions."""
        return self._desk.do(
            RunAutomation(rule_id=id, conversation_id=conversation_id, cause=f"by hand {self._desk.ids()}", event="")
        )

    def undo(self, run: RunRow) -> "Future[Done | Refusal]":
        """Takes back what a rule did."""
        return self._desk.do(UndoRun(conversation_id=run.conversation_id, run_id=run.id))

    def retry(self, run: RunRow) -> "Future[Done | Refusal]":
        """Tries again what was refused or could not be posted."""
        return self._desk.do(RetryRun(conversation_id=run.conversation_id, run_id=run.id))

    # On what was

    def rehearse(
        self, body: str, days: int, progress: Callable[[int, int], bool] = lambda done, total: True
    ) -> "Rehearsal":
        """How often a rule would have acted in the last days, and on whom. `progress` gives False to stop it."""
        from kefu_tui.desk.rehearsing import rehearse

        with self._desk.store.read() as connection:
            return rehearse(connection, parse(body), self._desk.now(), days, progress)


def _refused(code: str, **facts: str) -> "Future[Done | Refusal]":
    answer: Future[Done | Refusal] = Future()
    answer.set_result(Refusal(code, facts))
    return answer


def _unknown(connection: Connection, rule: Rule) -> list[Trouble]:
    """Names that nothing here has: replies, people, groups, workflows."""
    asked = names(rule)
    looked = {
        "canned": ("SELECT 1 FROM canned_reply WHERE shortcut = ? AND scope = 'company'", "话术", "canned reply"),
        "ticket": ("SELECT 1 FROM workflow WHERE name = ?", "流程", "workflow"),
        "transfer": (
            "SELECT 1 FROM agent WHERE login = ?1 UNION SELECT 1 FROM agent_group WHERE name = ?1",
            "同事或组",
            "agent or group",
        ),
        "notify": ("SELECT 1 FROM agent WHERE login = ?", "同事", "agent"),
    }
    found: list[Trouble] = []
    for verb, (sql, zh, en) in looked.items():
        for name in asked.get(verb, []):
            known = verb == "notify" and (name in PEOPLE or name in PEOPLE.values())
            if not known and connection.execute(sql, (name,)).fetchone() is None:
                found.append(Trouble(f"没有{zh} {name}。", f"There is no {en} {name}."))
    for group in rule.when.groups:
        if connection.execute("SELECT 1 FROM agent_group WHERE name = ?", (group,)).fetchone() is None:
            found.append(Trouble(f"没有组 {group}。", f"There is no group {group}."))
    return found


def _canned(connection: Connection, rule: Rule) -> list[str]:
    """The words of the canned replies that a rule speaks in."""
    return [
        text
        for shortcut in names(rule).get("canned", [])
        for (text,) in connection.execute(
            "SELECT text FROM canned_reply WHERE shortcut = ? AND scope = 'company'", (shortcut,)
        )
    ]


def _unsaid(text: str) -> list[Trouble]:
    """Why words to a customer must not be said, or could not be filled."""
    chinese = any("一" <= char <= "鿿" for char in text)
    found = [
        Trouble(f"不能对客户说「{hit.words}」。", f"Not to be said to a customer: {hit.words!r}.")
        for hit in breaches(text, "zh" if chinese else "en")
        if hit.rule.severity == "block"
    ]
    known: dict[str, dict[str, str]] = {}
    for value in VALUES:
        noun, _, name = value.partition(".")
        known.setdefault(noun, {})[name] = "x"
    try:
        filled = fill(text, known)
    except TemplateError as error:
        return [*found, Trouble(f"{error}。", f"{error}.")]
    if lacks := [*filled.missing, *filled.asks]:
        values = ", ".join(VALUES)
        found.append(
            Trouble(
                f"规则里填不了 {lacks[0]}，能用：{values}。", f"A rule cannot fill {lacks[0]}. There are: {values}."
            )
        )
    return found
