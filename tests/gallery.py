"""Every screen in every state, size, theme and language as a picture: `make gallery`, or `python -m tests.gallery --help`.

Pictures and an index page lie in build/gallery. To be looked through as a whole: nothing clipped, nothing out of line, a rhythm.
"""

import argparse
import asyncio
import html
import itertools
import pathlib
import sys

import pyte
from rich.console import Console

from docs.pictures.terminal import draw
from tests.test_snapshots import SCREENS
from tests.workstation import Desk, workstation

SIZES = ("140x40", "120x36", "100x30", "80x24", "60x20")
THEMES = ("dark", "light", "contrast", "none")
LANGS = ("zh", "en")
BUILD = pathlib.Path(__file__).parent.parent / "build" / "gallery"


def painted(one: Desk, width: int, height: int) -> pyte.Screen:
    """The screen of a workstation as a terminal has it."""
    screen = pyte.Screen(width, height)
    stream = pyte.Stream(screen)
    console = Console(color_system="truecolor", force_terminal=True, width=width)
    for y, strip in enumerate(one.app.screen._compositor.render_strips()):
        stream.feed(f"\x1b[{y + 1};1H\x1b[0m{strip.render(console)}")
    return screen


async def take(name: str, size: str, theme: str, lang: str, file: pathlib.Path) -> None:
    """One picture."""
    story, keys = SCREENS[name]
    width, height = map(int, size.split("x"))
    async with workstation(story, size=(width, height), theme=theme, lang=lang) as one:
        for key in keys:
            await one.press(key)
        await one.pilot.pause()
        draw(painted(one, width, height), file)


def index(files: list[pathlib.Path], folder: pathlib.Path) -> None:
    """A page with all pictures, by screen."""
    parts = ["<!doctype html><meta charset=utf-8><title>kefu</title><style>body{background:#222;color:#ddd;font:14px sans-serif}"
             "img{max-width:48%;margin:4px}</style>"]  # fmt: skip
    for name, some in itertools.groupby(sorted(files), key=lambda file: file.name.split("_")[0]):
        parts.append(f"<h2>{html.escape(name)}</h2>")
        parts += [f'<img loading=lazy src="{file.name}" title="{file.stem}">' for file in some]
    (folder / "index.html").write_text("\n".join(parts), encoding="utf-8")


def main() -> None:
    """Takes the pictures that were asked for, all without."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for option, choices in (("--screen", tuple(SCREENS)), ("--size", SIZES), ("--theme", THEMES), ("--lang", LANGS)):
        parser.add_argument(option, action="append", choices=choices, help="this one, again for more")
    parser.add_argument("--out", type=pathlib.Path, default=BUILD)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    wanted = list(
        itertools.product(given.screen or SCREENS, given.size or SIZES, given.theme or THEMES, given.lang or LANGS)
    )
    files = []
    for number, (name, size, theme, lang) in enumerate(wanted, start=1):
        file = given.out / f"{name}_{size}_{theme}_{lang}.png"
        asyncio.run(take(name, size, theme, lang, file))
        files.append(file)
        print(f"\r{number} / {len(wanted)}  {file.name:<60}", end="", file=sys.stderr)
    index(files, given.out)
    print(f"\n{given.out / 'index.html'}", file=sys.stderr)


if __name__ == "__main__":
    main()
