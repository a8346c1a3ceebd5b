"""How `kefu` reads its words: typer in two languages, misuse in one line, help that wraps by cells."""

import difflib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from kefu_tui.cli.errors import Stop, misused
from kefu_tui.cli.reading import read_plainly, unfit
from kefu_tui.cli.words import VALUED, both, pick

F = TypeVar("F", bound=Callable[..., None])

FORMATS = ("table", "json", "ndjson", "csv")
"""What `-o` may name."""

GLOBAL = frozenset(("--home", "--backend", "--lang", "-q", "--quiet", "-v", "--verbose"))
"""Options that stand before the command only."""

ANYWHERE = (
    ("-o, --output FORMAT", both("输出：table、json、ndjson 或 csv", "table, json, ndjson or csv")),
    ("--plain", both("不要颜色和框线", "no colours and no boxes")),
)
"""Options that every command takes, said in its help."""


class Commands(typer.Typer):
    """The commands of one noun."""

    def __init__(self, zh: str = "", en: str = "") -> None:
        super().__init__(cls=Group, help=both(zh, en) if zh else "", add_completion=False, rich_markup_mode=None)

    def verb(self, name: str, zh: str, en: str, *, free_text: bool = False) -> Callable[[F], F]:
        """Makes a function the command of this name. `free_text`: an argument may begin with a dash."""
        settings = {"ignore_unknown_options": True} if free_text else None
        return self.command(name, cls=Command, help=both(zh, en), context_settings=settings)


class Command(TyperCommand):
    """A command that tells what it does not understand."""

    allow_extra_args = True

    def get_help_option(self, ctx: Any) -> Any:
        return _plain_help(super().get_help_option(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            more = " ".join(rest)
            raise misused(
                f"多了「{more}」，文字里有空格时用引号括起来。用法：{_usage(self, ctx)}",
                f"Too much: {more!r}. Quote a text with spaces. Usage: {_usage(self, ctx)}",
            )
        return rest

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(command_help(self, ctx, _lang(ctx)))


class Group(TyperGroup):
    """A noun with its commands."""

    sections: Sequence[tuple[str, Sequence[str]]] = ()

    def get_help_option(self, ctx: Any) -> Any:
        return _plain_help(super().get_help_option(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        command = self.get_command(ctx, args[0])
        if command is None and not ctx.resilient_parsing:
            raise unknown_command(ctx.command_path, args[0], self.list_commands(ctx))
        return args[0], command, args[1:]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(command_help(self, ctx, _lang(ctx)))


def _plain_help(option: Any) -> Any:
    if option is not None:
        read_plainly(option)
    return option


def unknown_command(path: str, name: str, known: Sequence[str]) -> Stop:
    """There is no such command; names what is near."""
    near = ", ".join(difflib.get_close_matches(name, known))
    zh = f"是不是 {near}？" if near else f"看 {path} --help"
    en = f"Did you mean {near}?" if near else f"See {path} --help"
    return misused(f"没有命令「{name}」。{zh}", f"There is no command {name!r}. {en}")


def misuse(error: typer.TyperException) -> Stop:
    """Our sentence for what typer found wrong.

    Told by the names of its exceptions: where they live is not part of its interface.
    """
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx else "kefu"
    usage = _usage(ctx.command, ctx) if ctx else "kefu --help"
    param = getattr(error, "param", None)
    name = _name(param) if param else ""
    kind = type(error).__name__
    if kind == "NoSuchOption":
        option = str(getattr(error, "option_name", ""))
        if option in GLOBAL:
            return misused(
                f"{option} 要写在命令前面：kefu {option} …", f"{option} stands before the command: kefu {option} …"
            )
        near = ", ".join(sorted(getattr(error, "possibilities", None) or ()))
        zh, en = (f"是不是 {near}？", f"Did you mean {near}?") if near else (f"看 {path} --help", f"See {path} --help")
        return misused(f"没有选项 {option}。{zh}", f"There is no option {option}. {en}")
    if kind == "MissingParameter":
        return misused(f"缺 {name}。用法：{usage}", f"{name} is missing. Usage: {usage}")
    if kind == "BadOptionUsage":
        option = getattr(error, "option_name", "")
        return misused(f"{option} 后面要有值。用法：{usage}", f"{option} needs a value. Usage: {usage}")
    if param is not None:
        return unfit(param)
    if ctx is not None and isinstance(ctx.command, Group):
        names = ", ".join(ctx.command.list_commands(ctx))
        return misused(f"{path} 后面要有命令：{names}", f"{path} needs a command: {names}")
    message = getattr(error, "message", "") or str(error)
    return misused(f"用法不对：{message}", f"Wrong usage: {message}")


def settle(command: Any, lang: str) -> None:
    """Leaves one language in every text of a command and of those below it, and lets their values be read plainly."""
    command.help = pick(command.help or "", lang)
    for param in command.params:
        param.help = pick(param.help or "", lang)
        read_plainly(param)
    for child in getattr(command, "commands", {}).values():
        settle(child, lang)


def command_help(command: Any, ctx: Any, lang: str) -> str:
    """The help of a command: usage, what it does, arguments, options, commands."""
    zh = lang == "zh"
    lines = [f"{'用法' if zh else 'Usage'}: {_usage(command, ctx)}", ""]
    lines += [*_wrapped(pick(command.help or "", lang), 2), ""]
    arguments = [(_name(p), _said(p, ctx, zh)) for p in command.params if isinstance(p, TyperArgument) and not p.hidden]
    options = [
        (_option(p, ctx), _said(p, ctx, zh)) for p in command.params if isinstance(p, TyperOption) and not p.hidden
    ]
    if not isinstance(command, Group):
        options += [(name, pick(text, lang)) for name, text in ANYWHERE]
    options.append(("-h, --help", "这一页" if zh else "this page"))
    lines += _section("参数" if zh else "Arguments", arguments)
    lines += _section("选项" if zh else "Options", options)
    if isinstance(command, Group):
        sections = command.sections or (("命令" if zh else "Commands", command.list_commands(ctx)),)
        for title, names in sections:
            known = [(name, command.get_command(ctx, name)) for name in names]
            shown = [(name, pick(child.help or "", lang).split("\n")[0]) for name, child in known if child]
            lines += _section(pick(title, lang), shown)
    return "\n".join(lines).rstrip() + "\n"


def _section(title: str, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    from kefu_tui.text import cells

    if not rows:
        return
    yield f"{title}:"
    room = max((cells(name) for name, _ in rows if cells(name) <= 26), default=0)
    for name, text in rows:
        told = _wrapped(text, room + 4)
        first = told[0].strip() if told else ""
        if cells(name) > room:
            yield f"  {name}"
            yield from told
        else:
            yield f"  {name}{' ' * (room - cells(name))}  {first}".rstrip()
            yield from told[1:]
    yield ""


def _wrapped(text: str, indent: int) -> list[str]:
    """A text as indented lines that fit the terminal; unbroken where the output is none."""
    from kefu_tui.text import wrap

    lines = text.split("\n")
    if sys.stdout.isatty():
        import shutil

        width = min(shutil.get_terminal_size().columns, 100) - indent
        lines = [piece for line in lines for piece in wrap(line, max(width, 20))]
    return [" " * indent + line for line in lines]


def _usage(command: Any, ctx: Any) -> str:
    path = ctx.command_path
    if isinstance(command, Group):
        return f"{path} … COMMAND" if path == "kefu" else f"{path} COMMAND"
    words = [path]
    for param in command.params:
        if isinstance(param, TyperArgument) and not param.hidden:
            words.append(_name(param) if param.required else f"[{_name(param)}]")
    if any(isinstance(param, TyperOption) and param.required for param in command.params):
        words += [_option(param, ctx) for param in command.params if isinstance(param, TyperOption) and param.required]
    return " ".join(
        [*words, "…"] if any(isinstance(p, TyperOption) and not p.required for p in command.params) else words
    )


def _name(param: Any) -> str:
    if isinstance(param, TyperOption):
        return str(max(param.opts, key=len))
    return str(param.metavar or param.name.upper())


def _option(param: Any, ctx: Any) -> str:
    names = ", ".join(sorted(param.opts, key=len))
    if param.is_flag or param.count:
        return names
    return f"{names} {param.metavar or param.display_type(ctx).strip('<>')}"


def _said(param: Any, ctx: Any, zh: bool) -> str:
    words = pick(param.help or "", "zh" if zh else "en")
    own = {
        "install_completion": ("给当前的 shell 装上补全", "install completion for this shell"),
        "show_completion": ("显示补全脚本", "print the completion script"),
    }.get(param.name)
    if own:
        return own[0] if zh else own[1]
    if (
        isinstance(param, TyperOption)
        and not param.required
        and not param.is_flag
        and param.default not in (None, "", [])
    ):
        return f"{words}{'（默认 ' if zh else ' (default '}{param.default}{'）' if zh else ')'}"
    return words


def _lang(ctx: Any) -> str:
    return str(getattr(ctx.find_root().obj, "lang", "zh"))


def hoisted(argv: Sequence[str]) -> list[str]:
    """The words of a call with `-o` and `--plain` moved to the front, where global options stand; not behind `--`."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--plain" or word.startswith("--output=") or (word[:2] == "-o" and word[2:] in FORMATS):
            front.append(word)
        elif word in ("-o", "--output"):
            front += [word, *([value] if (value := next(words, None)) is not None else [])]
        else:
            rest.append(word)
    return front + rest


def command_of(argv: Sequence[str]) -> str | None:
    """The first word of a call that is no global option: its command."""
    words = iter(argv)
    for word in words:
        if word in VALUED:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None
