"""canned import, export and check: canned replies in files, and the guard's rules on them."""

import csv
import io
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.canned import NONE, canned
from kefu_tui.cli.errors import REFUSED, Stop
from kefu_tui.cli.output import Column, column, csv_cell, from_csv_cell
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.desk import Desk
    from kefu_tui.desk.reads_cli import CannedReply
    from kefu_tui.rules.canned_file import ParsedReply, RowError

__all__ = ["canned"]

Encoding = Annotated[str | None, typer.Option("--encoding", metavar="NAME", help=both("文件的编码", "its encoding"))]

WILL = {
    "add": both("新加", "add"),
    "change": both("改", "change"),
    "same": both("不变", "same"),
    "refuse": both("不收", "refuse"),
}
FORESEEN = (
    Column(both("会", "would"), lambda row: WILL[row["would"]]),
    column(both("行", "line"), "line"),
    column(both("快捷码", "shortcut"), "shortcut"),
    column(both("标题", "title"), "title"),
    column(both("为什么", "why"), "why"),
)
HITS = (
    column(both("话术", "reply"), "reply"),
    column(both("规则", "rule"), "rule"),
    column(both("轻重", "severity"), "severity"),
    column(both("哪里", "words"), "words"),
    column(both("怎么改", "advice"), "advice"),
)


@canned.verb(
    "import",
    "导入话术：我们的 CSV，或千牛的快捷短语（GBK 也行）。",
    "Take in canned replies: our CSV, or 千牛's quick phrases (GBK too).",
)
def import_(
    ctx: typer.Context,
    file: Annotated[pathlib.Path, typer.Argument(metavar="FILE", help=both("CSV 文件", "the CSV file"))],
    encoding: Encoding = None,
    preview: Annotated[
        bool,
        typer.Option("--preview", help=both("只看会怎样，什么都不导入", "tell what would be done, and do nothing")),
    ] = False,
) -> None:
    from kefu_tui.desk import shelving
    from kefu_tui.rules.canned_file import RowError

    call = here(ctx)
    read, used = _read(file, encoding)
    if preview:
        with call.desk() as desk:
            call.rows(_foreseen(desk, read), FORESEEN, empty=NONE)
        call.tell("只是看看，什么都没有导入。", "Only a preview; nothing was imported.")
        return
    bad = [one for one in read if isinstance(one, RowError)]
    if bad:
        first = bad[0]
        raise Stop(
            REFUSED,
            "bad-file",
            f"{file} 第 {first.line} 行：{first.zh}（共 {len(bad)} 处）。改好再导，现在什么都没有导入。",
            f"{file}, line {first.line}: {first.en} ({len(bad)} in all). Mend it and try again; nothing was imported.",
        )
    replies = [one for one in read if not isinstance(one, RowError)]
    if not replies:
        raise Stop(REFUSED, "nothing-to-import", f"{file} 里没有话术。", f"{file} holds no canned replies.")
    with call.desk() as desk:
        call.outcome(shelving.take_in(desk, replies), ("replies", len(replies)), ("encoding", used))


@canned.verb("export", "导出话术：我们的 CSV，或千牛的。", "Write the canned replies as our CSV, or as 千牛's.")
def export(
    ctx: typer.Context,
    file: Annotated[
        pathlib.Path | None,
        typer.Argument(metavar="FILE", help=both("写到哪里；不写就到标准输出", "where to; standard output without")),
    ] = None,
    form: Annotated[
        Literal["kefu", "qianniu"],
        typer.Option("--form", metavar="kefu|qianniu", help=both("格式；千牛的是 GBK", "the form; 千牛's is in GBK")),
    ] = "kefu",
) -> None:
    from kefu_tui.cli.files import write_new
    from kefu_tui.desk import reads_cli

    call = here(ctx)
    with call.desk() as desk:
        rows = reads_cli.canned_replies(desk)
    text = _as_file(rows, form)
    if file is None:
        call.write(text)
        return
    write_new(file, text, "gb18030" if form == "qianniu" else "utf-8-sig")
    call.one(
        {"file": str(file), "replies": len(rows)},
        text=call.say(f"{len(rows)} 条 → {file}\n", f"{len(rows)} → {file}\n"),
    )


@canned.verb(
    "check",
    "按用语规则查话术：桌面上的，或一个文件里的。",
    "Check canned replies against the guard's rules: those of the desk, or of a file.",
)
def check(
    ctx: typer.Context,
    file: Annotated[
        pathlib.Path | None,
        typer.Argument(
            metavar="FILE", help=both("CSV 文件；不写就查桌面上的", "a CSV file; without, those of the desk")
        ),
    ] = None,
    encoding: Encoding = None,
) -> None:
    from kefu_tui.desk import reads_cli
    from kefu_tui.rules.canned_file import RowError

    call = here(ctx)
    texts: list[tuple[str, str, str]] = []
    if file is None:
        with call.desk() as desk:
            texts = [(row.shortcut or row.title, row.text, row.lang) for row in reads_cli.canned_replies(desk)]
    else:
        read, _ = _read(file, encoding)
        texts = [(one.shortcut or one.title, one.text, one.lang) for one in read if not isinstance(one, RowError)]
    found = [hit for name, text, lang in texts for hit in _hits(name, text, lang, call.lang)]
    call.rows(found, HITS)
    blocked = sum(hit["severity"] == "block" for hit in found)
    call.tell(
        f"查了 {len(texts)} 条，{len(found)} 处不合规则，其中 {blocked} 处不能发。",
        f"{len(texts)} checked: {len(found)} breaches, {blocked} of which must not be sent.",
    )
    if blocked:
        raise Stop(REFUSED, "guard")


def _hits(name: str, text: str, lang: str, told_in: str) -> list[dict[str, Any]]:
    from kefu_tui.desk.guarding import breaches

    return [
        {
            "reply": name,
            "rule": hit.rule.id,
            "severity": hit.rule.severity,
            "words": hit.words,
            "start": hit.start,
            "advice": hit.rule.advice(told_in),
            "source": hit.rule.source,
        }
        for hit in breaches(text, lang)
    ]


def _read(file: pathlib.Path, encoding: str | None) -> "tuple[list[ParsedReply | RowError], str]":
    from kefu_tui.cli.files import read_csv
    from kefu_tui.rules.canned_file import read_replies

    header, rows, used = read_csv(file, encoding)
    return list(read_replies(header, ([from_csv_cell(cell) for cell in row] for row in rows))), used


def _foreseen(desk: "Desk", read: "Sequence[ParsedReply | RowError]") -> list[dict[str, Any]]:
    """What an import would do with each row of a file."""
    from kefu_tui.desk import shelving
    from kefu_tui.rules.canned_file import RowError

    told = []
    good = iter(shelving.foreseen(desk, [one for one in read if not isinstance(one, RowError)]))
    for one in read:
        if isinstance(one, RowError):
            why = one.en if desk.lang == "en" else one.zh
            told.append({"would": "refuse", "line": one.line, "shortcut": "", "title": "", "why": why})
        else:
            hits = _hits(one.title, one.text, one.lang, desk.lang)
            why = "; ".join(f"{hit['words']} ({hit['rule']})" for hit in hits)
            told.append(
                {"would": next(good), "line": one.line, "shortcut": one.shortcut, "title": one.title, "why": why}
            )
    return told


def _as_file(rows: "list[CannedReply]", form: str) -> str:
    from kefu_tui.rules.canned_file import OURS, QIANNIU

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(QIANNIU if form == "qianniu" else OURS)
    for row in rows:
        if form == "qianniu":
            values = [row.shortcut, row.text, row.scenario]
        else:
            values = [
                row.id,
                row.shortcut,
                row.title,
                row.text,
                row.stage,
                row.scenario,
                row.lang,
                row.scope,
                row.when_words,
            ]
        writer.writerow([csv_cell(value, newlines=True) for value in values])
    return buffer.getvalue()
