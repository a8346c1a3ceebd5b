"""canned: list, search, show, add, edit, remove and render canned replies."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kefu_tui.cli import finding
from kefu_tui.cli.call import here, told_text
from kefu_tui.cli.errors import REFUSED, Stop, misused
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.desk import CannedLine, Desk
    from kefu_tui.desk.reads_cli import CannedReply

canned = Commands("话术。", "Canned replies.")

STAGES = "greet|ask|analyse|recommend|answer|close|confirm|goodbye|aftersale"
Stage = Literal["greet", "ask", "analyse", "recommend", "answer", "close", "confirm", "goodbye", "aftersale"]

Id = Annotated[
    str,
    typer.Argument(
        metavar="ID", help=both("话术编号（6 位以上）或快捷码", "its id (6 or more characters of it) or its shortcut")
    ),
]
Title = Annotated[str | None, typer.Option("--title", metavar="TEXT", help=both("标题", "its title"))]
Words = Annotated[
    str | None,
    typer.Option(
        "--text",
        metavar="TEXT",
        help=both("内容（Liquid）；- 读标准输入", "the text, in Liquid; - reads standard input"),
    ),
]
StageOf = Annotated[Stage | None, typer.Option("--stage", metavar=STAGES, help=both("阶段", "the stage"))]
Scenario = Annotated[str | None, typer.Option("--scenario", metavar="NAME", help=both("场景", "the scenario"))]
Shortcut = Annotated[str | None, typer.Option("--shortcut", metavar="KEYS", help=both("快捷码", "the shortcut"))]
When = Annotated[
    str | None,
    typer.Option(
        "--when",
        metavar="WORDS",
        help=both("客户说这些话时推荐，空格分开", "customers' words that it answers, with spaces between"),
    ),
]
Lang = Annotated[Literal["zh", "en"] | None, typer.Option("--lang", metavar="zh|en", help=both("语言", "its language"))]
Limit = Annotated[int, typer.Option("--limit", min=0, metavar="N", help=both("最多几条，0 不限", "at most, 0 for all"))]

COLUMNS = (
    Column(both("编号", "id"), lambda row: row["id"][-8:]),
    column(both("快捷码", "shortcut"), "shortcut"),
    column(both("阶段", "stage"), "stage"),
    column(both("场景", "scenario"), "scenario"),
    column(both("标题", "title"), "title"),
    Column(both("内容", "text"), lambda row: _beginning(row["text"])),
)
TITLES = {
    "id": both("编号", "id"),
    "title": both("标题", "title"),
    "shortcut": both("快捷码", "shortcut"),
    "stage": both("阶段", "stage"),
    "scenario": both("场景", "scenario"),
    "lang": both("语言", "language"),
    "scope": both("范围", "scope"),
    "when": both("何时", "when"),
    "text": both("内容", "text"),
}
NONE = ("没有话术。", "No canned replies.")


@canned.verb("list", "列出话术。", "List the canned replies.")
def list_(
    ctx: typer.Context,
    stage: StageOf = None,
    scenario: Scenario = None,
    lang: Lang = None,
    scope: Annotated[
        Literal["company", "group", "agent"] | None,
        typer.Option("--scope", metavar="company|group|agent", help=both("谁的", "whose")),
    ] = None,
    limit: Limit = 0,
) -> None:
    from kefu_tui.desk import reads_cli

    call = here(ctx)
    with call.desk() as desk:
        wanted = {"stage": stage, "scenario": scenario, "lang": lang, "scope": scope}
        found = [
            _stored(row)
            for row in reads_cli.canned_replies(desk)
            if all(value is None or getattr(row, name) == value for name, value in wanted.items())
        ]
        call.rows(found[: limit or None], COLUMNS, empty=NONE)


@canned.verb("search", "按文字、快捷码、拼音、首字母找。", "Find by words, shortcut, pinyin or initials.")
def search(
    ctx: typer.Context,
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", help=both("要找的；@我 @组 @公司 只看谁的", "what to look for; @me @team @company: whose")
        ),
    ],
    conversation: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="ID",
            help=both("会话：合适的排前面", "a conversation: what fits it comes first"),
        ),
    ] = None,
    limit: Limit = 20,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        about = finding.conversation(desk, conversation) if conversation else None
        call.rows(
            [_line(row) for row in desk.canned(query, about, limit or 1_000_000, slips=True)], COLUMNS, empty=NONE
        )


@canned.verb("show", "看一条话术。", "Show a canned reply.")
def show(ctx: typer.Context, id: Id) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.one(_stored(_row(desk, id)), TITLES)


@canned.verb("add", "加一条话术。", "Add a canned reply.")
def add(
    ctx: typer.Context,
    title: Title = None,
    text: Words = None,
    stage: StageOf = None,
    scenario: Scenario = None,
    shortcut: Shortcut = None,
    when: When = None,
    lang: Lang = None,
    scope: Annotated[
        Literal["company", "agent"] | None,
        typer.Option(
            "--scope",
            metavar="company|agent",
            help=both("给全公司还是自己；不写就按权限", "for the company or oneself; without, what your role may"),
        ),
    ] = None,
) -> None:
    from kefu_tui.desk import shelving

    call = here(ctx)
    if title is None or text is None:
        raise misused("加话术要写 --title 和 --text。", "A canned reply needs --title and --text.")
    with call.desk() as desk:
        new = _changed(shelving.fresh(desk, scope), title, text, stage, scenario, shortcut, when, lang)
        call.outcome(shelving.save(desk, new), ("id", new.id))


@canned.verb("edit", "改一条话术，只写要改的。", "Edit a canned reply; name only what changes.")
def edit(
    ctx: typer.Context,
    id: Id,
    title: Title = None,
    text: Words = None,
    stage: StageOf = None,
    scenario: Scenario = None,
    shortcut: Shortcut = None,
    when: When = None,
    lang: Lang = None,
) -> None:
    from kefu_tui.desk import shelving

    call = here(ctx)
    with call.desk() as desk:
        old = _row(desk, id)
        new = _changed(old, title, text, stage, scenario, shortcut, when, lang)
        call.outcome(shelving.save(desk, new), ("id", old.id))


@canned.verb("remove", "删一条话术。", "Remove a canned reply.")
def remove(ctx: typer.Context, id: Id) -> None:
    from kefu_tui.desk import shelving

    call = here(ctx)
    with call.desk() as desk:
        old = _row(desk, id)
        call.outcome(shelving.remove(desk, old.id), ("id", old.id))


@canned.verb(
    "render", "把话术填好给一个会话；缺值就不给。", "Fill a canned reply for a conversation; a missing value stops it."
)
def render(
    ctx: typer.Context,
    id: Id,
    conversation: Annotated[
        str, typer.Argument(metavar="CONVERSATION", help=both("会话编号", "the conversation's id"))
    ],
) -> None:
    from kefu_tui.desk import Refusal

    call = here(ctx)
    with call.desk() as desk:
        row = _row(desk, id)
        filled = desk.fill(row.id, finding.conversation(desk, conversation))
        if isinstance(filled, Refusal):
            raise Stop(REFUSED, filled.code, filled.say("zh"), filled.say("en"))
        if lacking := [*filled.missing, *filled.asks]:
            refusal = Refusal("missing-value", {"what": ", ".join(lacking)})
            raise Stop(REFUSED, refusal.code, refusal.say("zh"), refusal.say("en"))
        from kefu_tui.text import clean

        told = {"id": row.id, "title": filled.title, "text": filled.text}
        call.one(told, text=clean(filled.text, newlines=True) + "\n")


def _row(desk: "Desk", part: str) -> "CannedReply":
    from kefu_tui.desk import reads_cli

    id = finding.canned(desk, part)
    return next(row for row in reads_cli.canned_replies(desk) if row.id == id)


def _changed(
    reply: "CannedReply",
    title: str | None,
    text: str | None,
    stage: str | None,
    scenario: str | None,
    shortcut: str | None,
    when: str | None,
    lang: str | None,
) -> "CannedReply":
    import msgspec

    told = {
        "title": title,
        "text": told_text(text) if text is not None else None,
        "stage": stage,
        "scenario": scenario,
        "shortcut": shortcut,
        "when_words": " ".join(when.split()) if when is not None else None,
        "lang": lang,
    }
    return msgspec.structs.replace(reply, **{name: value for name, value in told.items() if value is not None})


def _common(row: "CannedReply | CannedLine") -> dict[str, Any]:
    fields = ("id", "title", "text", "shortcut", "stage", "scenario", "lang", "scope")
    return {name: getattr(row, name) for name in fields}


def _stored(row: "CannedReply") -> dict[str, Any]:
    return {**_common(row), "when": row.when_words}


def _line(row: "CannedLine") -> dict[str, Any]:
    return {**_common(row), "uses": row.uses, "reason": row.reason}


def _beginning(text: str) -> str:
    from kefu_tui.text import cut, one_line

    return cut(one_line(text), 48)
