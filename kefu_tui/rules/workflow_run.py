"""A workflow at work: which moves there are, what a move does to the clocks, and a path walked through on trial."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from kefu_tui.rules.template import fill
from kefu_tui.rules.workflow_shape import DEPARTMENT, ROLES, Field, Named, Said, Transition, Workflow, shown, unfit

_ORDER = {"no": "330012345678"}
SAMPLE: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "zh": {"order": _ORDER, "customer": {"name": "陈雨桐"}, "agent": {"name": "小禾"}, "shop": {"name": "青禾小铺"}},
    "en": {"order": _ORDER, "customer": {"name": "Anna"}, "agent": {"name": "Mei"}, "shop": {"name": "Green Shop"}},
}
"""Invented values for texts on trial."""


class Move(NamedTuple):
    """A transition that leaves the state, and why it may not be taken now; `why` is None where it may."""

    transition: Transition
    why: Said | None = None
    fields: tuple[str, ...] = ()
    """Fields that are missing or wrong."""
    steps: tuple[str, ...] = ()
    """Steps that are not done."""

    @property
    def allowed(self) -> bool:
        """Whether it may be taken."""
        return self.why is None


class Effects(NamedTuple):
    """What a transition does, in this order: clocks stopped and paused, the rest void, clocks started, steps opened."""

    stop: tuple[str, ...]
    pause: tuple[str, ...]
    void: bool
    """Every clock that still runs or stands no longer applies, those of open steps too."""
    start: tuple[str, ...]
    """Of these one that stands goes on, one that runs is left alone."""
    steps: tuple[str, ...]
    """Opened, or opened anew; the clock of each starts."""


class Clock(NamedTuple):
    """A clock that has started: of a state, or of a step."""

    kind: str
    step: str = ""
    paused: bool = False


class Stand(NamedTuple):
    """Where the work stands on trial: what led there, the clocks, and what the customer was told ('' nothing)."""

    by: str
    state: str
    clocks: tuple[Clock, ...]
    text: str


class Refused(NamedTuple):
    """Where a path on trial cannot go on."""

    at: str
    why: Said


class Walk(NamedTuple):
    """A path on trial, from the entering of the first state, up to its end or its first refusal."""

    stands: list[Stand]
    refused: Refused | None = None


def moves(
    workflow: Workflow, state: str, fields: Mapping[str, str], done_steps: Collection[str], role: str
) -> list[Move]:
    """The transitions that leave a state, in the order of the file, each with the reason where it may not be taken.

    `role` is a role or the id of a department. Raises WorkflowError for a state that is not there.
    """
    return [_move(workflow, one, fields, done_steps, role) for one in workflow.out_of(workflow.state(state).id)]


def effects(workflow: Workflow, state: str, transition: Transition) -> Effects:
    """What a transition out of a state does to clocks and steps.

    A clock that the entered state starts runs on over both, whatever the state that is left says. `void` takes all.
    """
    left = workflow.state(state)
    entered = workflow.state(transition.to)
    steps = tuple(one.id for one in workflow.opened(entered.id))
    if transition.void:
        return Effects((), (), True, entered.start, steps)
    spared = {*entered.start, *transition.pause}
    stop = tuple(kind for kind in left.stop if kind not in spared)
    pause = tuple(kind for kind in (*transition.pause, *left.pause) if kind not in entered.start)
    return Effects(stop, pause, workflow.closes(transition), entered.start, steps)


def told(
    workflow: Workflow,
    transition: Transition,
    fields: Mapping[str, str],
    lang: str,
    values: Mapping[str, object],
) -> str:
    """What the customer is told, filled; a value that is missing stands as `[order.no]`."""
    words = {one.id: shown(one, fields.get(one.id, ""), lang) for one in workflow.fields}
    return fill(transition.text(lang), {**values, "fields": words}).text


def simulate(
    workflow: Workflow,
    path: Sequence[str],
    fields: Mapping[str, str],
    *,
    role: str = "admin",
    lang: str = "zh",
    values: Mapping[str, object] | None = None,
) -> Walk:
    """A path walked through on trial. It names transitions, and steps at the place where they are done."""
    values = SAMPLE["en" if lang == "en" else "zh"] if values is None else values
    state = workflow.initial.id
    clocks: dict[tuple[str, str], bool] = {}  # (kind, step) of those that started, whether it stands
    open_steps: set[str] = set()
    done: set[str] = set()
    stands: list[Stand] = []
    steps = {one.id: one for one in workflow.steps}

    def enter(start: Collection[str], opened: Collection[str], by: str, text: str) -> None:
        clocks.update({(kind, ""): False for kind in start})
        open_steps.update(opened)
        done.difference_update(opened)
        clocks.update({(steps[id].clock, id): False for id in opened if steps[id].clock})
        stands.append(Stand(by, state, _running(clocks), text))

    enter(workflow.initial.start, [one.id for one in workflow.opened(state)], "", "")
    for id in path:
        if id in steps:
            if id not in open_steps:
                return Walk(stands, Refused(id, Said(f"{steps[id].zh}还没有开始", f"{steps[id].en}: not open yet")))
            done.add(id)
            clocks.pop((steps[id].clock, id), None)
            stands.append(Stand(id, state, _running(clocks), ""))
            continue
        move = next((one for one in moves(workflow, state, fields, done, role) if one.transition.id == id), None)
        if move is None:
            return Walk(stands, Refused(id, _nowhere(workflow, state, id)))
        if move.why is not None:
            return Walk(stands, Refused(id, move.why))
        does = effects(workflow, state, move.transition)
        for kind in does.stop:
            clocks.pop((kind, ""), None)
        clocks.update({(kind, ""): True for kind in does.pause if (kind, "") in clocks})
        if does.void:
            clocks.clear()
            open_steps.clear()
        state = move.transition.to
        enter(does.start, does.steps, id, told(workflow, move.transition, fields, lang, values))
    return Walk(stands)


def _move(
    workflow: Workflow, transition: Transition, fields: Mapping[str, str], done: Collection[str], role: str
) -> Move:
    if not _may(transition, role):
        who = [workflow.who(one) for one in transition.by]
        zh, en = "、".join(one.zh for one in who), ", ".join(one.en for one in who)
        return Move(transition, Said(f"由{zh}来做", f"for {en} only"))
    required = workflow.required(transition)
    missing = [one for one in required if not fields.get(one.id, "").strip()]
    wrong = [(one, why) for one in required if (why := unfit(one, fields.get(one.id, ""))) is not None]
    wrong += [
        (one, _meant_for(one, transition.only[one.id]))
        for one in required
        if one.id in transition.only and one not in missing and fields[one.id].strip() not in transition.only[one.id]
    ]
    steps = [one for one in workflow.steps if one.id in transition.steps and one.id not in done]
    whys = [why for _, why in wrong]
    if missing:
        zh, en = _quoted(missing)
        whys.insert(0, Said(f"要填{zh}", f"to fill: {en}"))
    if steps:
        zh, en = _quoted(steps)
        whys.append(Said(f"要先做{zh}", f"to do first: {en}"))
    return Move(
        transition,
        Said("；".join(why.zh for why in whys), "; ".join(why.en for why in whys)) if whys else None,
        tuple(dict.fromkeys(one.id for one in (*missing, *(one for one, _ in wrong)))),
        tuple(one.id for one in steps),
    )


def _meant_for(field: Field, values: Sequence[str]) -> Said:
    words = {lang: " / ".join(shown(field, value, lang) for value in values) for lang in ("zh", "en")}
    return Said(f"{field.zh}要是「{words['zh']}」", f'{field.en} must be "{words["en"]}"')


def _quoted(many: Sequence[Named]) -> Said:
    return Said("".join(f"「{one.zh}」" for one in many), ", ".join(f'"{one.en}"' for one in many))


def _may(transition: Transition, role: str) -> bool:
    if role == ROLES[-1] or role in transition.by:
        return True
    if role in ROLES:
        return any(one in transition.by for one in ROLES[: ROLES.index(role)])
    return DEPARTMENT in transition.by and role != "auditor"


def _nowhere(workflow: Workflow, state: str, id: str) -> Said:
    stands = workflow.state(state)
    ways = ", ".join(one.id for one in workflow.out_of(state))
    if not ways:
        return Said(f"已经在{stands.zh}，没有下一步", f"it stands at {stands.en}, where nothing is left")
    return Said(
        f"现在在{stands.zh}，没有 {id} 这一步，有：{ways}", f"it stands at {stands.en} without a way {id}: {ways}"
    )


def _running(clocks: Mapping[tuple[str, str], bool]) -> tuple[Clock, ...]:
    return tuple(Clock(kind, step, paused) for (kind, step), paused in clocks.items())
