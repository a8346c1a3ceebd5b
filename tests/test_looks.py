"""How screens look, whatever they show: contrast of what is painted, widths, glyphs, what is always there."""

import unicodedata
from typing import Any

import pytest
from textual.color import Color

from kefu_tui.text import cells
from tests.test_everyone import contrast
from tests.test_snapshots import SCREENS
from tests.workstation import workstation

LOOKED_AT = ("workstation", "conversation", "reply-search", "filter", "palette", "help", "held", "hostile", "empty")
SIZES = {"dark": ((140, 40), (120, 36), (100, 30), (80, 24), (60, 20)), "light": ((140, 40), (80, 24)),
         "contrast": ((140, 40), (80, 24)), "none": ((140, 40), (60, 20))}  # fmt: skip
TEXT, RULE = 4.5, 1.5
"""Least contrast of words (WCAG 2 AA), and of rules, which only part what stands apart already."""
RULES = {"\u2590", "\u2588"}
"""Glyphs of rules and edges: of one cell on every terminal."""


def pair(style: Any) -> tuple[Color, Color] | None:
    """Ink and ground as painted; None where the terminal chooses one of them."""
    if style is None or style.color is None or style.bgcolor is None:
        return None
    if style.color.triplet is None or style.bgcolor.triplet is None:
        return None
    ink, ground = Color(*style.color.triplet), Color(*style.bgcolor.triplet)
    return (ground, ink) if style.reverse else (ink, ground)


@pytest.mark.parametrize(("theme", "size"), [(theme, size) for theme, sizes in SIZES.items() for size in sizes])
async def test_invariants(theme: str, size: tuple[int, int]) -> None:
    for name in LOOKED_AT:
        story, keys = SCREENS[name]
        async with workstation(story, size=size, theme=theme) as one:
            for key in keys:
                await one.press(key)
            await one.pilot.pause()
            strips = one.app.screen._compositor.render_strips()
            assert len(strips) == size[1], name
            over = one.app.screen is not one.work
            for strip in strips:
                line = "".join(segment.text for segment in strip)
                assert cells(line) == size[0], (name, line)
                for segment in strip:
                    words = segment.text.strip()
                    if not words:
                        continue
                    painted = pair(segment.style)
                    if theme == "none":
                        assert painted is None, (name, words)
                    elif painted is not None:
                        least = RULE if set(words) <= RULES else TEXT
                        assert contrast(*painted) >= least, (name, words, painted)
                    if name not in ("hostile", "held"):  # what customers wrote may hold anything
                        uncertain = {char for char in words if unicodedata.east_asian_width(char) == "A"}
                        assert uncertain <= {"\u2588"}, (name, words)
            if not over:
                shown = one.text
                assert "5/8" in shown.split("\n")[0] or name == "empty", "the status row is always there"
                assert "^P" in shown.split("\n")[-1], "and the keys"
