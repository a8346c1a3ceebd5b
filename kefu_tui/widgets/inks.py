"""The inks: colours of a theme by what they say, as Rich colours; for true colour, 256 and 16 colours, and none."""

from dataclasses import dataclass
from functools import lru_cache

from rich.style import Style

FILLS = frozenset(("azure", "red", "amber", "jade", "mauve", "text"))
"""Tokens that may lie under text as a fill; text on them is `ink`."""


@dataclass(frozen=True)
class Ink:
    """One theme: text tokens, planes and tints by name, as Rich colours. A plane that is None is not painted."""

    name: str
    dark: bool
    flat: bool
    """No planes: 16 colours or none. Rules, `|` and `>` stand in for what planes say."""
    mono: bool
    """No colours at all: a fill is reverse video."""
    text: str
    mid: str
    dim: str
    azure: str
    red: str
    amber: str
    jade: str
    mauve: str
    ink: str
    rail: str
    ground: str | None
    pane: str | None
    raise_: str | None
    sel: str | None
    over: str | None
    cap: str | None
    customer: str | None
    me: str | None
    bot: str | None
    note: str | None
    now: str | None
    soon: str | None
    calm: str | None
    held: str | None

    @property
    def bar(self) -> str:
        """Edge bar of a bubble, a rail or an open row."""
        return "|" if self.flat else "▐"

    @property
    def cursor(self) -> str:
        """Mark in the first column of the open row."""
        return ">" if self.flat else "▐"

    @property
    def full(self) -> str:
        """Used segment of a meter."""
        return "#" if self.flat else "▐"

    @property
    def empty(self) -> str:
        """Unused segment of a meter, drawn in `rail`."""
        return "." if self.flat else "▐"

    def style(
        self,
        ink: str = "text",
        *,
        bold: bool = False,
        underline: bool = False,
        strike: bool = False,
        fill: str | None = None,
        plane: str | None = "pane",
    ) -> Style:
        """The Rich style of a token on a plane. `fill` lies over the plane; on a colour fill the text is `ink`."""
        return _style(self, ink, bold, underline, strike, fill, plane)


@lru_cache(4096)
def _style(
    ink: Ink, token: str, bold: bool, underline: bool, strike: bool, fill: str | None, plane: str | None
) -> Style:
    reverse = ink.mono and fill in FILLS
    under: str | None = None
    for name in (fill, plane):
        if name is not None and not reverse:
            under = getattr(ink, name)
            if under is not None:
                break
    colour: str | None = None if ink.mono else getattr(ink, "ink" if fill in FILLS else token)
    if ink.flat and under is None and token == "ink" and not reverse:
        colour = None if ink.mono else ink.text  # the fill it was meant for is a plane, and there are none
    return Style(
        color=colour,
        bgcolor=under,
        bold=bold or None,
        underline=underline or None,
        strike=strike or None,
        reverse=reverse or None,
    )


_DARK = Ink(
    name="dark", dark=True, flat=False, mono=False,
    text="#EAEEF2", mid="#BAC4CF", dim="#94A1AF", ink="#0D1014", rail="#3B4754",
    azure="#7FBDF5", red="#FF8373", amber="#F2BD5B", jade="#79D2A9", mauve="#C6B0F3",
    ground="#0D1014", pane="#14191F", raise_="#1D242D", sel="#21354B", over="#232B36", cap="#303B48",
    customer="#222A34", me="#17324A", bot="#2A2540", note="#352C14",
    now="#4A2420", soon="#3A2F13", calm="#1E2B36", held="#40251B",
)  # fmt: skip
_LIGHT = Ink(
    name="light", dark=False, flat=False, mono=False,
    text="#171B20", mid="#3A424B", dim="#555D66", ink="#FFFFFF", rail="#BDB5A3",
    azure="#13558F", red="#A81E14", amber="#764B00", jade="#175C3F", mauve="#5B3F94",
    ground="#E4DED0", pane="#F8F5EE", raise_="#EEE9DC", sel="#D3E4F1", over="#FFFFFF", cap="#DDD5C3",
    customer="#ECE6D8", me="#D6E7F4", bot="#E6DFF3", note="#F8E7B8",
    now="#F9D9D2", soon="#F6E5BC", calm="#E3E9E6", held="#F9DFCB",
)  # fmt: skip
_DARK_256 = Ink(
    name="dark", dark=True, flat=False, mono=False,
    text="#EEEEEE", mid="#BCBCBC", dim="#A8A8A8", ink="#121212", rail="#4E4E4E",
    azure="#87D7FF", red="#FF8787", amber="#FFD75F", jade="#87D7AF", mauve="#D7AFFF",
    ground="#080808", pane="#121212", raise_="#1C1C1C", sel="#303030", over="#262626", cap="#3A3A3A",
    customer="#262626", me="#303030", bot="#1C1C1C", note="#3A3A3A",
    now="#5F0000", soon="#3A3A3A", calm="#262626", held="#5F0000",
)  # fmt: skip
_LIGHT_256 = Ink(
    name="light", dark=False, flat=False, mono=False,
    text="#1C1C1C", mid="#444444", dim="#585858", ink="#FFFFFF", rail="#BCBCBC",
    azure="#005F87", red="#AF0000", amber="#5F5F00", jade="#005F00", mauve="#5F0087",
    ground="#DADADA", pane="#FFFFFF", raise_="#EEEEEE", sel="#D7D7FF", over="#FFFFFF", cap="#D7D7D7",
    customer="#E4E4E4", me="#D7D7FF", bot="#EEEEEE", note="#FFFFD7",
    now="#FFD7D7", soon="#FFFFD7", calm="#E4E4E4", held="#FFD7D7",
)  # fmt: skip
_CONTRAST = Ink(
    name="contrast", dark=True, flat=True, mono=False,
    text="bright_white", mid="white", dim="white", ink="black", rail="bright_black",
    azure="bright_cyan", red="bright_red", amber="bright_yellow", jade="bright_green", mauve="bright_magenta",
    ground="black", pane="black", raise_=None, sel=None, over=None, cap=None,
    customer=None, me=None, bot=None, note=None, now=None, soon=None, calm=None, held=None,
)  # fmt: skip
_NONE = Ink(
    name="none", dark=True, flat=True, mono=True,
    text="default", mid="default", dim="default", ink="default", rail="default",
    azure="default", red="default", amber="default", jade="default", mauve="default",
    ground=None, pane=None, raise_=None, sel=None, over=None, cap=None,
    customer=None, me=None, bot=None, note=None, now=None, soon=None, calm=None, held=None,
)  # fmt: skip

INKS: dict[str, Ink] = {"dark": _DARK, "light": _LIGHT, "contrast": _CONTRAST, "none": _NONE}
INKS_256: dict[str, Ink] = {"dark": _DARK_256, "light": _LIGHT_256}
"""The same for terminals of 256 colours, whose nearest to a dark blue grey is a garish blue: greys in its place."""
