"""queue and show: what waits, and one conversation."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kefu_tui.cli import finding
from kefu_tui.cli.call import here
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.cli.call import Call
    from kefu_tui.desk import Desk, Due, QueueRow
    from kefu_tui.desk.reads_cli import Waiting

app = Commands()

CHUNK = 1000


@app.verb(
    "queue",
    "看队列：先到期的在前。",
    "Show the queue, what is due first on top.",
)
def queue(
    ctx: typer.Context,
    view: Annotated[
        Literal["work", "waiting", "mine", "group", "all"],
        typer.Option(
            "--view",
            metavar="work|waiting|mine|group|all",
            help=both(
                "work 我手上的和等候的；waiting 没人接的；mine 我的；group 组里没结束的；all 全部没归档的",
                "work: mine and waiting; waiting: nobody has them; mine; group: not closed; all: not archived",
            ),
        ),
    ] = "work",
    limit: Annotated[
        int, typer.Option("--limit", min=0, metavar="N", help=both("最多几行，0 不限", "most rows, 0 for all"))
    ] = 50,
    filter: Annotated[
        str,
        typer.Option("--filter", metavar="TEXT", help=both("筛选，如 tag:急 is:late", "such as tag:urgent is:late")),
    ] = "",
    saved: Annotated[str, typer.Option("--saved", metavar="NAME", help=both("存下的视图", "a saved view"))] = "",
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        if filter or saved:
            from kefu_tui.cli.view import filtered

            ids = filtered(desk, view, filter, saved, limit)
        else:
            ids = desk.queue_ids(view, limit)
        rows: list[dict[str, Any]] = []
        for begin in range(0, len(ids), CHUNK):
            rows += _rows(desk, ids[begin : begin + CHUNK])
        call.rows(rows, _columns(call, desk), empty=("队列是空的。", "The queue is empty."))


def _rows(desk: "Desk", ids: list[str]) -> list[dict[str, Any]]:
    from kefu_tui.desk import reads_cli

    waiting = reads_cli.waiting(desk, ids)
    return [_row(desk, row, waiting[row.id]) for row in desk.queue_rows(ids) if row.id in waiting]


def _row(desk: "Desk", row: "QueueRow", waiting: "Waiting") -> dict[str, Any]:
    return {
        "id": row.id,
        "customer": _customer(row.name),
        "channel": row.channel,
        "kind": row.kind,
        "priority": row.priority,
        "status": row.status,
        "assignee": waiting.login,
        "preview": row.preview,
        "waiting_s": _waited(desk, waiting.waiting_since),
        **_due(desk, row.due),
    }


def _due(desk: "Desk", due: "Due | None") -> dict[str, str | None]:
    from kefu_tui.cli.times import iso

    return {"due_at": iso(due.due_at, desk.zone()) if due else None, "due_kind": due.kind if due else None}


def _waited(desk: "Desk", since: int | None) -> int | None:
    from kefu_tui.now import SECOND

    return None if since is None else max(0, (desk.now() - since) // SECOND)


def _customer(name: str) -> str:
    """The customer's name; a phone number in its place is masked."""
    from kefu_tui.text import mask_phone

    digits = "".join(char for char in name if char.isdigit())
    is_phone = len(digits) >= 7 and not any(char.isalpha() for char in name)
    return mask_phone(name) if is_phone else name


def _columns(call: "Call", desk: "Desk") -> list[Column]:
    from kefu_tui.text import cut, duration_words, last_words

    def left(row: Any) -> str:
        if row["due_at"] is None:
            return ""
        from datetime import datetime

        from kefu_tui.now import SECOND
        from kefu_tui.text import countdown

        seconds = datetime.fromisoformat(row["due_at"]).timestamp() - desk.now() / SECOND
        return countdown(seconds, lang=call.lang)

    def waited(row: Any) -> str:
        return "" if row["waiting_s"] is None else duration_words(row["waiting_s"], call.lang)

    return [
        Column(both("编号", "id"), lambda row: row["id"][-8:]),
        column(both("客户", "customer"), "customer"),
        column(both("类别", "kind"), "kind"),
        column(both("级", "p"), "priority", right=True),
        column(both("状态", "status"), "status"),
        column(both("谁", "who"), "assignee"),
        Column(both("等了", "waiting"), waited, right=True),
        Column(both("剩", "due"), left, right=True),
        Column(both("最后一句", "last words"), lambda row: cut(last_words(row["preview"], call.lang), 40)),
    ]


@app.verb("show", "看一个会话：客户、消息、订单。", "Show a conversation: customer, messages, orders.")
def show(
    ctx: typer.Context,
    id: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help=both(
                "会话编号，或它的开头或结尾 6 位以上",
                "a conversation's id, or 6 or more characters of its beginning or end",
            ),
        ),
    ],
    limit: Annotated[
        int, typer.Option("--limit", min=0, metavar="N", help=both("最多几条消息，0 不限", "most messages, 0 for all"))
    ] = 200,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        told = _conversation(desk, finding.conversation(desk, id), limit)
        call.one(told, text=_as_text(call, desk, told) if call.format == "table" else None)


def _conversation(desk: "Desk", id: str, limit: int) -> dict[str, Any]:
    from kefu_tui.cli.order import order_row
    from kefu_tui.cli.times import iso
    from kefu_tui.desk import closing, reads_cli

    zone = desk.zone()
    head = desk.head(id)
    assert head is not None
    waiting = reads_cli.waiting(desk, [id])[id]
    draft = desk.draft(id)
    fields, record = closing.record(desk, id)
    return {
        "id": id,
        "customer": _customer(head.name),
        "customer_id": head.customer_id,
        "tier": head.tier,
        "risk": head.risk,
        "channel": head.channel,
        "group": head.group,
        "kind": head.kind,
        "priority": head.priority,
        "status": head.status,
        "assignee": waiting.login,
        "offered_to": head.offered_to,
        "language": head.language,
        "tags": list(head.tags),
        "opened_at": iso(head.opened_at, zone),
        "snoozed_until": iso(head.snoozed_until, zone),
        "waiting_s": _waited(desk, waiting.waiting_since),
        **_due(desk, head.due),
        "draft": draft.text if draft else None,
        "record": fields,
        "score": record.score if record else None,
        "score_comment": record.comment if record else "",
        "messages": [
            {
                "message_id": item.id,
                "from": {"me": "agent", "note": "agent"}.get(item.who, item.who),
                "kind": {"note": "note", "system": "event"}.get(item.who, "text"),
                "author": item.author,
                "text": item.text,
                "sent_at": iso(item.at, zone),
                "state": item.mark or None,
                "reason": item.reason,
            }
            for item in desk.thread(id, limit or 1_000_000_000)
        ],
        "orders": [order_row(desk, card) for card in desk.orders(head.customer_id)],
    }


def _as_text(call: "Call", desk: "Desk", told: dict[str, Any]) -> str:
    from kefu_tui.text import clean

    about = [
        told["customer"] or "-",
        told["status"],
        told["kind"],
        told["group"],
        told["assignee"] or "-",
        *told["tags"],
    ]
    lines = [told["id"], " · ".join(clean(part) for part in about if part)]
    from kefu_tui.rules.close_out import told as filled

    lines += [clean(f"{title}: {value}") for title, value in filled(told["record"], call.lang)]
    if told["score"]:
        score = f"{told['score']}/5 {told['score_comment']}".strip()
        lines.append(clean(call.say(f"客户评价 {score}", f"score {score}")))
    if told["due_at"]:
        lines.append(f"{told['due_kind']} {told['due_at']}")
    for order in told["orders"]:
        parcels = " ".join(f"{parcel['carrier']} {parcel['tracking_no']}" for parcel in order["parcels"])
        lines.append(
            clean(f"{order['order_no']}  {order['status']}  {order['currency']} {order['total']}  {parcels}").rstrip()
        )
    lines.append("")
    if not told["messages"]:
        lines.append(call.say("客户进来了，还没说话。", "The customer has come in and not written yet."))
    for message in told["messages"]:
        who = message["author"] or message["from"]
        mark = (
            f" [{message['state']}{' ' + message['reason'] if message['reason'] else ''}]" if message["state"] else ""
        )
        note = call.say("（备注）", " (note)") if message["kind"] == "note" else ""
        lines.append(f"{message['sent_at'][:19].replace('T', ' ')}  {clean(who)}{note}{mark}")
        lines += [f"    {line}" for line in clean(message["text"], newlines=True).split("\n")]
    if told["draft"]:
        lines += [
            "",
            call.say("草稿：", "Draft:"),
            *[f"    {line}" for line in clean(told["draft"], newlines=True).split("\n")],
        ]
    return "\n".join(lines) + "\n"
