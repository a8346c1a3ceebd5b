"""An agent's own settings: `settings.toml` beside `keymap.toml`, checked whole, written whole."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec

NAME = "settings.toml"


class Settings(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What an agent chose. Empty `theme` and `lang` leave it to the terminal and the home."""

    theme: Literal["", "dark", "light", "contrast", "none"] = ""
    lang: Literal["", "zh", "en"] = ""
    density: Literal["one", "two"] = "one"
    """Rows of a conversation in the queue."""
    bell: Literal["all", "mine", "none"] = "all"
    """Rings when somebody waits and when something goes wrong (all), only for what is mine (mine), or never."""
    night: bool = False
    """Whether it rings outside the hours of service, too."""
    undo_send_s: Annotated[int, msgspec.Meta(ge=0, le=10)] = 3
    """Seconds for which a sent reply waits here for a change of mind, as long as nothing else is done."""
    keys: Literal["kefu", "vim", "emacs"] = "kefu"
    """The key habit that the table of commands is read in."""
    platform: Literal["standard", "taobao", "douyin", "kuaishou", "jd", "pinduoduo"] = "standard"
    """Whose reply rate the status line shows."""
    toured: bool = False
    """Whether the tour was offered."""


class Trouble(NamedTuple):
    """Why a settings file is not used, in Chinese and English."""

    zh: str
    en: str


def folder() -> Path:
    """Where an agent's own files are: KEFU_CONFIG, else the platform's place."""
    if named := os.environ.get("KEFU_CONFIG"):
        return Path(named)
    import platformdirs

    return platformdirs.user_config_path("kefu")


def load(path: Path) -> tuple[Settings, Trouble | None]:
    """The settings of a file; where it cannot be used those of the table and why. No file is no trouble."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings(), None
    except (OSError, UnicodeDecodeError) as error:
        return Settings(), Trouble(f"{path.name} 读不了：{error}", f"{path.name} cannot be read: {error}")
    try:
        return msgspec.convert(tomllib.loads(text), Settings), None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        return Settings(), Trouble(f"{path.name} 没有用上：{error}", f"{path.name} is not used: {error}")


def save(path: Path, settings: Settings) -> None:
    """Writes the settings that differ from the table's, whole or not at all. Raises OSError."""
    lines = [
        f"{name} = {msgspec.json.encode(value).decode()}\n"
        for name, value in msgspec.structs.asdict(settings).items()
        if value != getattr(Settings(), name)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text("".join(lines), encoding="utf-8")
    fresh.replace(path)
