"""What every screen shows, character by character: written anew by `pytest tests/test_snapshots.py --update-snapshots`.

Each is to be looked at when it changes: nothing clipped, nothing misaligned, columns flush, keys beside what they do.
"""

import pathlib

import pytest

from kefu_tui.text import cells
from tests.workstation import workstation

FOLDER = pathlib.Path(__file__).parent / "snapshots"
SIZES = {"140x40": (140, 40), "80x24": (80, 24)}

SCREENS: dict[str, tuple[str, tuple[str, ...]]] = {
    "workstation": ("shift", ()),
    "writing": ("shift", ("i", "a")),
    "conversation": ("shift", ("g", "c")),
    "orders": ("shift", ("o",)),
    "replies": ("shift", ("g", "r")),
    "reply-search": ("shift", ("/", "w", "l")),
    "timers": ("shift", ("g", "t")),
    "selected": ("shift", ("v", "v")),
    "grouped": ("shift", ("a", "2")),
    "filter": ("shift", ("F", "x")),
    "views": ("shift", ("g", "v")),
    "transfer": ("shift", ("t",)),
    "snooze": ("shift", ("z",)),
    "resolve": ("shift", ("x",)),
    "note": ("shift", ("n", "a")),
    "tag": ("shift", ("l",)),
    "palette": ("shift", ("ctrl+p",)),
    "palette-typed": ("shift", ("ctrl+p", "z", "j")),
    "search": ("shift", ("f",)),
    "search-nothing": ("shift", ("f", "x")),
    "help": ("shift", ("?",)),
    "settings": ("shift", ("g", "p")),
    "keys-used": ("shift", ("g", "k")),
    "macros": ("shift", ("g", "m")),
    "tickets": ("shift", ("f11",)),
    "ticket": ("shift", ("f11", "enter")),
    "automation": ("shift", ("g", "j")),
    "automation-log": ("shift", ("g", "j", "l")),
    "automation-writing": ("shift", ("g", "j", "e")),
    "notices": ("held", ("g", "n")),
    "held": ("held", ("g", "c")),
    "offline": ("offline", ()),
    "empty": ("empty", ()),
    "hostile": ("hostile", ()),
    "overfull": ("overfull", ()),
    "overfull-conversation": ("overfull", ("g", "c")),
    "signed-out": ("signed-out", ()),
    "old": ("old", ()),
    "copied": ("copied", ("g", "n")),
}
"""By name: the story of the desk, and the keys that lead there."""


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen(name: str, size: str, lang: str, request: pytest.FixtureRequest) -> None:
    story, keys = SCREENS[name]
    width, height = SIZES[size]
    async with workstation(story, size=(width, height), lang=lang) as one:
        for key in keys:
            await one.press(key)
        await one.pilot.pause()
        shown = list(one.screen)
    assert len(shown) == height
    assert [cells(line) for line in shown] == [width] * height, "every row is as wide as the terminal"
    text = "".join(line.rstrip() + "\n" for line in shown)
    file = FOLDER / f"{name}-{size}-{lang}.txt"
    if request.config.getoption("--update-snapshots"):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text
