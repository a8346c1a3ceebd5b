"""`kefu`: from the words of a call to its exit code."""

import importlib
import os
import pathlib
import sys
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import typer

from kefu_tui.cli.call import Call, here
from kefu_tui.cli.errors import INTERRUPTED, Stop
from kefu_tui.cli.grammar import Group, command_of, hoisted, misuse, settle, unknown_command
from kefu_tui.cli.start import prepare_streams
from kefu_tui.cli.words import both, language

SECTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    (both("开始", "Begin"), {"up": "shop", "demo": "shop", "login": "sign", "logout": "sign", "whoami": "sign"}),
    (
        both("接待", "Serve customers"),
        {
            "queue": "queue",
            "take": "verbs",
            "show": "queue",
            "search": "search",
            "view": "view",
            "pin": "view",
            "reply": "verbs",
            "note": "verbs",
            "tag": "verbs",
            "priority": "verbs",
            "transfer": "verbs",
            "snooze": "verbs",
            "wake": "verbs",
            "release": "verbs",
            "resolve": "verbs",
            "reopen": "verbs",
            "undo": "verbs",
            "timer": "timer",
            "call": "calling",
            "ticket": "ticket",
            "mode": "mode",
            "route": "route",
            "report": "report",
            "notices": "notices",
        },
    ),
    (
        both("话术和订单", "Replies and orders"),
        {"canned": "canned_files", "macro": "macro", "order": "order", "import": "imports"},
    ),
    (both("同步", "Sync"), {"sync": "sync"}),
    (both("后台", "The backend"), {"serve": "shop", "user": "people", "channel": "people"}),
    (
        both("规则", "Rules"),
        {"recognise": "recognise", "policy": "policy", "workflow": "workflow", "automation": "automation"},
    ),
    (
        both("程序", "The program"),
        {
            "seed": "shop",
            "keys": "keys",
            "settings": "settings",
            "doctor": "doctor",
            "version": "about",
            "help": "about",
        },
    ),
)
"""Every command and the module it lives in, in the order of the help."""

NOUNS = {
    "timer": "timer",
    "call": "call",
    "route": "route",
    "report": "report",
    "mode": "mode",
    "ticket": "ticket",
    "canned": "canned",
    "view": "view",
    "macro": "macro",
    "order": "order",
    "import": "imports",
    "user": "user",
    "channel": "channel",
    "policy": "policy",
    "workflow": "workflow",
    "automation": "automation",
    "notices": "notices",
}
"""Commands that have commands of their own, and what holds them in their module."""

MODULES = {name: module for _, names in SECTIONS for name, module in names.items()}


class Root(Group):
    """`kefu` itself."""

    sections = tuple((title, tuple(names)) for title, names in SECTIONS)

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name in MODULES if name in self.commands]

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if args[0] not in MODULES and not ctx.resilient_parsing:
            raise unknown_command("kefu", args[0], list(MODULES))
        return super().resolve_command(ctx, args)


def build(lang: str, only: str | None = None) -> Any:
    """The command tree with its texts in a language; of one command alone, so that the others need not be read."""
    root = typer.Typer(
        cls=Root,
        help=both("kefu：终端里的电商客服工作台。不带命令就打开工作台。",
                  "kefu: the customer-service workstation in a terminal. Without a command it opens the workstation."),
        invoke_without_command=True,
        rich_markup_mode=None,
        add_completion=only is None,
    )  # fmt: skip
    names = {"help_option_names": ["-h", "--help"]}
    root.callback(cls=Root, invoke_without_command=True, context_settings=names)(globals_)
    wanted = [only] if only in MODULES else list(MODULES)
    seen: set[str] = set()
    for name in wanted:
        module = importlib.import_module(f"kefu_tui.cli.{MODULES[name]}")
        if name in NOUNS:
            root.add_typer(getattr(module, NOUNS[name]), name=name)
        elif MODULES[name] not in seen:
            seen.add(MODULES[name])
            root.add_typer(module.app)
    command = typer.main.get_command(root)
    settle(command, lang)
    return command


def globals_(
    ctx: typer.Context,
    home: Annotated[
        pathlib.Path | None,
        typer.Option(
            "--home", metavar="DIR", help=both("桌面的文件夹（或 KEFU_HOME）", "folder of the desk (or KEFU_HOME)")
        ),
    ] = None,
    backend: Annotated[
        str, typer.Option("--backend", metavar="URL", help=both("后台的地址", "address of the backend"))
    ] = "",
    output: Annotated[
        Literal["table", "json", "ndjson", "csv"] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FORMAT",
            help=both(
                "输出：table、json、ndjson 或 csv；不是终端时是 json",
                "table, json, ndjson or csv; JSON where the output is no terminal",
            ),
        ),
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help=both("不要颜色和框线", "no colours and no boxes"))] = False,
    lang: Annotated[
        Literal["zh", "en"] | None,
        typer.Option("--lang", metavar="zh|en", help=both("语言（或 KEFU_LANG）", "language (or KEFU_LANG)")),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help=both("只输出数据", "data only"))] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help=both("出错时显示经过", "show where an error came from"))
    ] = False,
    version: Annotated[bool, typer.Option("--version", help=both("版本", "the version"))] = False,
) -> None:
    """What stands before the command."""
    call = here(ctx)
    call.folder = home or call.folder
    call.backend = backend
    call.output = output or ""
    call.plain = plain
    call.quiet = quiet
    call.verbose = verbose
    if ctx.invoked_subcommand is not None:
        return
    if version:
        from kefu_tui.cli.about import tell_versions

        tell_versions(call)
        return
    from kefu_tui.cli.workstation import open_workstation

    open_workstation(call)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one call and gives its exit code."""
    words = hoisted(sys.argv[1:] if argv is None else argv)
    lang, chosen = language(words)
    call = Call(lang, chosen)
    prepare_streams()
    completing = "_KEFU_COMPLETE" in os.environ
    only = None if completing else command_of(words)
    try:
        command = build(lang, only)
        told = command.main(words, prog_name="kefu", standalone_mode=False, obj=call)
        return told if isinstance(told, int) else 0
    except BaseException as error:
        return ended(error, call, words)


def ended(error: BaseException, call: Call, words: Sequence[str]) -> int:
    """Says how a call ended that could not do what was asked, and gives its exit code."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if not isinstance(error, Exception):
        raise error
    stop = _stop(error, call)
    _say(stop, call, words)
    if call.verbose or "-v" in words or "--verbose" in words:
        _say_where(error)
    return stop.exit


def _stop(error: Exception, call: Call) -> Stop:
    """How the call ends for any error."""
    from kefu_tui.cli import failures

    if isinstance(error, Stop):
        return error
    if isinstance(error, typer.Abort):
        return Stop(INTERRUPTED, "interrupted")
    if isinstance(error, typer.TyperException):
        return misuse(error)
    return failures.told(error, call)


def _say(stop: Stop, call: Call, words: Sequence[str]) -> None:
    from kefu_tui.cli.output import as_json
    from kefu_tui.text import clean

    said = stop.say(call.lang)
    if not said:
        return
    asked = call.output or _asked_output(words)
    if asked in ("json", "ndjson"):
        problem = {"type": f"urn:kefu:desk:{stop.code}", "title": said, "code": stop.code, "exit": stop.exit}
        print(as_json(problem), file=sys.stderr)
    else:
        print(clean(said), file=sys.stderr)


def _asked_output(words: Sequence[str]) -> str:
    """The output asked for, where the call ended before its options were read."""
    for index, word in enumerate(words):
        if word in ("-o", "--output") and index + 1 < len(words):
            return words[index + 1]
        if word.startswith("--output="):
            return word.removeprefix("--output=")
    return ""


def _say_where(error: Exception) -> None:
    import traceback

    from kefu_tui.text import clean

    print(clean("".join(traceback.format_exception(error)), newlines=True), end="", file=sys.stderr)
