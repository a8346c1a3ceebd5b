"""Themes: which ink a terminal gets, and what Textual's own style sheets are told of it."""

from collections.abc import Mapping

from rich.console import Console
from textual.theme import Theme

from kefu_tui.widgets.inks import INKS, INKS_256, Ink

__all__ = ["Ink", "ink_after", "ink_for", "style_sheet_words", "themes"]


def ink_for(theme: str | None, environ: Mapping[str, str]) -> Ink:
    """The ink of a theme by name (dark, light, contrast, none), else by KEFU_THEME, and by what the terminal can show.

    NO_COLOR means none whatever was asked for; where nothing was asked for, a terminal of few colours gets contrast.
    """
    if "NO_COLOR" in environ:
        return INKS["none"]
    colours = Console().color_system
    name = theme or environ.get("KEFU_THEME", "")
    if name not in INKS:
        name = "dark" if colours in ("256", "truecolor", "windows") else "contrast"
    return INKS_256.get(name, INKS[name]) if colours == "256" else INKS[name]


def ink_after(ink: Ink, environ: Mapping[str, str]) -> Ink:
    """The next ink in turn; without colours there is but one."""
    if ink.mono:
        return ink
    names = [name for name, one in INKS.items() if not one.mono]
    return ink_for(names[(names.index(ink.name) + 1) % len(names)], environ)


def themes() -> list[Theme]:
    """What Textual itself wants to know of the inks; panes draw by tokens."""
    return [
        Theme(
            name=f"kefu-{ink.name}",
            primary="#7FBDF5" if ink.flat else ink.azure,
            background="#000000" if ink.flat else ink.ground,
            foreground="#FFFFFF" if ink.flat else ink.text,
            dark=ink.dark,
            ansi=ink.flat,
        )
        for ink in INKS.values()
    ]


def style_sheet_words(ink: Ink) -> dict[str, str]:
    """An ink's planes as variables of style sheets: what lies where nothing is drawn."""
    ground = "ansi_default" if ink.mono else _css(ink.ground or "")
    over = "ansi_default" if ink.mono else _css(ink.over or ink.ground or "")
    words = "ansi_default" if ink.mono else _css(ink.text)
    return {"ground": ground, "over": over, "ansi-background": ground, "ansi-foreground": words}


def _css(colour: str) -> str:
    """A Rich colour as style sheets name it."""
    return colour if colour.startswith("#") else f"ansi_{colour}"
