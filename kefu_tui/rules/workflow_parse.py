"""Workflows read from data and checked: nothing unknown, nothing unreachable, no dead end, no text with a hole."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

import msgspec

from kefu_tui.rules.workflow_run import simulate
from kefu_tui.rules.workflow_shape import (
    ASSIGNEE,
    CLOCKS,
    CLOSE,
    DEPARTMENT,
    OUTSIDE,
    ROLES,
    Named,
    Transition,
    Workflow,
    WorkflowError,
)

LANGS = ("zh", "en")
VARIABLES = ("order.no", "customer.name", "agent.name", "shop.name")
"""What a text may say besides `fields.x`."""
MOST = 100
"""States, transitions, fields, steps of a workflow, each."""

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_VARIABLE = re.compile(r"\{\{ ([a-z]+\.[a-z0-9_]+) \}\}")
_TITLE = 40
_TEXT = 600
_LISTS = ("state", "transition", "field", "step", "department", "example")
_TAKEN = (*ROLES, DEPARTMENT, ASSIGNEE, CLOSE, *OUTSIDE, "auditor")
_OWN_MEANING = ("size", "first", "last")
"""Names that mean something else in Liquid."""


def parse_workflow(data: Mapping[str, object], clocks: Collection[str] = CLOCKS) -> Workflow:
    """A workflow from its TOML or JSON form; data/README.md tells the format. Raises WorkflowError.

    `clocks` are the kinds that the service policy knows. Refused are: ids that stand twice or name nothing, a state that
    nothing leads to or that leads nowhere and is not closed, a clock that is started and never stopped, a step or field
    that is asked for where it may not have been opened or filled, a missing text, an example that goes otherwise.
    """
    workflow = _converted(data)
    _check_names(workflow)
    _check_references(workflow)
    _check_clocks(workflow, clocks)
    _check_graph(workflow)
    _check_filled(workflow)
    _check_examples(workflow)
    return workflow


def _converted(data: Mapping[str, object]) -> Workflow:
    for key in _LISTS:
        value = data.get(key, [])
        if isinstance(value, list) and len(value) > MOST:
            raise WorkflowError(f"{key}: {len(value)} of them, at most {MOST}")
    try:
        return msgspec.convert(data, Workflow)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$")
        raise WorkflowError(f"{_place(data, path.rstrip('`'))}: {_plain(what)}") from None


def _place(data: Mapping[str, object], path: str) -> str:
    """Where `.state[2].zh` is, in words: `state accepted.zh`."""
    found = re.match(r"\.(\w+)\[(\d+)\](.*)", path)
    if not found:
        return path.lstrip(".") or "workflow"
    items = data.get(found[1])
    item = items[int(found[2])] if isinstance(items, list) else None
    id = item.get("id") if isinstance(item, Mapping) else None
    return f"{found[1]} {id if isinstance(id, str) and _ID.fullmatch(id) else int(found[2]) + 1}{found[3]}"


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:200]


def _check_names(workflow: Workflow) -> None:
    if not _ID.fullmatch(workflow.name):
        raise WorkflowError(f"name: {workflow.name!r} is no name (small letters, digits, _)")
    _check_titles("title", workflow.zh, workflow.en)
    for word, many in (
        ("state", workflow.states),
        ("field", workflow.fields),
        ("department", workflow.departments),
        ("transition", workflow.transitions),
        ("step", workflow.steps),
    ):
        _check_ids(word, many)
    moving = {one.id for one in workflow.transitions}
    for step in workflow.steps:
        if step.id in moving:
            raise WorkflowError(f"step {step.id}: a transition has that id; a path could not tell them apart")
    for field in workflow.fields:
        if field.id in _OWN_MEANING:
            raise WorkflowError(f"field {field.id}: means something else in Liquid")
        if (field.type == "choice") != bool(field.choices):
            raise WorkflowError(f"field {field.id}: choices and the type choice go together")
        _check_ids(f"field {field.id}, choice", field.choices)
    for department in workflow.departments:
        if department.id in _TAKEN:
            raise WorkflowError(f"department {department.id}: this word means something else")
    for transition in workflow.transitions:
        if transition.id == CLOSE:
            raise WorkflowError(f"transition {CLOSE}: this word means every transition that closes")


def _check_ids(word: str, many: Iterable[Named]) -> None:
    seen: set[str] = set()
    for one in many:
        if not _ID.fullmatch(one.id):
            raise WorkflowError(f"{word} {one.id!r}: no id (small letters, digits, _)")
        if one.id in seen:
            raise WorkflowError(f"{word} {one.id}: stands twice")
        seen.add(one.id)
        _check_titles(f"{word} {one.id}", one.zh, one.en)


def _check_titles(where: str, zh: str, en: str) -> None:
    for lang, title in zip(LANGS, (zh, en), strict=True):
        if not title.strip() or title != title.strip():
            raise WorkflowError(f"{where}: {lang} needs a title without spaces around it")
        if len(title) > _TITLE:
            raise WorkflowError(f"{where}: {lang} has {len(title)} characters, at most {_TITLE}")
        for char in title:
            if not (" " <= char <= "~" or unicodedata.east_asian_width(char) in "WF"):
                raise WorkflowError(f"{where}: {lang} has {char!a}, which has no sure width on a terminal")


def _check_references(workflow: Workflow) -> None:
    if not workflow.states:
        raise WorkflowError("state: there is none")
    states = {one.id for one in workflow.states}
    steps = {one.id for one in workflow.steps}
    moving = {one.id for one in workflow.transitions}
    departments = {one.id for one in workflow.departments}
    for state in workflow.states:
        if (state.category == "waiting") != bool(state.waits):
            raise WorkflowError(f"state {state.id}: waits, for whom, and the category waiting go together")
        if state.waits:
            _known(f"state {state.id}.waits", (state.waits,), {*OUTSIDE, *departments})
    for one in workflow.transitions:
        where = f"transition {one.id}"
        if not one.from_:
            raise WorkflowError(f"{where}.from: no state")
        _known(f"{where}.from", one.from_, states)
        _known(f"{where}.to", (one.to,), states)
        if not one.by:
            raise WorkflowError(f"{where}.by: nobody may")
        _known(f"{where}.by", one.by, {*ROLES, DEPARTMENT, *departments})
        _known(f"{where}.steps", one.steps, steps)
        _check_only(workflow, one)
        _check_texts(workflow, one)
    for field in workflow.fields:
        _known(f"field {field.id}.required", field.required, {*moving, CLOSE})
    for step in workflow.steps:
        _known(f"step {step.id}.state", (step.state,), states)
        _known(f"step {step.id}.owner", (step.owner,), {ASSIGNEE, *departments})


def _check_only(workflow: Workflow, one: Transition) -> None:
    required = {field.id: field for field in workflow.required(one)}
    for name, values in one.only.items():
        where = f"transition {one.id}.only.{_plain(name)}"
        if name not in required:
            raise WorkflowError(f"{where}: no field that it requires")
        known = {"yes", "no"} if required[name].type == "yesno" else {choice.id for choice in required[name].choices}
        if not values:
            raise WorkflowError(f"{where}: no value")
        _known(where, values, known)


def _known(where: str, words: Iterable[str], known: Collection[str]) -> None:
    for word in words:
        if word not in known:
            raise WorkflowError(f"{where}: {_plain(repr(word))} is none of {', '.join(sorted(known)) or 'none'}")


def _check_texts(workflow: Workflow, one: Transition) -> None:
    known = {*VARIABLES, *(f"fields.{field.id}" for field in workflow.fields)}
    for lang in LANGS:
        where, text = f"transition {one.id}.text_{lang}", one.text(lang)
        if one.silent and text:
            raise WorkflowError(f"{where}: it is silent and has a text")
        if not one.silent and not text.strip():
            raise WorkflowError(f"{where}: missing; where the customer is told nothing: silent = true")
        if len(text) > _TEXT:
            raise WorkflowError(f"{where}: {len(text)} characters, at most {_TEXT}")
        _known(where, _VARIABLE.findall(text), known)
        if re.search(r"\{\{|\}\}|\{%|%\}", _VARIABLE.sub("", text)):
            raise WorkflowError(f"{where}: only plain {{{{ noun.name }}}} may stand in it")


def _check_clocks(workflow: Workflow, clocks: Collection[str]) -> None:
    for state in workflow.states:
        for word, kinds in (("start", state.start), ("stop", state.stop), ("pause", state.pause)):
            _known(f"state {state.id}.{word}", kinds, clocks)
        for kind in set(state.stop) & set(state.pause):
            raise WorkflowError(f"state {state.id}: {kind} is stopped and paused")
        if state.category == "closed" and (state.start or state.stop or state.pause):
            raise WorkflowError(f"state {state.id}: is closed and has clocks")
    for step in workflow.steps:
        if step.clock:
            _known(f"step {step.id}.clock", (step.clock,), clocks)
    started = {kind: state.id for state in workflow.states for kind in state.start}
    ended = {kind: state.id for state in workflow.states for kind in state.stop}
    for kind, id in started.items():
        if kind not in ended:
            raise WorkflowError(f"state {id}: {kind} is started, and leaving no state stops it")
    for state in workflow.states:
        for kind in (*state.stop, *state.pause):
            if kind not in started:
                raise WorkflowError(f"state {state.id}: {kind} is not started by any state")
    for one in workflow.transitions:
        _known(f"transition {one.id}.pause", one.pause, clocks)
        for kind in one.pause:
            if kind not in started:
                raise WorkflowError(f"transition {one.id}.pause: {kind} is not started by any state")


def _check_graph(workflow: Workflow) -> None:
    if workflow.initial.category == "closed":
        raise WorkflowError(f"state {workflow.initial.id}: work begins closed")
    for state in workflow.states:
        ways = workflow.out_of(state.id)
        if state.category == "closed" and ways:
            raise WorkflowError(f"state {state.id}: is closed, but {ways[0].id} leads out of it")
        if state.category != "closed" and not ways:
            raise WorkflowError(f"state {state.id}: a dead end that is not closed")
        if workflow.opened(state.id) and not ways:
            raise WorkflowError(f"state {state.id}: is closed and opens steps")
    ahead = {state.id: {way.to for way in workflow.out_of(state.id)} for state in workflow.states}
    reached = _spread({workflow.initial.id}, ahead)
    behind = {id: {one for one, targets in ahead.items() if id in targets} for id in ahead}
    closing = _spread({state.id for state in workflow.states if state.category == "closed"}, behind)
    for state in workflow.states:
        if state.id not in reached:
            raise WorkflowError(f"state {state.id}: nothing leads to it from {workflow.initial.id}")
        if state.id not in closing:
            raise WorkflowError(f"state {state.id}: no way from it ends closed")


def _spread(begin: set[str], ahead: Mapping[str, Collection[str]]) -> set[str]:
    reached, rest = set(begin), list(begin)
    while rest:
        for id in ahead[rest.pop()]:
            if id not in reached:
                reached.add(id)
                rest.append(id)
    return reached


def _check_filled(workflow: Workflow) -> None:
    """That a text says no field, and a transition asks for no step, that some path leaves without."""
    sure = _sure(workflow)
    for one in workflow.transitions:
        there = set.intersection(*(sure[id] for id in one.from_))
        for step in one.steps:
            if f"step.{step}" not in there:
                raise WorkflowError(f"transition {one.id}.steps: a path leads there on which {step} is never opened")
        there |= {f"fields.{field.id}" for field in workflow.required(one)}
        for lang in LANGS:
            for name in _VARIABLE.findall(one.text(lang)):
                if name.startswith("fields.") and name not in there:
                    raise WorkflowError(f"transition {one.id}.text_{lang}: {name} may be empty; require it there")


def _sure(workflow: Workflow) -> dict[str, set[str]]:
    """For each state the fields filled and the steps opened on every path to it, as `fields.x` and `step.x`."""
    opened = {state.id: {f"step.{one.id}" for one in workflow.opened(state.id)} for state in workflow.states}
    everything = {f"fields.{one.id}" for one in workflow.fields}.union(*opened.values())
    sure = {state.id: set(everything) for state in workflow.states}
    sure[workflow.initial.id] = set(opened[workflow.initial.id])
    gained = {one.id: {f"fields.{field.id}" for field in workflow.required(one)} for one in workflow.transitions}
    changed = True
    while changed:
        changed = False
        for one in workflow.transitions:
            for id in one.from_:
                now = sure[one.to] & (sure[id] | gained[one.id] | opened[one.to])
                changed |= now != sure[one.to]
                sure[one.to] = now
    return sure


def _check_examples(workflow: Workflow) -> None:
    states = {one.id for one in workflow.states}
    fields = {one.id for one in workflow.fields}
    for number, one in enumerate(workflow.examples, 1):
        where = f"example {number}"
        if bool(one.ends) == bool(one.refused):
            raise WorkflowError(f"{where}: tells either ends or refused")
        if one.ends:
            _known(f"{where}.ends", (one.ends,), states)
        _known(f"{where}.fields", one.fields, fields)
        walk = simulate(workflow, one.path, one.fields)
        if one.ends and walk.refused:
            raise WorkflowError(f"{where}: is refused at {walk.refused.at}: {walk.refused.why.en}")
        if one.ends and walk.stands[-1].state != one.ends:
            raise WorkflowError(f"{where}: ends at {walk.stands[-1].state}, not at {one.ends}")
        if one.refused and (walk.refused is None or walk.refused.at != one.refused):
            raise WorkflowError(
                f"{where}: is {'not refused' if walk.refused is None else f'refused at {walk.refused.at}'}, "
                f"but should be at {one.refused}"
            )
