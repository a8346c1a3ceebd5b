"""What is written is harmless for terminals and spreadsheets, and says the same to programs."""

import csv
import io
import json

import pytest

from kefu_tui.cli.output import Column, as_csv, as_json, as_lines, column, csv_cell, from_csv_cell
from kefu_tui.cli.words import both
from tests.cli.program import harmful

NASTY = [
    "\x1b]52;c;aGk=\x07",
    "\x1b[2J\x9b31m",
    "\x00\x7f\x85",
    "\u202eabc\u2066\u200b\ufeff",
    "a\u2028b\u2029c",
    "\ud800 lone",
    "e" + "\u0301" * 40,
    "\U000e0041\U0010ffff",
    "[bold]客户[/] 👩‍👩‍👧 １２",
    'quote " back \\ slash\nline\ttab',
]


@pytest.mark.parametrize("text", NASTY)
def test_json_keeps_the_value_and_no_terminal_obeys_it(text: str) -> None:
    told = as_json({"text": text})
    assert json.loads(told) == {"text": text}
    assert harmful(told) == []


def test_json_leaves_chinese_readable() -> None:
    assert as_json({"名": "陈雨桐，您好！（１２）é"}) == '{"名": "陈雨桐，您好！（１２）é"}'


def test_json_cuts_no_mark_of_a_real_word_and_escapes_a_flood() -> None:
    assert "\\u0301" not in as_json("e\u0301 a\u0302\u0301")
    assert as_json("e" + "\u0301" * 5).count("\\u0301") == 2


@pytest.mark.parametrize("text", NASTY)
def test_csv_and_tables_show_it_harmless_on_one_line(text: str) -> None:
    assert harmful(as_csv([{"text": text}])) == []
    table = as_lines([column("t", "text")], [{"text": text}], "en")
    assert harmful(table) == []
    assert table.count("\n") == 2


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@SUM(A1)", "＝1", " =1", "'=1", "\t=1", "-1+2"])
def test_csv_runs_nothing_in_a_spreadsheet_and_reads_back(text: str) -> None:
    cell = csv_cell(text)
    assert isinstance(cell, str)
    assert cell.startswith("'")
    assert from_csv_cell(cell).strip() == text.strip()


@pytest.mark.parametrize("text", ["-12.50", "128.00", "+86", "a=b", "客户"])
def test_csv_leaves_figures_and_words(text: str) -> None:
    assert csv_cell(text) == text


def test_csv_has_a_header_and_json_in_lists() -> None:
    told = list(csv.reader(io.StringIO(as_csv([{"a": 1, "b": None, "c": ["x"]}, {"a": True, "b": "y", "c": []}]))))
    assert told == [["a", "b", "c"], ["1", "", '["x"]'], ["true", "y", "[]"]]


def test_table_lines_up_by_cells_and_cuts_nothing() -> None:
    long = "话" * 200
    columns = [column(both("编号", "id"), "id"), Column("n", lambda row: str(row["n"]), right=True), column("t", "t")]
    lines = as_lines(columns, [{"id": "客户", "n": 5, "t": long}, {"id": "a", "n": 12, "t": "x"}], "zh").splitlines()
    assert lines[0] == "编号   n  t"
    assert lines[1] == f"客户   5  {long}"
    assert lines[2] == "a     12  x"
