"""From keys to commands: the table's own keys, an agent's keymap.toml over them, chords, and the check of both."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kefu_tui.commands import COMMANDS, KEY_NAMES, PROTECTED, TABLE, Command, shown_key
from kefu_tui.config import box

EDITING = frozenset(("up", "down", "left", "right", "home", "end", "backspace", "delete", "insert"))
"""Keys that move in a text and therefore are no commands while writing."""

LEADER = ","
"""The key in front of a macro's own."""
MACRO = "macro:"
"""In front of a macro's id, as the name of a command."""

_SAME = {"ctrl+i": "Tab", "ctrl+m": "Enter", "ctrl+h": "Bksp"}
_FLOW = frozenset(("ctrl+s", "ctrl+q"))
_SPELLED = {"esc": "escape", "return": "enter", "pgup": "pageup", "pgdn": "pagedown", "del": "delete", " ": "space"}


class Problem(NamedTuple):
    """What is wrong in a keymap, one sentence in Chinese and English."""

    zh: str
    en: str

    def say(self, lang: str) -> str:
        """The sentence in a language."""
        return self.en if lang == "en" else self.zh


class Pending(NamedTuple):
    """The keys so far are the beginning of a chord."""

    chord: str


@dataclass(frozen=True)
class Keymap:
    """Keys of every command, the shown one first."""

    keys: Mapping[str, tuple[str, ...]]
    macros: tuple[Command, ...] = ()
    """Macros that have a key, as commands."""

    def with_macros(self, named: Mapping[str, tuple[str, str]]) -> "Keymap":
        """The same keys with macros behind the macro key: id and name by the one key of each."""
        macros = tuple(
            Command(f"{MACRO}{id}", (f"{LEADER} {key}",), (), (name, name), "", "macros", (name, name))
            for key, (id, name) in named.items()
        )
        keys = {name: own for name, own in self.keys.items() if not name.startswith(MACRO)}
        return Keymap({**keys, **{one.id: one.keys for one in macros}}, macros)

    def find(self, situation: str, pane: str, chord: str) -> Command | Pending | None:
        """The command of a chord while moving or writing with a pane in focus; Pending while it may go on."""
        pending = False
        for command in (*TABLE, *self.macros):
            if command.situation not in (situation, "both") or command.pane not in ("", pane):
                continue
            for key in self.keys[command.id]:
                if not acts(key, situation):
                    continue
                if key == chord:
                    return command
                pending = pending or key.startswith(chord + " ")
        return Pending(chord) if pending else None

    def shown(self, command: str, situation: str) -> str:
        """The key to print for a command in a situation, as on a cap; '' when none acts there."""
        return next((shown_key(key) for key in self.keys.get(command, ()) if acts(key, situation)), "")

    def after(self, chord: str, situation: str) -> list[tuple[str, Command]]:
        """What may follow the keys so far: the rest of the chord and its command, in the order of the table."""
        return [
            (key.removeprefix(chord + " "), command)
            for command in (*TABLE, *self.macros)
            if command.situation in (situation, "both")
            for key in self.keys[command.id]
            if key.startswith(chord + " ") and acts(key, situation)
        ]


def acts(key: str, situation: str) -> bool:
    """Whether a key or chord can be a command in a situation: but while moving, characters and cursor keys are text."""
    first = key.split(" ")[0]
    if situation == "moving":
        return True
    return len(first) > 1 and first != "space" and first not in EDITING


DEFAULT = Keymap({command.id: command.keys + command.ime for command in TABLE})


PRESETS = ("kefu", "vim", "emacs")
"""Key habits: the table's own, and those in the box that lie over it."""


def load(path: Path | None, preset: str = "kefu") -> tuple[Keymap, list[Problem]]:
    """The keymap of a `keymap.toml` over a preset over the table; with any problem in it, without the file, and the problems.

    The file has one table `[keys]` with `command = "key"` or a list of keys; an empty list unbinds. No file is
    no problem.
    """
    base = preset_of(preset)
    if path is None or not path.exists():
        return base, []
    read, problems = _read(path)
    changed, more = _changes(read)
    keymap = Keymap({**base.keys, **changed})
    problems += more + check(keymap)
    return (base, problems) if problems else (keymap, [])


def preset_of(name: str) -> Keymap:
    """The keymap of a key habit. Raises KeyError for one that is not in the box."""
    if name == "kefu":
        return DEFAULT
    if name not in PRESETS:
        raise KeyError(name)
    read, _ = _read(box("keymaps", f"{name}.toml"))
    return Keymap({**DEFAULT.keys, **_changes(read)[0]})


def _read(path: Path) -> tuple[Mapping[str, object], list[Problem]]:
    import tomllib

    try:
        with path.open("rb") as file:
            return tomllib.load(file), []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        return {}, [Problem(f"{path.name} 读不了：{error}", f"{path.name} cannot be read: {error}")]


def _changes(read: Mapping[str, object]) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """The changed keys of a file as read, and what cannot be understood in it."""
    changed: dict[str, tuple[str, ...]] = {}
    problems = [
        Problem(f"没有 [{name}] 这一节，只有 [keys]。", f"No section [{name}]; there is only [keys].")
        for name in read
        if name != "keys"
    ]
    keys = read.get("keys", {})
    if not isinstance(keys, dict):
        return changed, [*problems, Problem("[keys] 应是一节。", "[keys] is to be a section.")]
    for name, value in keys.items():
        given = [value] if isinstance(value, str) else value
        if name not in COMMANDS:
            problems.append(Problem(f"没有命令 {name}。", f"There is no command {name}."))
        elif not isinstance(given, list) or not all(isinstance(key, str) for key in given):
            problems.append(Problem(f"{name} 的键应是文字或一列文字。", f"Keys of {name} are to be a text or a list."))
        else:
            changed[name] = tuple(_canonical(key) for key in given)
    return changed, problems


def _canonical(key: str) -> str:
    """A key as a person wrote it, in the table's spelling; what cannot be understood stays as it is."""
    if key == " ":
        return "space"
    parts = []
    for part in key.split():
        lower = part.lower() if len(part) > 1 else unicodedata.normalize("NFKC", part)
        parts.append(_SPELLED.get(lower, lower))
    return " ".join(parts)


def check(keymap: Keymap) -> list[Problem]:
    """What is wrong in a keymap: keys that no terminal tells, clashes, and protected commands without a key."""
    problems = [
        problem
        for command in TABLE
        for key in keymap.keys[command.id]
        for part in key.split(" ") or [""]
        if (problem := _untold(command.id, part)) is not None
    ]
    for command in TABLE:
        keys = keymap.keys[command.id]
        if command.id in PROTECTED and not keys:
            problems.append(
                Problem(f"{command.id} 不能没有键。", f"{command.id} cannot be left without a key."),
            )
        if keys and all(key.startswith("shift+") for key in keys):
            problems.append(
                Problem(
                    f"{command.id} 只有 {shown_key(keys[0])}，有的终端不报这个键，再加一个。",
                    f"{command.id} has only {shown_key(keys[0])}, which some terminals do not tell. Add another.",
                )
            )
    return problems + list(_clashes(keymap))


def _untold(command: str, part: str) -> Problem | None:
    """Why a terminal does not tell this key, or None when it does."""
    if part in _SAME:
        return Problem(
            f"{command}：{part} 在终端里就是 {_SAME[part]}。", f"{command}: on a terminal {part} is {_SAME[part]}."
        )
    if part in _FLOW:
        return Problem(
            f"{command}：{part} 被终端用来停住屏幕。", f"{command}: {part} stops the screen of many terminals."
        )
    bare = part.removeprefix("shift+")
    known = (
        (len(part) == 1 and part.isprintable())
        or part in KEY_NAMES
        or (bare != part and bare in KEY_NAMES)
        or (len(part) == 6 and part.startswith("ctrl+") and part[5].isascii() and part[5].isalpha())
    )
    return None if known else Problem(f"{command}：没有 {part} 这个键。", f"{command}: there is no key {part}.")


def _clashes(keymap: Keymap) -> Iterator[Problem]:
    """Pairs of commands that one press could mean, in any situation and pane; also a key that begins a chord."""
    told: set[tuple[str, str]] = set()
    for situation in ("moving", "writing"):
        bound = list(_bound(keymap, situation))
        for index, (key, command) in enumerate(bound):
            for other_key, other in bound[index + 1 :]:
                if command is other or (command.pane and other.pane and command.pane != other.pane):
                    continue
                if (
                    key != other_key
                    and not f"{key} ".startswith(f"{other_key} ")
                    and not f"{other_key} ".startswith(f"{key} ")
                ):
                    continue
                if (command.id, other.id) not in told:
                    told.add((command.id, other.id))
                    shown = shown_key(min(key, other_key, key=len))
                    yield Problem(
                        f"{shown} 同时是 {command.id} 和 {other.id}。", f"{shown} is both {command.id} and {other.id}."
                    )


def _bound(keymap: Keymap, situation: str) -> Iterable[tuple[str, Command]]:
    for command in TABLE:
        if command.situation in (situation, "both"):
            for key in keymap.keys[command.id]:
                if acts(key, situation):
                    yield key, command
