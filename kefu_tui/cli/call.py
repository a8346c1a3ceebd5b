"""One call of `kefu`: which desk, which language, how it answers."""

import contextlib
import os
import pathlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kefu_tui.cli.errors import PIPE_CLOSED, REFUSED, SIGNED_OUT, Stop, misused
from kefu_tui.cli.words import LANGS

if TYPE_CHECKING:
    import typer

    from kefu_tui.cli.output import Column, Row
    from kefu_tui.desk import Desk, Done, Refusal
    from kefu_tui.desk.home import Home


class Call:
    """What the global options say, and the ways in and out that every command uses."""

    def __init__(self, lang: str = "zh", chosen: bool = False, environ: Mapping[str, str] = os.environ) -> None:
        self.lang = lang
        self.lang_chosen = chosen
        self.environ = environ
        self.folder: pathlib.Path | None = pathlib.Path(environ["KEFU_HOME"]) if environ.get("KEFU_HOME") else None
        self.backend = ""
        self.output = ""
        self.plain = False
        self.quiet = False
        self.verbose = False
        self._passphrase: str | None = None

    def say(self, zh: str, en: str) -> str:
        """The text in the language of this call."""
        return en if self.lang == "en" else zh

    # The desk

    def home(self) -> "Home":
        """The home folder of the desk."""
        from kefu_tui.desk.home import Home

        folder = self.folder
        if folder is None:
            import platformdirs

            folder = platformdirs.user_data_path("kefu")
        return Home(folder)

    @contextlib.contextmanager
    def desk(self, *, signed_in: bool = True) -> Iterator["Desk"]:
        """The desk, open while the block runs. Stops the call where nobody is signed in, if that matters."""
        from kefu_tui.desk import reads_cli
        from kefu_tui.desk.home import open_desk

        home = self.home()
        store = home.open_store(self.ask_passphrase())
        try:
            desk = open_desk(home, store, self.lang)
            if not self.lang_chosen and (kept := reads_cli.language(desk)) in LANGS:
                self.lang = desk.lang = kept
            if signed_in and not reads_cli.signed_in(desk):
                raise Stop(
                    SIGNED_OUT,
                    "not-signed-in",
                    f"已退出登录：{home.folder}。登录：kefu login",
                    f"Signed out: {home.folder}. Sign in: kefu login",
                )
            yield desk
        finally:
            store.close()

    def ask_passphrase(self, *, fresh: bool = False) -> Callable[[], str] | None:
        """How to ask for the store's passphrase: once in a call, twice for a new store; None without a terminal."""
        if not can_ask():
            return None

        def ask() -> str:
            import getpass

            if self._passphrase is None:
                told = getpass.getpass(self.say("本机数据的口令：", "Passphrase of the store: "), stream=sys.stderr)
                if fresh and told != getpass.getpass(self.say("再输一遍：", "Once more: "), stream=sys.stderr):
                    raise Stop(REFUSED, "no-key", "两次输入不一样。", "The two do not match.")
                self._passphrase = told
            return self._passphrase

        return ask

    # Answers

    @property
    def format(self) -> str:
        """table, json, ndjson or csv: what was asked for, else JSON where the output is no terminal."""
        return self.output or ("table" if sys.stdout.isatty() else "json")

    def rows(self, rows: "Iterable[Row]", columns: "Sequence[Column]", *, empty: tuple[str, str] = ("", "")) -> None:
        """Answers with a list. `empty` is said beside the table when there is nothing in it."""
        from kefu_tui.cli.output import as_csv, as_json, as_lines, draw

        rows = list(rows)
        if self.format == "json":
            self.write(as_json(rows, indent=2 if sys.stdout.isatty() else None) + "\n")
        elif self.format == "ndjson":
            self.write("".join(as_json(row) + "\n" for row in rows))
        elif self.format == "csv":
            self.write(as_csv(rows))
        elif not rows:
            self.tell(*empty)
        elif sys.stdout.isatty() and not self.plain:
            with self._piped():
                draw(columns, rows, self.lang)
        else:
            self.write(as_lines(columns, rows, self.lang))

    def one(self, row: "Row", titles: Mapping[str, str] | None = None, *, text: str | None = None) -> None:
        """Answers with one thing; as a table it is `text`, or a line for each title."""
        from kefu_tui.cli.output import as_csv, as_facts, as_json

        if self.format == "json":
            self.write(as_json(row, indent=2 if sys.stdout.isatty() else None) + "\n")
        elif self.format == "ndjson":
            self.write(as_json(row) + "\n")
        elif self.format == "csv":
            self.write(as_csv([row]))
        else:
            self.write(as_facts(row, titles or {}, self.lang) if text is None else text)

    def outcome(self, outcome: "Done | Refusal", *more: tuple[str, Any]) -> None:
        """Answers with what a verb did; stops the call where it was refused."""
        from kefu_tui.desk import Refusal
        from kefu_tui.text import clean

        if isinstance(outcome, Refusal):
            raise Stop(REFUSED, outcome.code, outcome.say("zh"), outcome.say("en"))
        told = {"op_id": outcome.op_id, "status": outcome.status, "said": outcome.said, **dict(more)}
        self.one(told, text=f"{clean(outcome.said)}  {outcome.op_id}\n")

    def write(self, text: str) -> None:
        """Data, to standard output."""
        with self._piped():
            sys.stdout.write(text)
            sys.stdout.flush()

    def tell(self, zh: str, en: str) -> None:
        """A word beside the data, to standard error; not with -q."""
        if not self.quiet and (told := self.say(zh, en)):
            print(told, file=sys.stderr)

    @contextlib.contextmanager
    def _piped(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            # Nobody reads any more; what Python still holds must not fail at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise Stop(PIPE_CLOSED, "pipe-closed") from None


def here(ctx: "typer.Context") -> Call:
    """The call that a command runs in."""
    call = ctx.find_root().obj
    assert isinstance(call, Call)
    return call


def can_ask() -> bool:
    """Whether a person sits at the other end."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def told_text(text: str) -> str:
    """A text argument; `-` stands for standard input."""
    return standard_input() if text == "-" else text


def standard_input() -> str:
    """Everything from standard input, in UTF-8, without the newline at its end."""
    data = sys.stdin.buffer.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise misused(
            f"标准输入不是 UTF-8（第 {error.start + 1} 个字节）。",
            f"Standard input is not UTF-8 (byte {error.start + 1}).",
        ) from None
    return text.replace("\r\n", "\n").removesuffix("\n")


def first_line() -> str:
    """The first line of standard input: a password."""
    return sys.stdin.readline().rstrip("\r\n")
