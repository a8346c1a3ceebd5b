"""A workflow drawn for a terminal, in ASCII and Chinese: each state with the ways out of it."""

import unicodedata
from collections.abc import Sequence

from kefu_tui.rules.workflow_shape import CATEGORIES, State, Transition, Workflow, shown

WIDTH = 80
_WORDS = {
    "begins": ("开始", "begins"),
    "clocks": ("计时", "clocks"),
    "waits": ("等", "waits for"),
    "by": ("谁做", "who"),
    "only": ("限", "only"),
    "fill": ("要填", "to fill"),
    "first": ("先做", "first"),
    "list": ("清单", "steps"),
    "stops": ("停表", "stops"),
    "pauses": ("暂停", "pauses"),
}


def draw(workflow: Workflow, lang: str) -> list[str]:
    """The lines of the drawing, none wider than WIDTH cells, in characters of sure width.

    `-->` leads to a state further down, `-->>` back to one above or the same, `--#` to one that is closed.
    """
    lang = "en" if lang == "en" else "zh"
    places = {state.id: place for place, state in enumerate(workflow.states)}
    lines = [f"{workflow.title(lang)} ({workflow.name})"]
    for place, state in enumerate(workflow.states):
        ways = workflow.out_of(state.id)
        lines += ["  v" if place and _leads_here(workflow, place) else "", *_state(workflow, state, lang)]
        for way in ways:
            closes = workflow.closes(way)
            arrow = "--#" if closes else "-->" if places[way.to] > place else "-->>"
            lines.append(f"  +-- {way.title(lang)} ({way.id}) {arrow} {workflow.state(way.to).title(lang)}")
            bar = "  |     "
            lines += _way(workflow, way, lang, bar)
    return [_cut(line) for line in lines]


def _leads_here(workflow: Workflow, place: int) -> bool:
    above, here = workflow.states[place - 1].id, workflow.states[place].id
    return any(way.to == here for way in workflow.out_of(above))


def _state(workflow: Workflow, state: State, lang: str) -> list[str]:
    category = CATEGORIES[state.category].say(lang)
    lines = [f"[{category}] {state.title(lang)} ({state.id})"]
    steps = []
    for step in workflow.opened(state.id):
        owner = workflow.who(step.owner).say(lang)
        steps.append(f"{step.title(lang)} ({owner}{', ' + step.clock if step.clock else ''})")
    bar = "  |  " if workflow.out_of(state.id) else "     "
    if state.waits:
        lines += _listed("waits", [workflow.who(state.waits).say(lang)], lang, bar)
    lines += _listed("clocks", state.start, lang, bar)
    lines += _listed("stops", state.stop, lang, bar)
    lines += _listed("pauses", state.pause, lang, bar)
    lines += _listed("list", steps, lang, bar)
    return lines


def _way(workflow: Workflow, way: Transition, lang: str, bar: str) -> list[str]:
    who = [workflow.who(one).say(lang) for one in way.by]
    fields = [one.title(lang) for one in workflow.required(way)]
    steps = [one.title(lang) for one in workflow.steps if one.id in way.steps]
    lines = [] if way.by == ("agent",) else _listed("by", who, lang, bar)
    for one in workflow.required(way):
        words = [shown(one, value, lang) for value in way.only.get(one.id, ())]
        lines += _listed("only", [f"{one.title(lang)} = {words[0]}", *words[1:]] if words else [], lang, bar)
    return [*lines, *_listed("fill", fields, lang, bar), *_listed("first", steps, lang, bar)]


def _listed(word: str, items: Sequence[str], lang: str, bar: str) -> list[str]:
    """Words behind what they are, on as many lines as they need."""
    if not items:
        return []
    name = _WORDS[word][lang == "en"] + ": "
    lines, line = [], bar + name
    for place, item in enumerate(items):
        piece = item + (" /" if place + 1 < len(items) else "")
        if _cells(line + piece) > WIDTH and line.strip() != (bar + name).strip():
            lines.append(line.rstrip())
            line = bar + " " * _cells(name)
        line += piece + " "
    return [*lines, line.rstrip()]


def _cut(line: str) -> str:
    if _cells(line) <= WIDTH:
        return line.rstrip()
    while _cells(line) > WIDTH - 2:
        line = line[:-1]
    return line + ".."


def _cells(text: str) -> int:
    """Cells of a text of ASCII and wide characters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
