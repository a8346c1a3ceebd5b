"""Writes what the documents repeat of the program: the manual's pages of keys, `python -m docs.generate`."""

import pathlib
from collections.abc import Iterator

from kefu_tui.commands import GROUPS, TABLE, Command, shown_key
from kefu_tui.keymap import acts

MANUAL = pathlib.Path(__file__).parent / "manual"
LANGS = ("zh", "en")

HEAD = {
    "zh": """# 键

本页由 `python -m docs.generate` 从命令表写出，不要手改。终端里按 `?` 看的是同一张表，`kefu keys` 也是。

**移动**时单键就是命令；**写**的时候键是文字，只有功能键和 `^`（Ctrl）组合是命令，中文输入法开着也一样。
两个键连着写（`g q`）是先按一个再按一个，按了第一个，屏幕下方会列出接下来能按什么。全角的 `？`、`／` 和半角一样。
""",
    "en": """# Keys

Written by `python -m docs.generate` from the table of commands; do not edit. `?` in the workstation and `kefu keys` show
the same table.

While **moving**, single keys are commands. While **writing**, keys are text and only function keys and `^` (Ctrl)
combinations act; those also work while a Chinese input method is on. Two keys side by side (`g q`) are pressed one after
the other; after the first, the bottom of the screen lists what may follow. Full-width `？` and `／` are the same as `?` and `/`.
""",
}
COLUMNS = {
    "zh": ("移动时", "写的时候", "名称", "做什么", "命令"),
    "en": ("moving", "writing", "name", "does", "command"),
}
TAIL = {
    "zh": """
## 改键

在配置文件夹里放一个 `keymap.toml`（Linux：`~/.config/kefu/keymap.toml`），写上命令和它的键；空列表是去掉所有的键：

```toml
[keys]
transfer = ["H", "f9"]
unread = "g w"
release = []
```

`kefu keys --check keymap.toml` 检查一遍。文件里有一处不对，整个文件就不用，开工作台时会说哪里不对。
帮助、退出和命令这三个不能没有键。
""",
    "en": """
## Other keys

Put a `keymap.toml` into the configuration folder (Linux: `~/.config/kefu/keymap.toml`) with commands and their keys; an
empty list takes all keys away:

```toml
[keys]
transfer = ["H", "f9"]
unread = "g w"
release = []
```

`kefu keys --check keymap.toml` looks it over. With one mistake in it the whole file is left aside, and the workstation says
which when it opens. Help, quit and the palette cannot be left without a key.
""",
}
REPLIES = {
    "zh": ("第几条话术", "把话术栏里那一条填进回复。"),
    "en": ("reply 1 to 9", "Puts that reply of the pane into the composer."),
}


def keys_page(lang: str) -> str:
    """The page of keys in a language."""
    place = LANGS.index(lang)
    parts = [HEAD[lang]]
    for group, title in GROUPS.items():
        lines = [f"\n## {title[place]}\n", _row(COLUMNS[lang]), _row(["---"] * len(COLUMNS[lang]))]
        lines += [_row(cells) for cells in _commands(group, lang)]
        parts.append("\n".join(lines) + "\n")
    return "".join(parts) + TAIL[lang]


def _commands(group: str, lang: str) -> Iterator[tuple[str, ...]]:
    place = LANGS.index(lang)
    for command in TABLE:
        if command.group != group or (command.id.startswith("reply-") and command.id != "reply-1"):
            continue
        if command.id == "reply-1":
            yield ("`1` … `9`", "", *REPLIES[lang], "`reply-1` …")
        else:
            moving, writing = (_caps(command, situation) for situation in ("moving", "writing"))
            yield moving, writing, command.label[place], command.help[place], f"`{command.id}`"


def _caps(command: Command, situation: str) -> str:
    """The keys that do a command in a situation."""
    if command.situation not in (situation, "both"):
        return ""
    return " ".join(f"`{shown_key(key)}`" for key in command.keys + command.ime if acts(key, situation))


def _row(cells: "tuple[str, ...] | list[str]") -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def main() -> None:
    """Writes the pages."""
    for lang in LANGS:
        (MANUAL / lang / "keys.md").write_text(keys_page(lang), encoding="utf-8")


if __name__ == "__main__":
    main()
