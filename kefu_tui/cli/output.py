"""How answers are written: JSON that no terminal obeys, CSV that no spreadsheet runs, tables cut only on a terminal."""

import csv
import io
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from kefu_tui.text import cells, clean

Row = Mapping[str, Any]

_PLAIN = re.compile("[^\n -~\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]+")
_FORMULA = re.compile(r"[\s']*[=+\-@\uff0b\uff0d\uff1d\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_MARKS = 3


class Column(NamedTuple):
    """One column of a table: its title in both languages and what stands in it."""

    title: str
    cell: Callable[[Row], str]
    right: bool = False


def column(title: str, key: str, *, right: bool = False) -> Column:
    """A column that shows one field."""
    return Column(title, lambda row: shown(row.get(key)), right)


def shown(value: object) -> str:
    """A value in a table or a list: words, nothing for None."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, list | tuple):
        return ", ".join(shown(one) for one in value)
    if isinstance(value, Mapping):
        return as_json(value)
    return str(value)


def as_json(value: object, *, indent: int | None = None) -> str:
    """JSON of the same value in which every control, direction and invisible character is an escape."""
    told = json.dumps(value, ensure_ascii=False, indent=indent)
    return _PLAIN.sub(lambda found: _escaped(found[0]), told)


def _escaped(run: str) -> str:
    out: list[str] = []
    marks = 0
    for char in run:
        category = unicodedata.category(char)
        marks = marks + 1 if category[0] == "M" else 0
        if (category[0] == "C" or category in ("Zl", "Zp") or marks > _MARKS) and char not in "\n":
            code = ord(char)
            if code > 0xFFFF:
                code -= 0x10000
                out.append(f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}")
            else:
                out.append(f"\\u{code:04x}")
        else:
            out.append(char)
    return "".join(out)


def as_csv(rows: Iterable[Row]) -> str:
    """CSV with a header; text is made harmless for terminals and for spreadsheets."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    header: list[str] | None = None
    for row in rows:
        if header is None:
            header = list(row)
            writer.writerow(header)
        writer.writerow([csv_cell(row.get(key)) for key in header])
    return buffer.getvalue()


def csv_cell(value: object, *, newlines: bool = False) -> object:
    """A value as a CSV cell; text that a spreadsheet would take for a formula gets an apostrophe in front."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, list | tuple | Mapping):
        return as_json(value)
    text = clean(str(value), newlines=newlines)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def from_csv_cell(text: str) -> str:
    """What `csv_cell` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def as_lines(columns: Sequence[Column], rows: Sequence[Row], lang: str) -> str:
    """A table of aligned columns without boxes, neither wrapped nor cut."""
    from kefu_tui.cli.words import pick

    grid = [[pick(one.title, lang) for one in columns]]
    grid += [[clean(one.cell(row)) for one in columns] for row in rows]
    widths = [max(cells(line[index]) for line in grid) for index in range(len(columns))]
    out = []
    for line in grid:
        parts = []
        for one, width, text in zip(columns, widths, line, strict=True):
            gap = " " * (width - cells(text))
            parts.append(gap + text if one.right else text + gap)
        out.append("  ".join(parts).rstrip())
    return "\n".join(out) + "\n"


def draw(columns: Sequence[Column], rows: Sequence[Row], lang: str) -> None:
    """A table on the terminal, as wide as it is."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from kefu_tui.cli.words import pick

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for one in columns:
        table.add_column(Text(pick(one.title, lang)), justify="right" if one.right else "left", overflow="fold")
    for row in rows:
        table.add_row(*[Text(clean(one.cell(row))) for one in columns])
    Console(file=sys.stdout, highlight=False).print(table)


def as_facts(row: Row, titles: Mapping[str, str], lang: str) -> str:
    """One thing as lines of `name  value`, `-` where there is none; with titles only what they name, in their order."""
    from kefu_tui.cli.words import pick

    names = {key: pick(titles[key], lang) for key in titles} or {key: key for key in row}
    width = max(map(cells, names.values()), default=0)
    lines = []
    for key, name in names.items():
        text = clean(shown(row.get(key)), newlines=True).replace("\n", "\n" + " " * (width + 2)) or "-"
        lines.append(f"{name}{' ' * (width - cells(name))}  {text}".rstrip())
    return "\n".join(lines) + "\n"
