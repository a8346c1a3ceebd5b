"""macro: several steps under one name, run as one."""

import pathlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kefu_tui.cli import finding
from kefu_tui.cli.call import here, told_text
from kefu_tui.cli.errors import REFUSED, Stop, misused, not_found
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.desk import Desk
    from kefu_tui.model.rows import Macro

macro = Commands("宏：几步一次做完。", "Macros: several steps done as one.")

COLUMNS = (
    column(both("名称", "name"), "name"),
    column(both("键", "key"), "key"),
    column(both("范围", "scope"), "scope"),
    column(both("步骤", "steps"), "steps"),
)
Name = Annotated[str, typer.Argument(metavar="NAME", help=both("宏的名称", "the macro's name"))]


def _row(desk: "Desk", row: "Macro") -> dict[str, Any]:
    from kefu_tui.rules.macro import unpacked

    steps = [{"do": step.verb, "argument": step.argument} for step in unpacked(row.steps)]
    return {
        "id": row.id,
        "name": row.name,
        "key": row.key,
        "scope": row.scope,
        "steps": steps,
        "asks": desk.macros.asks(row),
    }


def _named(desk: "Desk", name: str) -> "Macro":
    found = [row for row in desk.macros.all() if row.name == name or row.id == name]
    if not found:
        raise not_found(f"没有宏 {name}。", f"There is no macro {name}.")
    return found[0]


@macro.verb("list", "全部宏。", "Every macro.")
def list_(ctx: typer.Context) -> None:
    call = here(ctx)
    with call.desk() as desk:
        rows = [_row(desk, row) for row in desk.macros.all()]
        if call.format == "table":
            rows = [{**row, "steps": desk.macros.steps(one, call.lang).replace("\n", " / ")}
                    for row, one in zip(rows, desk.macros.all(), strict=True)]  # fmt: skip
        call.rows(rows, COLUMNS, empty=("还没有宏。", "No macros yet."))


@macro.verb("show", "一个宏的步骤。", "A macro's steps.")
def show(ctx: typer.Context, name: Name) -> None:
    call = here(ctx)
    with call.desk() as desk:
        row = _named(desk, name)
        call.one(_row(desk, row), text=desk.macros.steps(row, call.lang) + "\n")


@macro.verb("run", "对一个会话用宏；要填的用 --set。", "Run a macro on a conversation; --set fills its blanks.")
def run(
    ctx: typer.Context,
    name: Name,
    id: Annotated[str, typer.Argument(metavar="ID", help=both("会话编号", "the conversation"))],
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=both("填一处", "fill a blank"))
    ] = None,
) -> None:
    call = here(ctx)
    answers: dict[str, str] = {}
    for one in set_ or ():
        blank, equals, value = one.partition("=")
        if not equals:
            raise misused(f"--set {one}：写成 名称=内容。", f"--set {one}: write NAME=VALUE.")
        answers[blank] = value
    with call.desk() as desk:
        row = _named(desk, name)
        call.outcome(desk.macros.run(row, finding.conversation(desk, id), answers).result())


@macro.verb("save", "存一个宏，一行一步；- 读标准输入。", "Save a macro, a step a line; - reads standard input.")
def save(
    ctx: typer.Context,
    name: Name,
    steps: Annotated[str, typer.Argument(metavar="STEPS", help=both("步骤，一行一步", "steps, one a line"))],
    key: Annotated[
        str, typer.Option("--key", metavar="KEY", help=both("逗号后面的键", "the key behind the comma"))
    ] = "",
    scope: Annotated[
        str, typer.Option("--scope", metavar="agent|group|company", help=both("给谁用", "for whom"))
    ] = "agent",
) -> None:
    from kefu_tui.desk.macros import SCOPES, Written

    call = here(ctx)
    if scope not in SCOPES:
        raise misused(f"没有范围 {scope}：{' '.join(SCOPES)}", f"There is no scope {scope}: {' '.join(SCOPES)}")
    with call.desk() as desk:
        same = next((row.id for row in desk.macros.all() if row.name == name and row.scope == scope), "")
        text = told_text(steps).replace("\\n", "\n") if "\n" not in steps else steps
        call.outcome(desk.macros.save(Written(name, text, key, scope), same).result())


@macro.verb("bind", "给宏一个键；空的是不要键。", "Give a macro a key; an empty one takes it away.")
def bind(
    ctx: typer.Context,
    name: Name,
    key: Annotated[str, typer.Argument(metavar="KEY", help=both("一个字符", "one character"))],
) -> None:
    from kefu_tui.desk.macros import Written

    call = here(ctx)
    with call.desk() as desk:
        row = _named(desk, name)
        call.outcome(desk.macros.save(Written(row.name, desk.macros.steps(row), key, row.scope), row.id).result())


@macro.verb("remove", "删掉一个宏。", "Remove a macro.")
def remove(ctx: typer.Context, name: Name) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.macros.remove(_named(desk, name).id).result())


@macro.verb("export", "把宏写成文件，或者标准输出。", "Write the macros to a file or standard output.")
def export(
    ctx: typer.Context,
    file: Annotated[pathlib.Path | None, typer.Argument(metavar="FILE", help=both("写到哪里", "where to"))] = None,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        text = desk.macros.export()
        if file is None:
            call.write(text)
            return
        file.write_text(text, encoding="utf-8")
        call.tell(f"写好了 {file}。", f"Wrote {file}.")


@macro.verb("import", "从文件收宏，全收或者不收。", "Take in the macros of a file, all or none.")
def import_(
    ctx: typer.Context,
    file: Annotated[pathlib.Path, typer.Argument(metavar="FILE", help=both("宏的文件", "a file of macros"))],
) -> None:
    call = here(ctx)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(REFUSED, "file", f"{file} 读不了：{error}", f"{file} cannot be read: {error}") from None
    with call.desk() as desk:
        written, troubles = desk.macros.read_file(text)
        if troubles:
            raise Stop(REFUSED, "macro", f"{file}：{troubles[0].zh}", f"{file}: {troubles[0].en}")
        call.outcome(desk.macros.take_in(written).result(), ("macros", len(written)))
