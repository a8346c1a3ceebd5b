"""Takes the pictures of the documents from the running program: `python -m docs.pictures.take [NAME…]`."""

import contextlib
import os
import pathlib
import re
import sys
import tempfile
from collections.abc import Callable, Iterator

from docs.pictures.shop import Shop, both_answer_offline
from docs.pictures.terminal import Terminal, draw

HERE = pathlib.Path(__file__).parent
LARGE, SMALL = (140, 40), (80, 24)


@contextlib.contextmanager
def shop_in(lang: str) -> Iterator[Shop]:
    """The shop in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kefu-pictures-") as folder:
        shop = Shop(pathlib.Path(folder), lang)
        try:
            yield shop
        finally:
            shop.close()


def workstation(shop: Shop, size: tuple[int, int], theme: str) -> Terminal:
    """`kefu` at the desk of the first agent."""
    login = shop.play["agent"][0]["login"]
    command = [sys.executable, "-m", "kefu_tui", "--home", str(shop.home(login)), "--lang", shop.lang]
    environ = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    return Terminal(command, *size, {**environ, "KEFU_THEME": theme, "TZ": "Asia/Shanghai"})


def workstation_zh() -> None:
    """The parcel question: the customer's order on screen, the fitting reply offered, filled."""
    with shop_in("zh") as shop, workstation(shop, LARGE, "dark") as desk:
        desk.see("已同步")
        desk.press("down", "enter")
        save(desk, "workstation-zh")


def workstation_en() -> None:
    """The same in English and on paper, the offered reply accepted."""
    with shop_in("en") as shop, workstation(shop, LARGE, "light") as desk:
        desk.see("synced")
        desk.press("down", "enter", "tab")
        save(desk, "workstation-en")


def narrow_zh() -> None:
    """80 by 24: one pane at a time."""
    with shop_in("zh") as shop, workstation(shop, SMALL, "dark") as desk:
        desk.see("已同步")
        save(desk, "narrow-queue-zh")
        desk.press("down", "enter")
        save(desk, "narrow-zh")


def offline_zh() -> None:
    """Two agents took the same customer offline and both answered: one reply is held. Then the cable is cut again."""
    first, second = "您好，我请网点核实一下，十分钟内回复您。", "您好，物流显示门卫代收，麻烦您先问一下门卫。"
    with shop_in("zh") as shop:
        both_answer_offline(shop, "吴凯", {"liuyang": first, "wangxm": second})
        with workstation(shop, LARGE, "dark") as desk:
            desk.see("已同步")
            shop.close()
            desk.see(r"离线 1\d 秒")
            desk.press("down", "enter", "tab", "f5", "esc", "f12")
            save(desk, "notices-zh")
            desk.press("enter")
            desk.see(r"离线 (2[5-9]|3\d) 秒")  # undo is over, and a key takes away what was said
            desk.press("j")
            desk.see("断网")
            save(desk, "offline-zh")


def help_zh() -> None:
    with shop_in("zh") as shop, workstation(shop, LARGE, "dark") as desk:
        desk.see("已同步")
        desk.press("down", "enter", "f1")
        save(desk, "help-zh")


def palette_zh() -> None:
    with shop_in("zh") as shop, workstation(shop, LARGE, "dark") as desk:
        desk.see("已同步")
        desk.press("down", "enter", "ctrl+p", *"wl")
        save(desk, "palette-zh")


PICTURES: dict[str, Callable[[], None]] = {
    "workstation-zh": workstation_zh,
    "workstation-en": workstation_en,
    "narrow-zh": narrow_zh,
    "offline-zh": offline_zh,
    "help-zh": help_zh,
    "palette-zh": palette_zh,
}


def save(desk: Terminal, name: str) -> None:
    """Draws what is on screen now."""
    if re.search(r"\d\d:\d\d:\d\d", desk.text()):
        desk.tick()
        desk.tick()  # a pane that was filled within the first second may be one behind
    draw(desk.screen, HERE / f"{name}.png")
    print(f"docs/pictures/{name}.png")


def main() -> int:
    """Takes the pictures named, or all."""
    wanted = sys.argv[1:] or list(PICTURES)
    unknown = [name for name in wanted if name not in PICTURES]
    if unknown:
        print(f"no picture {', '.join(unknown)}; there are {', '.join(PICTURES)}", file=sys.stderr)
        return 2
    for name in wanted:
        PICTURES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
