"""Search in text by any characters: an index of character pairs, filled behind a watermark; what is newer is read as it is.

A text is split into runs of letters, digits and ideographs; a run `我的快递` is indexed as 我的 的快 快递 递. So one character is
a prefix, two are a word, more are a phrase, in every script.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

from kefu_tui.model.sql import Connection
from kefu_tui.rules.simplified import ways

BITE = 200
"""Rows indexed in one transaction, so that nobody waits for it."""
FRESH = 4000
"""Newest rows beyond the watermark that a search reads as they are."""
LOOKED_AT = 3000
"""Rows that fit the words and are looked at for one page; where more would be needed the answer is partial."""

SOURCES = {"message": "text", "customer": "name", "order_line": "title", "ticket": "title"}
"""Tables whose texts are indexed, and the column."""


def _noted(source: str, row: str) -> str:
    """SQL that notes a row to be indexed again. No OR IGNORE: a statement that fires a trigger overrides what is in it."""
    return (
        f"INSERT INTO reindex SELECT '{source}', {row} WHERE NOT EXISTS "
        f"(SELECT 1 FROM reindex WHERE source = '{source}' AND row = {row})"
    )


SCHEMA: tuple[str, ...] = (
    "CREATE TABLE IF NOT EXISTS reindex (source TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (source, row)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS indexed (source TEXT PRIMARY KEY, upto INTEGER NOT NULL) WITHOUT ROWID",
    *(
        statement
        for source, column in SOURCES.items()
        for statement in (
            f"INSERT OR IGNORE INTO indexed VALUES ('{source}', 0)",
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {source}_fts USING fts5 "
            "(pairs, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0', prefix='1')",
            f"CREATE TRIGGER IF NOT EXISTS {source}_changed AFTER UPDATE OF {column} ON {source} "
            f"WHEN old.{column} IS NOT new.{column} AND new.rowid <= (SELECT upto FROM indexed WHERE source = '{source}') "
            "BEGIN " + _noted(source, "new.rowid") + "; END",
            f"CREATE TRIGGER IF NOT EXISTS {source}_again AFTER INSERT ON {source} "
            f"WHEN new.rowid <= (SELECT upto FROM indexed WHERE source = '{source}') "
            "BEGIN " + _noted(source, "new.rowid") + "; END",
            f"CREATE TRIGGER IF NOT EXISTS {source}_gone AFTER DELETE ON {source} "
            f"WHEN old.rowid <= (SELECT upto FROM indexed WHERE source = '{source}') "
            "BEGIN " + _noted(source, "old.rowid") + "; END",
        )
    ),
)
"""The index's own tables, and what keeps it true when indexed rows change."""

_RUNS = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """A text as it is searched: compatibility forms and case folded."""
    return unicodedata.normalize("NFKC", text).lower()


def pairs(text: str) -> str:
    """The index words of a text, one after the other."""
    words: list[str] = []
    for run in _RUNS.findall(folded(text)):
        words += [run[at : at + 2] for at in range(len(run) - 1)]
        words.append(run[-1])
    return " ".join(words)


def expression(words: tuple[str, ...]) -> str:
    """The FTS5 query that every row with all these words fits; '' where they have nothing that is indexed."""
    parts: list[str] = []
    for word in words:
        for run in _RUNS.findall(folded(word)):
            found = [_phrase(way) for way in ways(run)]
            parts.append(found[0] if len(found) == 1 else "(" + " OR ".join(found) + ")")
    return " AND ".join(parts)


def _phrase(run: str) -> str:
    if len(run) == 1:
        return f'"{run}"*'
    return '"' + " ".join(run[at : at + 2] for at in range(len(run) - 1)) + '"'


def fill(connection: Connection, bite: int = BITE) -> int:
    """Indexes the next rows, at most `bite` of each source, in the caller's transaction; how many there were."""
    done = 0
    for source, column in SOURCES.items():
        again = connection.execute("SELECT row FROM reindex WHERE source = ? LIMIT ?", (source, bite)).fetchall()
        for (row,) in again:
            connection.execute(f"DELETE FROM {source}_fts WHERE rowid = ?", (row,))
            now = connection.execute(f"SELECT {column} FROM {source} WHERE rowid = ?", (row,)).fetchone()
            if now is not None:
                connection.execute(f"INSERT INTO {source}_fts (rowid, pairs) VALUES (?, ?)", (row, pairs(now[0])))
            connection.execute("DELETE FROM reindex WHERE source = ? AND row = ?", (source, row))
        (upto,) = connection.execute("SELECT upto FROM indexed WHERE source = ?", (source,)).fetchone()
        rows = connection.execute(
            f"SELECT rowid, {column} FROM {source} WHERE rowid > ? ORDER BY rowid LIMIT ?", (upto, bite)
        ).fetchall()
        if rows:
            connection.executemany(
                f"INSERT OR REPLACE INTO {source}_fts (rowid, pairs) VALUES (?, ?)",
                [(row, pairs(text)) for row, text in rows],
            )
            connection.execute("UPDATE indexed SET upto = ? WHERE source = ?", (rows[-1][0], source))
        done += len(rows) + len(again)
    return done


def fill_all(connection: Connection) -> None:
    """Indexes everything at once, in the caller's transaction: for a store that nobody works at yet."""
    for source in SOURCES:
        for setting, value in (("automerge", 0), ("hashsize", 64_000_000)):
            connection.execute(f"INSERT INTO {source}_fts ({source}_fts, rank) VALUES (?, ?)", (setting, value))
    while fill(connection, 100_000):
        pass
    for source in SOURCES:
        for setting, value in (("automerge", 4), ("hashsize", 1_000_000)):
            connection.execute(f"INSERT INTO {source}_fts ({source}_fts, rank) VALUES (?, ?)", (setting, value))


def waiting(connection: Connection) -> int:
    """How many rows are not indexed yet, about."""
    (again,) = connection.execute("SELECT count(*) FROM reindex").fetchone()
    behind = 0
    for source in SOURCES:
        (upto,) = connection.execute("SELECT upto FROM indexed WHERE source = ?", (source,)).fetchone()
        (last,) = connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {source}").fetchone()
        behind += max(0, last - upto)
    return int(again) + behind


class Candidate(NamedTuple):
    """A row that may fit: its rowid and what was selected of it."""

    row: int
    values: tuple[Any, ...]


def candidates(
    connection: Connection,
    source: str,
    words: tuple[str, ...],
    columns: str,
    joins: str,
    where: str,
    values: dict[str, Any],
) -> Iterator[Candidate]:
    """Rows that may hold all words, the newest first: first those that are not indexed, then those of the index.

    `columns`, `joins` and `where` are SQL on the source under the name `x`. Whether the words really occur is for the caller
    to check: the index knows no punctuation, and rows that are not indexed come unchecked.
    """
    (upto,) = connection.execute("SELECT upto FROM indexed WHERE source = ?", (source,)).fetchone()
    base = f"SELECT x.rowid, {columns} FROM {source} x {joins}"
    match = expression(words)
    fresh = f"{base} WHERE x.rowid > :upto AND {where} ORDER BY x.rowid DESC LIMIT {FRESH}"
    for row in connection.execute(fresh, {**values, "upto": upto if match else 0}):
        yield Candidate(row[0], row[1:])
    again = f"{base} JOIN reindex r ON r.source = '{source}' AND r.row = x.rowid WHERE {where} LIMIT {FRESH}"
    for row in connection.execute(again, values):
        yield Candidate(row[0], row[1:])
    if not match:
        return
    for (row,) in connection.execute(
        f"SELECT rowid FROM {source}_fts WHERE {source}_fts MATCH :match ORDER BY rowid DESC LIMIT {LOOKED_AT}",
        {"match": match},
    ):
        found = connection.execute(f"{base} WHERE x.rowid = :row AND {where}", {**values, "row": row}).fetchone()
        if found is not None:
            yield Candidate(found[0], found[1:])
        else:
            yield Candidate(row, ())


def spans(text: str, words: tuple[str, ...]) -> list[tuple[int, int]] | None:
    """Where the words stand in a text, by characters of the text, merged; None where one of them does not occur.

    A word is found in simplified and in traditional characters, whichever it is asked in.
    """
    low = folded(text)
    if len(low) != len(text):
        # Folding changed the length: map each folded character back to where it came from.
        back = [at for at, char in enumerate(text) for _ in folded(char)]
        low = "".join(folded(char) for char in text)
    else:
        back = list(range(len(text)))
    found: list[tuple[int, int]] = []
    for word in words:
        before = len(found)
        for way in ways(folded(word)):
            at = low.find(way)
            while at >= 0:
                end = at + len(way)
                found.append((back[at], back[end - 1] + 1))
                at = low.find(way, end)
        if len(found) == before:
            return None
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
