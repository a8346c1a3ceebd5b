"""An agent's settings: kept, checked, changed on screen and by the command line; and key habits that lie over the table."""

import pathlib

import pytest

from kefu_tui.commands import PROTECTED
from kefu_tui.keymap import PRESETS, check, load, preset_of
from kefu_tui.settings import Settings, save
from kefu_tui.settings import load as load_settings
from tests.cli.program import Kefu
from tests.real_desk import real_desk
from tests.workstation import workstation


def test_what_is_saved_is_loaded(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "deep" / "settings.toml"
    assert load_settings(file) == (Settings(), None)
    chosen = Settings(theme="light", undo_send_s=0, toured=True)
    save(file, chosen)
    assert load_settings(file) == (chosen, None)
    assert "bell" not in file.read_text(), "only what differs is written"


@pytest.mark.parametrize("text", ["theme = 'pink'", "undo_send_s = 99", "colour = 1", "][", "bell = 3"])
def test_a_file_that_cannot_be_used_is_told_and_left_alone(tmp_path: pathlib.Path, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    settings, trouble = load_settings(file)
    assert settings == Settings()
    assert trouble is not None
    assert file.read_text() == text


@pytest.mark.parametrize("preset", PRESETS)
def test_every_key_habit_is_without_a_problem(preset: str) -> None:
    keymap = preset_of(preset)
    assert check(keymap) == []
    assert all(keymap.keys[name] for name in PROTECTED)


def test_ones_own_keys_lie_over_the_habit(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "keymap.toml"
    file.write_text('[keys]\nend = "$"\n')
    keymap, problems = load(file, "vim")
    assert problems == []
    assert keymap.keys["end"] == ("$",)
    assert keymap.keys["quit"][0] == "Z Z"
    file.write_text('[keys]\nend = "u"\n')
    keymap, problems = load(file, "vim")
    assert problems
    assert keymap.keys["end"][0] == "G", "the habit stays where the file cannot be used"


async def test_settings_are_changed_on_screen_and_kept(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        one.app.settings_file = tmp_path / "settings.toml"
        await one.press("g", "p")
        assert "设置" in one.text
        await one.press("right", "right")
        assert one.app.ink.name == "light"
        await one.press("j", "j", "enter")
        assert one.work.queue.tall == 2
        await one.press("escape", "g", "l")
        assert "Queue" in one.text
        kept, _ = load_settings(tmp_path / "settings.toml")
        assert (kept.theme, kept.density, kept.lang) == ("light", "two", "en")


async def test_what_cannot_be_kept_is_told(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        (tmp_path / "file").write_text("")
        one.app.settings_file = tmp_path / "file" / "settings.toml"
        await one.press("g", "p", "right")
        assert "存不下来" in one.text
        assert one.app.settings.theme == "dark"


@pytest.mark.parametrize(("bell", "rings"), [("all", 1), ("mine", 0), ("none", 0)])
async def test_the_bell_rings_as_wanted(bell: str, rings: int) -> None:
    async with workstation("empty") as one:
        one.app.settings = Settings(bell=bell)  # type: ignore[arg-type]
        rung: list[int] = []
        one.app.bell = lambda: rung.append(1)  # type: ignore[method-assign]
        one.work.ring(mine=False)
        assert len(rung) == rings
        one.work.ring(mine=True)
        assert len(rung) == rings + (bell != "none")


def test_on_the_command_line(desk: Kefu, tmp_path: pathlib.Path) -> None:
    env = {"KEFU_CONFIG": str(tmp_path / "own")}
    assert desk.ok("settings", **env)["undo_send_s"] == 3
    assert desk.ok("settings", "undo_send_s", "5", **env) == {"undo_send_s": 5}
    assert desk.ok("settings", "undo_send_s", **env) == {"undo_send_s": 5}
    desk("settings", "undo_send_s", "99", **env).refused(2, "undo_send_s cannot be 99")
    desk("settings", "colour", **env).refused(2, "There is no colour")
    keys = {row["id"]: row["keys"] for row in desk.ok("keys", "--preset", "vim")}
    assert keys["quit"][0] == "Z Z"
    desk("keys", "--preset", "nano").refused(2, "no key habit nano")
