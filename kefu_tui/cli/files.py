"""Files that others wrote: CSV in any encoding read with limits, and files of our own written."""

import csv
import io
import pathlib
from collections.abc import Iterator

from kefu_tui.cli.errors import REFUSED, Stop, misused, not_found

MOST_BYTES = 64 << 20
MOST_ROWS = 500_000


def read_csv(path: pathlib.Path, encoding: str | None = None) -> tuple[list[str], list[list[str]], str]:
    """Header, rows and encoding of a CSV file; stops the call with one line where it is none."""
    text, used = _decoded(path, _bytes(path), encoding)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = list(_limited(reader, path))
    except csv.Error as error:
        raise _bad(path, reader.line_num, str(error)) from None
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise Stop(REFUSED, "bad-file", f"{path}：第一行没有表头。", f"{path}: the first line holds no header.")
    return rows[0], rows[1:], used


def write_new(path: pathlib.Path, text: str, encoding: str = "utf-8-sig") -> None:
    """Writes a file for its owner's eyes; what the encoding lacks becomes a question mark."""
    path.touch(mode=0o600)
    path.write_text(text, encoding=encoding, errors="replace", newline="")


def _bytes(path: pathlib.Path) -> bytes:
    if not path.exists():
        raise not_found(f"没有文件 {path}。", f"There is no file {path}.")
    if not path.is_file():
        raise not_found(f"{path} 不是文件。", f"{path} is not a file.")
    if path.stat().st_size > MOST_BYTES:
        size = MOST_BYTES >> 20
        raise Stop(
            REFUSED, "too-large", f"{path} 超过 {size} MB，分开来导。", f"{path} has more than {size} MB: split it."
        )
    return path.read_bytes()


def _decoded(path: pathlib.Path, data: bytes, encoding: str | None) -> tuple[str, str]:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Stop(
            REFUSED, "bad-file", f"{path} 是 Excel 文件，另存为 CSV 再导。", f"{path} is an Excel file: save it as CSV."
        )
    if encoding:
        try:
            return data.decode(encoding), encoding
        except LookupError:
            raise misused(f"没有编码 {encoding}。", f"There is no encoding {encoding}.") from None
        except UnicodeDecodeError as error:
            raise Stop(
                REFUSED,
                "bad-encoding",
                f"{path} 不是 {encoding}（第 {error.start + 1} 个字节）。",
                f"{path} is not {encoding} (byte {error.start + 1}).",
            ) from None
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for one in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(one), one
        except UnicodeDecodeError:
            continue
    from charset_normalizer import from_bytes

    best = from_bytes(data[: 1 << 20]).best()
    if best is None:
        raise Stop(
            REFUSED,
            "bad-encoding",
            f"认不出 {path} 的编码，用 --encoding 写明。",
            f"The encoding of {path} is unknown: name it with --encoding.",
        )
    return data.decode(best.encoding, errors="replace"), best.encoding


def _limited(reader: Iterator[list[str]], path: pathlib.Path) -> Iterator[list[str]]:
    for number, row in enumerate(reader, start=1):
        if number > MOST_ROWS:
            raise Stop(
                REFUSED,
                "too-large",
                f"{path} 超过 {MOST_ROWS} 行，分开来导。",
                f"{path} has more than {MOST_ROWS} rows: split it.",
            )
        yield row


def _bad(path: pathlib.Path, line: int, why: str) -> Stop:
    return Stop(REFUSED, "bad-file", f"{path} 第 {line} 行读不了：{why}", f"{path}, line {line} cannot be read: {why}")
