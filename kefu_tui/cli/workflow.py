"""workflow: list, show, check and try out the workflows that ship, or one in a file."""

import pathlib
import tomllib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.errors import REFUSED, Stop, misused, not_found
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, column, shown
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from collections.abc import Collection

    from kefu_tui.rules.workflow import Stand, Workflow

workflow = Commands("工单流程。", "Workflows.")

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help=both("流程，如 complaint，或 TOML 文件", "the workflow, such as complaint, or a TOML file")
    ),
]

LISTED = (
    column(both("流程", "workflow"), "name"),
    column(both("名称", "title"), "title"),
    column(both("状态", "states"), "states", right=True),
    column(both("转换", "transitions"), "transitions", right=True),
    column(both("清单", "steps"), "steps", right=True),
    column(both("字段", "fields"), "fields", right=True),
)
HITS = (
    column(both("转换", "transition"), "transition"),
    column(both("语言", "language"), "lang"),
    column(both("规则", "rule"), "rule"),
    column(both("轻重", "severity"), "severity"),
    column(both("哪里", "words"), "words"),
    column(both("怎么改", "advice"), "advice"),
)
WALKED = (
    column(both("做了", "by"), "by"),
    column(both("到", "state"), "state"),
    Column(both("计时", "clocks"), lambda row: shown([_clock(one) for one in row["clocks"]])),
    column(both("发给客户", "told to the customer"), "text"),
)


@workflow.verb("list", "列出自带的流程。", "List the workflows that ship.")
def list_(ctx: typer.Context) -> None:
    call = here(ctx)
    found = [_read(path) for path in _shipped()]
    call.rows(
        [
            {
                "name": one.name,
                "kind": one.kind,
                "title": one.title(call.lang),
                "states": len(one.states),
                "transitions": len(one.transitions),
                "steps": len(one.steps),
                "fields": len(one.fields),
            }
            for one in found
        ],
        LISTED,
    )


@workflow.verb("show", "画出一个流程。", "Draw a workflow.")
def show(ctx: typer.Context, name: Name) -> None:
    import msgspec

    from kefu_tui.rules.workflow import draw

    call = here(ctx)
    found = _found(name)
    call.one(msgspec.to_builtins(found), text="\n".join(draw(found, call.lang)) + "\n")


@workflow.verb(
    "check",
    "查一个流程文件，连同给客户的话合不合用语规则。",
    "Check a workflow in a file, and its texts against the guard's rules.",
)
def check(
    ctx: typer.Context,
    file: Annotated[pathlib.Path, typer.Argument(metavar="FILE", help=both("TOML 文件", "the TOML file"))],
    policy: Annotated[
        str,
        typer.Option(
            "--policy",
            metavar="NAME|FILE",
            help=both(
                "钟按这份时限方案：standard、strict、TOML 文件",
                "clocks as of this policy: standard, strict, a TOML file",
            ),
        ),
    ] = "",
) -> None:
    from kefu_tui.cli.policy import clocks_of
    from kefu_tui.desk.guarding import breaches

    call = here(ctx)
    if not file.is_file():
        raise not_found(f"没有文件 {file}。", f"There is no file {file}.")
    found = _read(file, clocks_of(policy) if policy else None)
    hits = [
        {
            "transition": one.id,
            "lang": lang,
            "rule": hit.rule.id,
            "severity": hit.rule.severity,
            "words": hit.words,
            "advice": hit.rule.advice(call.lang),
        }
        for one in found.transitions
        for lang in ("zh", "en")
        for hit in breaches(one.text(lang), lang)
    ]
    call.rows(hits, HITS)
    blocked = sum(hit["severity"] == "block" for hit in hits)
    states, ways, examples = len(found.states), len(found.transitions), len(found.examples)
    call.tell(
        f"{found.zh}：{states} 个状态，{ways} 个转换，{examples} 个例子都对；{len(hits)} 处用语不合规则，其中 {blocked} 处不能发。",
        f"{found.en}: {states} states, {ways} transitions, {examples} examples hold; {len(hits)} breaches of the guard's rules, "
        f"{blocked} of which must not be sent.",
    )
    if blocked:
        raise Stop(REFUSED, "guard")


@workflow.verb(
    "simulate",
    "照一条路走一遍流程，不动任何数据：状态、计时、发给客户的话。",
    "Walk a path through a workflow without touching any data: states, clocks, texts.",
)
def simulate(
    ctx: typer.Context,
    name: Name,
    path: Annotated[
        str,
        typer.Option(
            "--path",
            metavar="IDS",
            help=both("一步步的转换和做完的清单，逗号分开", "transitions and steps done, with commas between"),
        ),
    ] = "",
    field: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="K=V", help=both("填好的字段，可写多次", "a field, more than once if wanted")),
    ] = None,
    role: Annotated[
        str,
        typer.Option(
            "--role",
            metavar="NAME",
            help=both("谁来做：agent、lead、admin 或部门", "who does it: agent, lead, admin or a department"),
        ),
    ] = "admin",
) -> None:
    from kefu_tui.rules.workflow import simulate as walk

    call = here(ctx)
    found = _found(name)
    fields = _fields(found, field or ())
    known = ["agent", "lead", "admin", *(one.id for one in found.departments)]
    if role not in known:
        raise misused(
            f"--role 不认识 {role!r}，有：{', '.join(known)}。", f"--role: no {role!r}. There are: {', '.join(known)}."
        )
    ids = [one.strip() for one in path.split(",") if one.strip()]
    walked = walk(found, ids, fields, role=role, lang=call.lang)
    call.rows([_row(one) for one in walked.stands], WALKED)
    if walked.refused is not None:
        at, why = walked.refused
        raise Stop(REFUSED, "refused", f"{at} 走不了：{why.zh}。", f"{at} cannot be: {why.en}.")


def _row(stand: "Stand") -> dict[str, Any]:
    clocks = [one._asdict() for one in stand.clocks]
    return {"by": stand.by, "state": stand.state, "clocks": clocks, "text": stand.text}


def _clock(clock: dict[str, Any]) -> str:
    step = f"/{clock['step']}" if clock["step"] else ""
    return f"({clock['kind']}{step})" if clock["paused"] else f"{clock['kind']}{step}"


def _fields(found: "Workflow", told: "list[str] | tuple[()]") -> dict[str, str]:
    from kefu_tui.rules.workflow import unfit

    fields: dict[str, str] = {}
    known = {one.id: one for one in found.fields}
    for one in told:
        name, equals, value = one.partition("=")
        if not equals:
            raise misused(f"--field 要写成 K=V，不是 {one!r}。", f"--field is K=V, not {one!r}.")
        if name not in known:
            names = ", ".join(known)
            raise misused(f"--field 没有 {name}，有：{names}。", f"--field: no {name}. There are: {names}.")
        if why := unfit(known[name], value):
            raise misused(f"--field {name}：{why.zh}。", f"--field {name}: {why.en}.")
        fields[name] = value
    return fields


def _shipped() -> list[pathlib.Path]:
    from kefu_tui.config import box

    return sorted(box("workflows").glob("*.toml"))


def _found(name: str) -> "Workflow":
    """The workflow of a name, or of a file."""
    shipped = {one.stem: one for one in _shipped()}
    path = pathlib.Path(name) if name.endswith(".toml") else shipped.get(name)
    if path is None or not path.is_file():
        raise not_found(
            f"没有流程 {name}：{', '.join(shipped)}，或一个 TOML 文件。",
            f"There is no workflow {name}: {', '.join(shipped)}, or a TOML file.",
        )
    return _read(path)


def _read(path: pathlib.Path, clocks: "Collection[str] | None" = None) -> "Workflow":
    from kefu_tui.rules.workflow import WorkflowError, parse_workflow

    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        return parse_workflow(told) if clocks is None else parse_workflow(told, clocks)
    except WorkflowError as error:
        raise Stop(REFUSED, "workflow", f"流程 {path}：{error}", f"Workflow {path}: {error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Stop(REFUSED, "workflow", f"{path} 读不了：{error}", f"{path} cannot be read: {error}") from None
