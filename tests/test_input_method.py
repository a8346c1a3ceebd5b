"""Where an input method's candidates stand: beside the cursor, whatever moves, with room below; in every sheet."""

import random

import pytest
from textual.geometry import Offset

from kefu_tui.commands import COMMANDS, TABLE
from kefu_tui.keymap import DEFAULT, acts
from kefu_tui.screens.palette import command_items
from kefu_tui.screens.sheet import Typed
from kefu_tui.text import cells
from tests.panes import filled
from tests.test_chinese import typed
from tests.workstation import Desk, workstation

SIZES = [(140, 40), (80, 24), (60, 20)]
ROOM = 2
"""Rows that candidates need below the cursor."""


def before(one: Desk) -> str:
    """What stands left of the terminal's cursor."""
    x, y = one.app.cursor_position
    shown, at = "", 0
    for char in one.screen[y]:
        if at >= x:
            break
        shown, at = shown + char, at + cells(char)
    assert at == x, "the cursor is in the middle of a character"
    return shown


async def settle(one: Desk) -> None:
    for _ in range(4):
        await one.pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_in_the_composer_whatever_moves_above_and_around(size: tuple[int, int]) -> None:
    """The composer grows upwards, lines come and go above it, the terminal changes: the cursor goes along."""
    async with workstation(size=size) as one:
        await one.press("space")
        await typed(one, "您好，发貨👍")
        composer, rand = one.work.composer, random.Random(7)
        moves = {
            "an offer": lambda: composer.offer(filled(), 1),
            "none": lambda: composer.offer(None, 0),
            "more rows": lambda: composer.between(10, 16),
            "fewer": lambda: composer.between(5, 8),
            "offline": lambda: setattr(one.work.conversation, "offline", True),
            "an order": lambda: one.work.conversation.brief(None),
            "a notice": lambda: one.work.told("订单变了，看一眼再发。", refused=True),
            "something held": lambda: setattr(composer, "second", True),
        }
        for _ in range(24):
            name = rand.choice(list(moves))
            moves[name]()
            await settle(one)
            assert before(one).endswith("发貨👍"), name
            assert one.app.cursor_position.y <= size[1] - 1 - ROOM, name
        for _ in range(8):
            to = rand.randrange(60, 150), rand.randrange(20, 44)
            await one.pilot.resize_terminal(*to)
            await settle(one)
            assert before(one).endswith("发貨👍"), to
            assert one.app.cursor_position.y <= to[1] - 1 - ROOM, to


@pytest.mark.parametrize("size", SIZES)
async def test_with_room_below_where_the_composer_is_full(size: tuple[int, int]) -> None:
    async with workstation(size=size) as one:
        await one.press("space")
        for row in range(18):
            await typed(one, f"第{row}行")
            assert before(one).endswith(f"第{row}行")
            assert one.app.cursor_position.y <= size[1] - 1 - ROOM
            await one.press("ctrl+j")
        await one.press("up", "up", "home")
        assert before(one).endswith("▐ ")
        assert tuple(one.app.cursor_position) == tuple(one.work.composer.cursor_place)


@pytest.mark.parametrize("size", [SIZES[0], SIZES[-1]])
@pytest.mark.parametrize("key", ["f8", "f9", "ctrl+t", "ctrl+l", "ctrl+f", "ctrl+p"])
async def test_in_every_sheet_and_back(size: tuple[int, int], key: str) -> None:
    """While a sheet is open nothing under it takes the cursor: no resize, no message that comes in."""
    async with workstation(size=size) as one:
        await one.press("space")
        await typed(one, "草稿")
        await one.press(key)
        await typed(one, "快递")
        assert one.app.screen is not one.work
        assert before(one).endswith("快递")
        for to in ((size[0] + 9, size[1] + 7), size):
            await one.pilot.resize_terminal(*to)
            await settle(one)
            assert before(one).endswith("快递"), to
            assert one.app.cursor_position.y <= to[1] - 1 - ROOM
        one.work.composer.between(10, 16)
        one.work.composer.offer(filled(), 1)
        await one.tell()
        assert before(one).endswith("快递")
        await one.press("escape")
        assert one.app.screen is one.work
        await settle(one)
        assert before(one).endswith("草稿")


async def test_in_the_search_of_replies_and_in_a_filter() -> None:
    for size in SIZES:
        async with workstation(size=size) as one:
            await one.press("f4")
            await typed(one, "物流")
            assert before(one).endswith("/物流")
            await one.pilot.resize_terminal(size[0] + 5, size[1] + 5)
            await settle(one)
            assert before(one).endswith("/物流")
        async with workstation(size=size) as one:
            await one.press("F")
            await typed(one, "退款")
            assert before(one).endswith("退款")
            assert one.app.cursor_position.y <= size[1] - 1 - ROOM


async def test_in_a_note_of_many_lines_it_stays_in_sight() -> None:
    async with workstation(size=(80, 24)) as one:
        await one.press("space", "ctrl+t")
        for row in range(12):
            await typed(one, f"第{row}行")
            assert before(one).endswith(f"第{row}行")
            await one.press("ctrl+j")
        note = one.app.screen.query_one(Typed)
        assert one.app.cursor_position in note.region
        assert isinstance(one.app.cursor_position, Offset)


# Keys while an input method is on

WITHOUT = {
    "release", "mark", "mark-all", "pin", "why", "filter", "view-save", "group-by", "density", "write", "priority", "automation",
    "held-edit", "held-send", "held-discard", "held-note", "copy", "approve-return", "canned-edit", "canned-add",
    "record", "replies", "views", "macros", "stats", "unread", "theme", "language", "settings", "tour", "original",
    "remind", "remind-done", "call-back", "call-log", "ticket-open", "emergency", "presence",
    "route-why", "pass",
}  # fmt: skip
"""Commands that only letters do: the palette (^P), where Chinese is looked for, reaches each of them."""


def reaches(key: str) -> bool:
    """Whether a key gets through an input method that takes letters: digits and named keys do."""
    first = key.split(" ")[0]
    return len(first) > 1 or first.isdecimal()


def test_which_commands_have_no_key_with_chinese_on() -> None:
    found = {command.id for command in TABLE if not any(map(reaches, command.keys + command.ime))}
    assert found <= WITHOUT, f"give these a key that gets through, or say here that they need none: {found - WITHOUT}"
    assert found >= WITHOUT, f"these have one: {WITHOUT - found}"


def test_each_alias_is_one_press_and_acts_wherever_the_command_does() -> None:
    for command in TABLE:
        for key in command.ime:
            assert " " not in key
            assert reaches(key)
            assert command.situation == "moving" or acts(key, "writing"), (command.id, key)
            assert DEFAULT.find("moving", command.pane, key) is command or command.situation == "writing"


@pytest.mark.parametrize("name", sorted(WITHOUT))
def test_the_palette_finds_the_others_in_chinese(name: str) -> None:
    found = command_items(COMMANDS[name].label[0], "zh", lambda _: "", lambda _: True)
    assert f"command {name}" in [item.id for item in found]
