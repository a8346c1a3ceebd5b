"""Macros of this agent: kept, checked, recorded, run as one."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NamedTuple

from kefu_tui.ids import derive
from kefu_tui.model.rows import Macro
from kefu_tui.model.sql import COLUMNS, Connection, build
from kefu_tui.now import MINUTE
from kefu_tui.operations.refusals import Refusal
from kefu_tui.rules import macro as rule
from kefu_tui.rules.macro import Step, Trouble

if TYPE_CHECKING:
    from kefu_tui.desk.answers import Done
    from kefu_tui.desk.desk import Desk

SCOPES = ("agent", "group", "company")
"""From the nearest: of two macros with one key, or one name, the nearer counts."""


FIELDS = {"name": "", "steps": "", "key": "", "scope": "agent"}
"""What a macro has in a file, and what stands for it where it is left out."""


class Written(NamedTuple):
    """A macro as a file or an editor holds it."""

    name: str
    steps: str
    key: str = ""
    scope: str = "agent"


class Macros:
    """Macros of this agent: kept, checked, recorded, run as one."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def all(self) -> list[Macro]:
        """Every macro that this agent sees, the nearest first, then by name."""
        with self._desk.store.read() as connection:
            found = [build(Macro, values) for values in connection.execute(f"SELECT {COLUMNS[Macro]} FROM macro")]
        return sorted(found, key=lambda row: (SCOPES.index(row.scope) if row.scope in SCOPES else 9, row.name, row.id))

    def bound(self) -> dict[str, Macro]:
        """The macros that have a key, by it."""
        found: dict[str, Macro] = {}
        for row in self.all():
            if row.key:
                found.setdefault(row.key, row)
        return found

    def steps(self, row: Macro, lang: str | None = None) -> str:
        """A macro's steps as text."""
        return rule.write(rule.unpacked(row.steps), lang or self._desk.lang)

    def text_of(self, steps: Sequence[Step]) -> str:
        """Steps as text."""
        return rule.write(steps, self._desk.lang)

    def troubles(self, steps: str) -> list[Trouble]:
        """What in the text of steps cannot be."""
        return rule.read(steps)[1]

    def save(self, written: Written, id: str = "") -> "Future[Done | Refusal]":
        """Keeps a macro; one with the id of another is changed. Refused where a step cannot be or its key is taken."""
        from kefu_tui.operations.macro import SaveMacro

        steps, troubles = rule.read(written.steps)
        if troubles:
            return _refused("invalid", what=troubles[0].say(self._desk.lang).rstrip("。."))
        taken = next(
            (row.name for row in self.all() if row.key == written.key and row.scope == written.scope and row.id != id),
            "",
        )
        if written.key and taken:
            return _refused("taken-name", what=f"{written.key} ({taken})")
        groups = self._groups()
        scope_id = {"agent": self._desk.agent_id, "group": groups[0] if groups else ""}.get(written.scope)
        return self._desk.do(
            SaveMacro(
                macro_id=id or self._desk.ids(),
                name=written.name.strip(),
                steps=rule.packed(steps),
                key=written.key,
                scope=written.scope,
                scope_id=scope_id,
            )
        )

    def remove(self, id: str) -> "Future[Done | Refusal]":
        """Takes a macro away."""
        from kefu_tui.operations.macro import RemoveMacro

        return self._desk.do(RemoveMacro(macro_id=id))

    def _groups(self) -> list[str]:
        with self._desk.store.read() as connection:
            found = connection.execute(
                "SELECT group_id FROM membership WHERE agent_id = ? ORDER BY group_id", (self._desk.agent_id,)
            )
            return [id for (id,) in found]

    # Running

    def asks(self, row: Macro) -> list[str]:
        """The blanks that are to be filled before it runs: of its steps and of the canned replies in them."""
        steps = rule.unpacked(row.steps)
        texts = [step.argument for step in steps if step.verb != "canned"]
        shortcuts = [step.argument for step in steps if step.verb == "canned"]
        with self._desk.store.read() as connection:
            for shortcut in shortcuts:
                found = connection.execute("SELECT text FROM canned_reply WHERE shortcut = ?", (shortcut,)).fetchone()
                texts += list(found or ())
        return rule.asks(texts)

    def run(
        self, row: Macro, conversation_id: str, answers: Mapping[str, str], hold_s: float = 0
    ) -> "Future[Done | Refusal]":
        """Does all steps of a macro on a conversation as one, or none of them; one undo takes all back."""
        from kefu_tui.desk.stepping import run

        steps = rule.unpacked(row.steps)
        return self._desk.verb(
            lambda connection: run(connection, self._desk, row.name, steps, conversation_id, answers, hold_s)
        )

    # Recording

    def last_done(self) -> int:
        """A mark of what was done last, from which a recording begins."""
        with self._desk.store.read() as connection:
            (last,) = connection.execute("SELECT coalesce(max(op_no), 0) FROM outbox").fetchone()
            return int(last)

    def recorded(self, since: int) -> list[Step]:
        """What was done here since a mark, as steps; what was taken back is left out."""
        with self._desk.store.read() as connection:
            found = connection.execute(
                "SELECT kind, args, at FROM outbox WHERE op_no > ? AND undone = 0 AND kind <> 'void' ORDER BY op_no",
                (since,),
            ).fetchall()
            steps = [step for kind, args, at in found if (step := _step(connection, kind, json.loads(args), at))]
        merged: list[Step] = []
        for step in steps:
            if step.verb == "tag" and merged and merged[-1] == Step("resolve"):
                merged[-1] = Step("resolve", step.argument)
            else:
                merged.append(step)
        return merged

    # Files

    def export(self) -> str:
        """Every macro as a file that `take_in` reads."""
        parts = []
        for row in self.all():
            fields = {"name": row.name, "key": row.key, "scope": row.scope}
            lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
            steps = self.steps(row).replace("\\", "\\\\").replace('"', '\\"')
            parts.append("\n".join(["[[macro]]", *lines, f'steps = """\n{steps}\n"""']))
        return "\n\n".join(parts) + "\n" if parts else ""

    def read_file(self, text: str) -> tuple[list[Written], list[Trouble]]:
        """The macros of a file, and what in it cannot be."""
        try:
            found: Any = tomllib.loads(text).get("macro", [])
        except tomllib.TOMLDecodeError as error:
            return [], [Trouble(f"不是 TOML：{error}。", f"This is no TOML: {error}.")]
        written: list[Written] = []
        troubles: list[Trouble] = []
        for number, one in enumerate(found if isinstance(found, list) else [], 1):
            fields = {
                name: one.get(name, default)
                for name, default in (("name", ""), ("steps", ""), ("key", ""), ("scope", "agent"))
            }
            if not all(isinstance(value, str) for value in fields.values()) or not fields["name"].strip():
                troubles.append(Trouble(f"第 {number} 个宏没有名称。", f"Macro {number} has no name."))
            elif fields["scope"] not in SCOPES:
                troubles.append(Trouble(f"没有范围 {fields['scope']}。", f"There is no scope {fields['scope']}."))
            else:
                name = fields["name"].strip()
                troubles += [
                    Trouble(f"{name}：{trouble.zh}", f"{name}: {trouble.en}")
                    for trouble in rule.read(fields["steps"])[1]
                ]
                written.append(Written(**{**fields, "name": name}))
        return written, troubles

    def take_in(self, written: Sequence[Written]) -> "Future[Done | Refusal]":
        """Keeps the macros of a file, all or none; one of the same name and scope is changed."""
        from kefu_tui.operations.macro import SaveMacro

        known = {(row.scope, row.name): row.id for row in self.all()}
        groups = self._groups()
        saving = []
        for one in written:
            scope_id = {"agent": self._desk.agent_id, "group": groups[0] if groups else ""}.get(one.scope)
            id = known.get((one.scope, one.name)) or derive("macro-file", one.scope, scope_id or "", one.name)
            steps = rule.packed(rule.read(one.steps)[0])
            saving.append(
                SaveMacro(macro_id=id, name=one.name, key=one.key, steps=steps, scope=one.scope, scope_id=scope_id)
            )
        return self._desk.do(*saving) if saving else _refused("empty")


def _refused(code: str, **facts: str) -> "Future[Done | Refusal]":
    answer: Future[Done | Refusal] = Future()
    answer.set_result(Refusal(code, facts))
    return answer


def _step(connection: Connection, kind: str, args: dict[str, Any], at: int) -> Step | None:
    """The step that does again what an operation did; None for what is no step."""

    def named(table: str, id: str | None, column: str) -> str:
        found = connection.execute(f"SELECT {column} FROM {table} WHERE id = ?", (id,)).fetchone()
        return str(found[0]) if found else ""

    match kind:
        case "conversation.claim":
            return Step("take")
        case "conversation.reply":
            shortcut = named("canned_reply", args.get("canned_id"), "shortcut")
            return Step("canned", shortcut) if shortcut else Step("reply", args["text"])
        case "conversation.note":
            return Step("note", args["text"])
        case "conversation.tag" | "conversation.untag":
            return Step(kind.partition(".")[2], args["name"])
        case "conversation.transfer":
            to = named("agent", args.get("to_agent_id"), "login") or named(
                "agent_group", args.get("to_group_id"), "name"
            )
            return Step("transfer", to + (rule.NOTE + args["note"] if args.get("note") else ""))
        case "conversation.snooze":
            return Step("snooze", f"{max(1, (args['until'] - at) // MINUTE)}m")
        case "conversation.resolve" | "conversation.reopen" | "conversation.release":
            return Step(kind.partition(".")[2])
        case "order.review-return":
            return Step("approve-return") if args["verdict"] == "approved" else None
        case _:
            return None
