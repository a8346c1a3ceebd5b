"""Service policies at the desk: those in force, before and planned; one planned, one taken back."""

import json
from typing import Any, NamedTuple

from kefu_tui.desk.answers import Done
from kefu_tui.desk.desk import Desk
from kefu_tui.model.rows import Policy
from kefu_tui.model.sql import Reader
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.service_policy import DropPolicy, PlanPolicy


class Version(NamedTuple):
    """A policy and what it did. State: planned, in force, before. Times in µs UTC, 0 where nobody set one."""

    id: str
    name: str
    state: str
    effective_at: int
    set_by: str
    clocks: int
    moved: int
    total: int
    finished: bool


def versions(desk: Desk) -> list[Version]:
    """Every policy, the newest first; the one that was there from the beginning has the id `default`."""
    with desk.store.read() as connection:
        found = connection.execute(
            "SELECT v.id, v.name, v.effective_at, a.name, v.done_at, v.clocks, v.moved, v.total, v.finished_at IS NOT NULL "
            "FROM policy_version v LEFT JOIN agent a ON a.id = v.set_by ORDER BY v.effective_at DESC, v.id DESC"
        ).fetchall()
        first = Reader(connection).get(Policy, "default")
    newest = max((row[4] for row in found if row[4] is not None), default=None)
    rows = [
        Version(
            id,
            name,
            "planned" if done is None else "in force" if done == newest else "before",
            effective,
            by or "",
            clocks,
            moved,
            total,
            bool(finished),
        )
        for id, name, effective, by, done, clocks, moved, total, finished in found
    ]
    if first is not None and newest is None:
        rows.append(Version("default", first.name, "in force", 0, "", 0, 0, 0, True))
    return rows


def body_in_force(desk: Desk) -> dict[str, Any]:
    """The policy in force as its TOML file says it; {} where there is none."""
    with desk.store.read() as connection:
        row = Reader(connection).get(Policy, "default")
    told: dict[str, Any] = json.loads(row.body) if row is not None else {}
    return told


def plan(desk: Desk, name: str, body: dict[str, Any], effective_at: int) -> tuple[str, Done | Refusal]:
    """Plans a policy from a moment on (µs UTC, 0: at once); its id and what was decided here."""
    id = desk.ids()
    text = json.dumps(body, ensure_ascii=False, default=str)
    return id, desk.do(PlanPolicy(version_id=id, name=name, body=text, effective_at=effective_at)).result()


def drop(desk: Desk, id: str) -> Done | Refusal:
    """Takes a planned policy back."""
    return desk.do(DropPolicy(version_id=id)).result()
