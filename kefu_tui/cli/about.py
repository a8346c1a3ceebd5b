"""version and help."""

from typing import TYPE_CHECKING, Annotated

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.errors import not_found
from kefu_tui.cli.grammar import Commands, command_help
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    import pathlib

    from kefu_tui.cli.call import Call

app = Commands()

LIBRARIES = ("textual", "typer", "rich", "msgspec", "httpx", "sqlmodel", "python-liquid", "fastapi", "uvicorn")


@app.verb("version", "版本：kefu、Python、SQLite 和库。", "Versions of kefu, Python, SQLite and libraries.")
def version(ctx: typer.Context) -> None:
    tell_versions(here(ctx))


def tell_versions(call: "Call") -> None:
    """Answers with every version that a report of a fault needs."""
    import platform

    from kefu_tui import __version__

    told = {"kefu": __version__, "python": platform.python_version(), **database(), **libraries()}
    call.one(told, {name: name for name in told})


def database() -> dict[str, str]:
    """Versions of SQLite and SQLCipher as the store uses them."""
    import sqlcipher3

    connection = sqlcipher3.connect(":memory:")
    (cipher,) = connection.execute("PRAGMA cipher_version").fetchone()
    connection.close()
    return {"sqlite": sqlcipher3.sqlite_version, "sqlcipher": cipher.partition(" ")[0]}


def libraries() -> dict[str, str | None]:
    """Versions of the libraries that matter; None for one that is not installed."""
    from importlib import metadata

    found: dict[str, str | None] = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


@app.verb("help", "手册的一页，或一个命令的用法。", "A page of the manual, or how a command is used.")
def help_(
    ctx: typer.Context,
    topic: Annotated[
        list[str] | None, typer.Argument(metavar="TOPIC", help=both("一页的名字，或一个命令", "a page, or a command"))
    ] = None,
) -> None:
    from kefu_tui.cli.main import build
    from kefu_tui.text import clean

    call = here(ctx)
    root = build(call.lang)
    context = typer.Context(root, info_name="kefu", obj=call)
    pages = _pages(call.lang)
    words = list(topic or ())
    if not words:
        call.write(command_help(root, context, call.lang))
        if pages:
            call.write("\n" + call.say("手册：", "Manual: ") + " ".join(sorted(pages)) + "\n")
        return
    if len(words) == 1 and words[0] in pages:
        call.write(clean(pages[words[0]].read_text(encoding="utf-8"), newlines=True))
        return
    command = root
    for word in words:
        command = getattr(command, "commands", {}).get(word)
        if command is None:
            known = ", ".join([*pages, *root.list_commands(context)])
            raise not_found(
                f"没有「{' '.join(words)}」这一页。有：{known}",
                f"There is no page {' '.join(words)!r}. There are: {known}",
            )
        context = typer.Context(command, info_name=word, parent=context)
    call.write(command_help(command, context, call.lang))


def _pages(lang: str) -> "dict[str, pathlib.Path]":
    from kefu_tui.config import box

    for folder in (box("manual", lang), box("..", "docs", "manual", lang), box("..", "docs", "manual")):
        if folder.is_dir():
            return {page.stem: page for page in folder.glob("*.md")}
    return {}
