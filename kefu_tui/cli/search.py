"""search: anything that is on this desk, by any characters."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.errors import misused
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.cli.call import Call
    from kefu_tui.desk import Desk

app = Commands()

COLUMNS = (
    column(both("什么", "what"), "kind"),
    column(both("时间", "when"), "at"),
    column(both("客户", "customer"), "customer"),
    Column(both("会话", "conversation"), lambda row: (row["conversation_id"] or "")[-8:]),
    column(both("谁说的", "by"), "author"),
    column(both("内容", "text"), "text"),
)


@app.verb(
    "search",
    "找会话、消息、客户、订单和话术：任何字，或者 tag: from: before: order: 这些条件。",
    "Find conversations, messages, customers, orders and replies: any characters, or conditions such as tag: from: before:.",
    free_text=True,
)
def search(
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORDS…", help=both("要找的字和条件", "words and conditions"))],
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1000, metavar="N", help=both("最多几条消息", "most messages"))
    ] = 30,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        _index(call, desk)
        found = desk.finding.find(" ".join(words), limit)
        if found.troubles:
            raise misused(found.troubles[0].zh, found.troubles[0].en)
        from kefu_tui.cli.times import iso

        rows: list[dict[str, Any]] = [
            {
                "kind": hit.kind,
                "id": hit.id,
                "conversation_id": hit.conversation_id,
                "customer": hit.who,
                "author": hit.author,
                "text": hit.text,
                "at": iso(hit.at, desk.zone()) if hit.at else None,
            }
            for hit in found.hits
        ]
        call.rows(rows, COLUMNS, empty=("这里没有。", "Nothing here."))


def _index(call: "Call", desk: "Desk") -> None:
    """Bring the index up to date first, telling how far it is where that takes a while."""
    from kefu_tui.desk.finding import BEHIND

    total = desk.finding.waiting()
    if total <= BEHIND:
        return
    done = 0
    while step := desk.finding.index(5000).result():
        done += step
        if sys.stderr.isatty() and not call.quiet:
            share = min(99, done * 100 // total)
            print(call.say(f"\r编索引 {share}%", f"\rindexing {share}%"), end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty() and not call.quiet:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
