"""Operations out of a damaged store: which wait again to be sent, which are lost, and whose words a person must look at."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from kefu_tui.ids import derive
from kefu_tui.model.sql import Connection
from kefu_tui.operations import Basis
from kefu_tui.store.salvage import Images

VOID = {
    "kind": "void", "v": 1, "args": "{}", "basis": "{}", "lane": "-:void", "inverse": None, "undone": 1, "conflict": None,
    "hold_until": None,
}  # fmt: skip
"""What an operation is that was taken back before it was sent."""


class Found(Protocol):
    """Rows by key, each with where it comes from, and whether the table was read as a whole."""

    @property
    def rows(self) -> Mapping[tuple[Any, ...], tuple[dict[str, Any], str]]: ...
    @property
    def whole(self) -> bool: ...


class Operations(NamedTuple):
    """Rows for the new outbox; numbers of the pending ones among them, of those that are lost, and of those of which nobody knows
    whether they were sent or taken back. `words` are rows of which only the words are used. `counted`: nothing else is lost.
    `whole`: nothing is missing that the backend may ask for.
    """

    rows: tuple[dict[str, Any], ...]
    kept: tuple[int, ...]
    lost: tuple[int, ...]
    doubtful: tuple[int, ...]
    words: tuple[dict[str, Any], ...]
    counted: bool
    whole: bool


def operations(looks: Images, found: Found, lanes: Found, copied: Sequence[dict[str, Any]]) -> Operations:
    """Judges what was found of the outbox.

    A row out of an older page or a copy may be of an operation that is acknowledged or taken back since: it has no lanes then.
    Where the lanes cannot be read only the last thing done is in doubt: what is before it is hardly taken back any more, and the
    backend knows what it has. One that is pending again counts as tried, so that nothing of it changes any more.
    """
    tied = {row["op_no"] for row, _ in lanes.rows.values() if isinstance(row.get("op_no"), int)}
    fit = {row["op_no"]: (row, source) for row, source in found.rows.values() if _fits(row)}
    rows = {number: row for number, (row, _) in fit.items() if row["state"] == "acked"}
    last = max(rows, default=min({*fit, *tied}, default=1) - 1)
    newest = {_last_verb(row for row, _ in found.rows.values()), _last_verb(copied)}
    doubtful: dict[int, dict[str, Any]] = {}
    for number, (row, source) in fit.items():
        if number in rows:
            continue
        if source == "now" or row["kind"] == "void":
            rows[number] = row
        elif number in tied or (not lanes.whole and row["verb"] not in newest):
            rows[number] = {**row, "tries": max(1, row["tries"])}
        elif not lanes.whole:
            doubtful[number] = row
        elif number > last:
            rows[number] = {**row, **VOID}
    told, counted = _numbers(looks)
    every = {row["op_no"]: row for row, _ in found.rows.values() if isinstance(row.get("op_no"), int)}
    told |= {*tied, *every}
    missing = {number for number in told if number > last and number not in rows and number not in doubtful}
    counted = counted or found.whole
    return Operations(
        rows=tuple(rows[number] for number in sorted(rows)),
        kept=tuple(n for n in sorted(rows) if rows[n]["state"] == "pending" and rows[n]["kind"] != "void"),
        lost=tuple(sorted(n for n in missing if n in tied or n in every or not lanes.whole)),
        doubtful=tuple(sorted(doubtful)),
        words=(*doubtful.values(), *(every[n] for n in every if n in missing), *_torn(looks, every)),
        counted=counted,
        whole=counted and all(number in rows for number in range(last + 1, max(told, default=0) + 1)),
    )


def _last_verb(rows: Iterable[dict[str, Any]]) -> object:
    return max(
        ((row["op_no"], row.get("verb")) for row in rows if isinstance(row.get("op_no"), int)), default=(0, None)
    )[1]


def _numbers(looks: Images) -> tuple[set[int], bool]:
    """Numbers of what waits as the index tells them, and whether those are all."""
    found: set[int] = set()
    for look in filter(None, (looks.now, looks.before)):
        numbers, whole = look.pending_numbers()
        found |= numbers
        if whole:
            return found, True
    return found, False


def tell(connection: Connection, looks: Images, found: Operations, known: set[str], agent_id: str, now: int) -> int:
    """Puts words that are not sent by themselves into notices, and says what happened in one more; returns how many words."""
    words = [
        (str(row.get("op_id")), _words(row), _conversation(row), row.get("at") or now)
        for row in found.words
        if row.get("op_id") not in known
    ]
    if found.lost or not found.counted:
        words += [
            (str(op_id), text, conversation, at)
            for op_id, text, conversation, at in looks.unsent(agent_id)
            if op_id not in known
        ]
    texts = {op_id: (text, conversation, at) for op_id, text, conversation, at in reversed(words) if text}
    connection.executemany(
        "INSERT OR REPLACE INTO notice (id, op_id, level, code, facts, body, conversation_id, at) "
        "VALUES (?, ?, 'rejected', 'salvaged', '{}', ?, ?, ?)",
        [
            (derive("salvaged", op_id), op_id, text, conversation, at if isinstance(at, int) else now)
            for op_id, (text, conversation, at) in texts.items()
        ],
    )
    told = {"kept": str(len(found.kept)), "lost": str(len(found.lost) + len(found.doubtful)), "texts": str(len(texts))}
    connection.execute(
        "INSERT INTO notice (id, level, code, facts, body, at) VALUES (?, 'info', 'mended', ?, '', ?)",
        (derive("mended", str(now)), json.dumps(told), now),
    )
    return len(texts)


def _torn(looks: Images, known: Mapping[int, Any]) -> list[dict[str, Any]]:
    """What was being written when the store was cut off: no commit follows it, so that nobody was told it was done."""
    if looks.torn is None:
        return []
    last = max(known, default=0)
    return [
        row
        for row in looks.torn.scan("outbox").rows
        if isinstance(row.get("op_no"), int) and row["op_no"] > last and isinstance(row.get("args"), str)
    ]


def _fits(row: dict[str, Any]) -> bool:
    """Whether this is a row of the outbox that can be sent."""
    texts = ("op_id", "verb", "kind", "actor_id", "lane", "basis", "args", "state")
    numbers = ("op_no", "v", "at", "tries", "undone")
    if not all(isinstance(row.get(name), str) for name in texts):
        return False
    if not all(isinstance(row.get(name), int) for name in numbers) or row["op_no"] < 1:
        return False
    try:
        msgspec.json.decode(row["basis"], type=Basis)
        return isinstance(json.loads(row["args"]), dict) and row["state"] in ("pending", "acked")
    except (ValueError, msgspec.DecodeError):
        return False


def _arguments(row: dict[str, Any]) -> dict[str, Any]:
    try:
        args = json.loads(row["args"])
    except (KeyError, TypeError, ValueError):
        return {}
    return args if isinstance(args, dict) else {}


def _words(row: dict[str, Any]) -> str:
    """What an agent wrote in an operation; everything it says where that cannot be told."""
    args = _arguments(row)
    text = args.get("text") or args.get("note")
    if isinstance(text, str):
        return text
    if not args:
        return str(row.get("args") or "")
    longer = {name: value for name, value in args.items() if not name.endswith("id")}
    return f"{row.get('kind')} {json.dumps(longer, ensure_ascii=False)}" if longer else ""


def _conversation(row: dict[str, Any]) -> str | None:
    id = _arguments(row).get("conversation_id")
    return id if isinstance(id, str) else None
