"""view and pin: saved views of the queue, and what is kept on top of it."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kefu_tui.cli import finding
from kefu_tui.cli.call import here
from kefu_tui.cli.errors import REFUSED, Stop, misused, not_found
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.desk import Desk

view = Commands("队列的视图：存下的筛选。", "Views of the queue: saved filters.")
app = Commands()

COLUMNS = (
    column(both("名称", "name"), "name"),
    column(both("筛选", "filter"), "filter"),
    column(both("分组", "group by"), "group_by"),
    column(both("范围", "scope"), "scope"),
)
GROUPS = ("", "kind", "channel", "tier", "assignee", "tag")


@view.verb("list", "全部视图。", "Every saved view.")
def list_(ctx: typer.Context) -> None:
    call = here(ctx)
    with call.desk() as desk:
        rows: list[dict[str, Any]] = [
            {"id": row.id, "name": row.name, "filter": row.filter, "group_by": row.group_by, "scope": row.scope}
            for row in desk.views.saved()
        ]
        call.rows(rows, COLUMNS, empty=("还没有视图。", "No saved views yet."))


@view.verb("save", "把一个筛选存成视图；同名的是改它。", "Save a filter as a view; one of the same name is changed.")
def save(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=both("名称", "its name"))],
    filter: Annotated[
        str, typer.Argument(metavar="FILTER", help=both("筛选，如 tag:急 is:late", "such as tag:urgent is:late"))
    ],
    group_by: Annotated[
        str,
        typer.Option(
            "--group-by",
            metavar="BY",
            help=both("按 kind channel tier assignee tag 分组", "kind, channel, tier, assignee or tag"),
        ),
    ] = "",
    scope: Annotated[
        Literal["agent", "company"], typer.Option("--scope", metavar="agent|company", help=both("给谁用", "for whom"))
    ] = "agent",
) -> None:
    from kefu_tui.desk.views import View

    call = here(ctx)
    if group_by not in GROUPS:
        raise misused(
            f"不能按 {group_by} 分组：{' '.join(GROUPS[1:])}", f"No grouping by {group_by}: {' '.join(GROUPS[1:])}"
        )
    with call.desk() as desk:
        same = next((row.id for row in desk.views.saved() if row.name == name and row.scope == scope), "")
        call.outcome(desk.views.save(name, View("all", filter, group_by), scope, id=same).result())


@view.verb("remove", "删掉一个视图。", "Remove a saved view.")
def remove(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=both("名称", "its name"))],
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        found = [row for row in desk.views.saved() if row.name == name]
        if not found:
            raise not_found(f"没有视图 {name}。", f"There is no view {name}.")
        call.outcome(desk.views.remove(found[0].id).result())


@app.verb(
    "pin", "把会话留在队列最上面；再来一次放下。", "Keep a conversation on top of the queue; once more lets it go."
)
def pin(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help=both("会话编号", "the conversation"))],
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        conversation = finding.conversation(desk, id)
        kept = desk.views.pin(conversation).result()
        call.one({"conversation_id": conversation, "pinned": kept})


def filtered(desk: "Desk", view: str, filter: str, saved: str, limit: int) -> list[str]:
    """The ids of a queue under a filter or a saved view."""
    from kefu_tui.desk.views import View

    shown = View(view, filter)
    if saved:
        found = [row for row in desk.views.saved() if row.name == saved]
        if not found:
            raise not_found(f"没有视图 {saved}。", f"There is no view {saved}.")
        shown = desk.views.shown(found[0])
    troubles = desk.views.troubles(shown.filter)
    if troubles:
        raise Stop(REFUSED, "filter", troubles[0].zh, troubles[0].en)
    return desk.views.listing(shown, limit).ids
