"""For everyone: the mouse as an extra, any size at any time, nothing that flashes, nothing told by colour alone."""

import random
import re
from typing import Any

import pytest
from textual import events
from textual.color import Color

from kefu_tui.commands import COMMANDS, pressed, shown_key
from kefu_tui.screens.themes import INKS, INKS_256
from kefu_tui.text import cells
from tests.workstation import Desk, workstation

# The mouse


async def click(one: Desk, words: str) -> None:
    """Click on the first place where these words stand on screen."""
    for y, line in enumerate(one.screen):
        if (at := line.find(words)) >= 0:
            await one.pilot.click(offset=(cells(line[:at]) + 1, y))
            await one.pilot.pause()
            await one.pilot.pause()
            return
    raise AssertionError(f"{words!r} is not on screen:\n{one.text}")


def test_a_cap_stands_for_the_key_it_shows() -> None:
    for command in COMMANDS.values():
        for key in (*command.keys, *command.ime):
            assert pressed(shown_key(key)) == key.split(" "), key
    assert pressed("1-9") == []
    assert pressed("") == []


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_caps_are_buttons(size: tuple[int, int]) -> None:
    async with workstation(size=size) as one:
        await click(one, "^P")
        assert one.app.screen is not one.work
        await click(one, "Esc")
        assert one.app.screen is one.work
        await click(one, "Space")
        assert one.verbs[0][0] == "take"


async def test_rows_open_by_a_click_and_the_wheel_scrolls() -> None:
    async with workstation() as one:
        name = one.lines("queue")[6].split()[1][:2]
        await click(one, name)
        assert one.work.open_id == one.work.queue.cursor
        assert one.work.open_id is not None


async def test_the_wheel_scrolls_what_it_is_over() -> None:
    async with workstation(size=(80, 24)) as one:
        queue = one.work.queue
        before, cursor = one.lines("queue"), queue.cursor
        x, y = queue.region.center
        wheel = events.MouseScrollDown(queue, x, y, 0, 0, 0, False, False, False, x, y)
        one.app.screen._forward_event(wheel)
        await one.pilot.pause()
        assert one.lines("queue") != before
        assert queue.cursor == cursor, "the cursor stays with its row"


# Sizes


@pytest.mark.parametrize("seed", range(3))
async def test_a_storm_of_sizes_leaves_what_a_fresh_start_shows(seed: int) -> None:
    dice = random.Random(seed)
    async with workstation() as one:
        for _ in range(60):
            await one.pilot.resize_terminal(dice.randint(20, 200), dice.randint(6, 60))
            if dice.random() < 0.2:
                await one.press(dice.choice(["down", "up", "f2", "f3", "f6", "f7", "?", "escape"]))
        await one.press("escape", "escape", "escape")
        await one.pilot.resize_terminal(140, 40)
        await one.press("f2")
        after = one.text
        opened = one.work.open_id
        rows = one.work.queue.cursor
    async with workstation() as other:
        if other.work.open_id != opened:
            other.work.open(opened)
        await other.press("f2")
        other.work.queue.go(rows)
        await other.pilot.pause()
        assert plain(after) == plain(other.text)


def plain(text: str) -> str:
    """Without clocks, which go on."""
    return re.sub(r"[!*+]?\d+:\d\d|\d+分", "0:00", text)


# Flashing and colour

THEMES = ("dark", "light")
"""Those with colours of their own; the others have the terminal's sixteen, or none."""
BLIND: dict[str, tuple[tuple[float, float, float], ...]] = {
    # Machado, Oliveira, Fernandes 2009, severity 1.0
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def seen(colour: str, kind: str) -> Color:
    """A colour as somebody with this colour vision sees it."""

    def line(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    def code(value: float) -> int:
        share = min(1.0, max(0.0, value))
        return round(255 * (12.92 * share if share <= 0.0031308 else 1.055 * share ** (1 / 2.4) - 0.055))

    red, green, blue = (line(part) for part in Color.parse(colour).rgb)
    return Color(*(code(a * red + b * green + c * blue) for a, b, c in BLIND[kind]))


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize("theme", THEMES)
def test_text_stays_readable_for_every_colour_vision(theme: str, kind: str) -> None:
    ink = INKS[theme]
    for token in ("text", "mid", "amber", "red", "azure", "jade", "mauve"):
        colour = getattr(ink, token, None)
        if colour is None:
            continue
        for plane in ("ground", "pane", "over"):
            ratio = contrast(seen(colour, kind), seen(getattr(ink, plane), kind))
            assert ratio >= 4.0, (theme, kind, token, plane, ratio)


def contrast(one: Color, other: Color) -> float:
    """The ratio of WCAG 2."""

    def luminance(colour: Color) -> float:
        parts = [part / 255 for part in colour.rgb]
        lines = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * lines[0] + 0.7152 * lines[1] + 0.0722 * lines[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_terminals_of_256_colours_get_colours_that_they_have(theme: str) -> None:
    ink = INKS_256[theme]
    steps = (0, 95, 135, 175, 215, 255)
    cube = {(red, green, blue) for red in steps for green in steps for blue in steps}
    known = cube | {(grey, grey, grey) for grey in range(8, 239, 10)}
    planes = (
        "ground",
        "pane",
        "raise_",
        "sel",
        "over",
        "cap",
        "customer",
        "me",
        "bot",
        "note",
        "now",
        "soon",
        "calm",
        "held",
    )
    tokens = ("text", "mid", "dim", "azure", "red", "amber", "jade", "mauve")
    for name in (*planes, *tokens, "ink", "rail"):
        assert Color.parse(getattr(ink, name)).rgb in known, name
    for token in ("text", "mid", "dim"):
        for plane in planes:
            ratio = contrast(Color.parse(getattr(ink, token)), Color.parse(getattr(ink, plane)))
            assert ratio >= 4.5, (token, plane, ratio)
    for token in tokens[3:]:
        for plane in ("ground", "pane", "raise_", "over", "sel"):
            ratio = contrast(Color.parse(getattr(ink, token)), Color.parse(getattr(ink, plane)))
            assert ratio >= 4.5, (token, plane, ratio)


def styles(one: Desk) -> list[Any]:
    return [segment.style for strip in one.app.screen._compositor.render_strips() for segment in strip if segment.style]


@pytest.mark.parametrize("theme", ["dark", "light", "contrast", "none"])
async def test_nothing_flashes(theme: str) -> None:
    async with workstation(theme=theme) as one:
        for keys in (("enter",), ("i",), ("escape",), ("?",), ("escape",), ("g", "n"), ("escape",)):
            await one.press(*keys)
            assert not any(style.blink or style.blink2 for style in styles(one)), keys


async def test_without_colour_every_state_has_its_own_sign() -> None:
    async with workstation("held", theme="none") as one:
        assert not any(
            style.color or style.bgcolor for style in styles(one) if not (style.color and style.color.is_default)
        )
    async with workstation(theme="none") as one:
        queue = one.lines("queue")
        signs = {line.strip()[:1] for line in queue if re.match(r"\s*[!*+]", line)}
        assert {"!", "*"} <= signs, queue
        marked = [line for line in queue if ">" in line[:4]]
        assert marked, "the cursor is a sign"
