"""Documents say what is there: links, commands, keys, codes, shapes; and the manual is the same in both languages."""

import json
import pathlib
import re
import shlex
import tempfile
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import typer
from fastapi.routing import APIRoute

from docs.generate import LANGS, MANUAL, keys_page
from kefu_tui import wire
from kefu_tui.backend import auth, chat_api, health_api, intake_api, orders_api, sync_api
from kefu_tui.backend.problems import OWN
from kefu_tui.cli.grammar import hoisted
from kefu_tui.cli.main import build
from kefu_tui.keymap import load
from kefu_tui.model.rows import TABLES
from kefu_tui.operations.base import Basis
from kefu_tui.operations.refusals import REASONS
from kefu_tui.operations.registry import KINDS

ROOT = pathlib.Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    [*ROOT.glob("*.md"), ROOT / "data" / "README.md", *(page for page in DOCS.rglob("*.md") if page.name != "cli.md")]
)
PRINTED = ("kefu backend ready on",)
"""What looks like a command and is what the program says."""
HOSTS = {"127.0.0.1", "HOST", "主机", "shop.example", "keepachangelog.com", "semver.org", "www.standardwebhooks.com"}


def name_of(page: pathlib.Path) -> str:
    return str(page.relative_to(ROOT))


def read(page: pathlib.Path) -> str:
    return page.read_text(encoding="utf-8")


def fenced(text: str, *langs: str) -> Iterator[str]:
    """The blocks of code of a page in these languages."""
    for lang, block in re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE):
        if lang in langs:
            yield block


def prose(text: str) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)


each_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


@each_page
def test_every_link_leads_somewhere(page: pathlib.Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(read(page))):
        if "://" not in target:
            assert (page.parent / target.partition("#")[0]).exists(), target


@each_page
def test_hosts_and_paths_are_nobodys(page: pathlib.Path) -> None:
    text = read(page)
    assert set(re.findall(r"https?://([^/:\s`)\"…]+)", text)) <= HOSTS
    for path in (ROOT, pathlib.Path.home(), pathlib.Path(tempfile.gettempdir())):
        assert f"{path}/" not in text, path


@each_page
def test_every_block_of_json_is_json(page: pathlib.Path) -> None:
    for block in fenced(read(page), "json"):
        json.loads(block)


@each_page
def test_every_target_of_make_is_there(page: pathlib.Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    text = read(page)
    blocks = [line for block in fenced(text, "sh") for line in block.splitlines()]
    for line in [*re.findall(r"`(make [^`]*)`", prose(text)), *blocks]:
        if line.startswith("make "):
            assert line.split()[1] in targets, line


class TestCommands:
    """`kefu …` in the documents is what the program takes."""

    @each_page
    def test_blocks_are_commands_as_they_stand(self, page: pathlib.Path) -> None:
        for block in fenced(read(page), "sh", "console"):
            for line in block.splitlines():
                for part in line.strip().removeprefix("$ ").split(" | "):
                    words = shlex.split(part, comments=True)
                    if words[:1] == ["kefu"] and not part.startswith(PRINTED):
                        parse(words[1:])

    @each_page
    def test_mentions_name_commands_and_options_that_exist(self, page: pathlib.Path) -> None:
        for mention in re.findall(r"`(kefu [^`]*)`", prose(read(page))):
            if not mention.startswith(PRINTED):
                command, rest = resolve(shlex.split(mention)[1:])
                known = {name for param in command.params for name in param.opts} | {"--help"}
                unknown = {word for word in rest if word.startswith("--") and word not in known}
                assert not unknown, mention

    def test_a_wrong_one_is_found(self) -> None:
        for wrong in (["queue", "--view", "sideways"], ["user", "remove", "mei"], ["take", "a", "b", "c"]):
            with pytest.raises(Exception):  # noqa: B017, PT011 - whichever way it is wrong
                parse(wrong)


def resolve(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words name, and what follows it, global options left out."""
    command: Any = build("en")
    rest = hoisted(words)
    while rest and rest[0].startswith("-"):
        flag = rest.pop(0)
        option = next((one for one in command.params if flag in one.opts), None)
        assert option is not None or flag in ("-h", "--help"), flag
        if option is not None and not option.is_flag and rest:
            rest.pop(0)
    while rest and hasattr(command, "commands"):
        assert rest[0] in command.commands, words
        command = command.commands[rest.pop(0)]
    return command, rest


def parse(words: list[str]) -> None:
    """Reads words as the program would, up to the point of doing anything."""
    command, rest = resolve(words)
    context = typer.Context(command, info_name=command.name)
    if "--help" not in rest and not hasattr(command, "commands"):
        command.parse_args(context, list(rest))


class TestManual:
    def test_pages_are_the_same_in_both_languages(self) -> None:
        chinese, english = ({page.name for page in (MANUAL / lang).glob("*.md")} for lang in LANGS)
        assert chinese == english
        for name in chinese:
            levels = [re.findall(r"^(#+) ", prose(read(MANUAL / lang / name)), re.MULTILINE) for lang in LANGS]
            assert levels[0] == levels[1], name

    @pytest.mark.parametrize("lang", LANGS)
    def test_keys_are_those_of_the_table(self, lang: str) -> None:
        assert read(MANUAL / lang / "keys.md") == keys_page(lang), "python -m docs.generate"

    @pytest.mark.parametrize("lang", LANGS)
    def test_the_keymap_shown_is_a_keymap(self, lang: str, tmp_path: pathlib.Path) -> None:
        (block,) = fenced(read(MANUAL / lang / "keys.md"), "toml")
        (tmp_path / "keymap.toml").write_text(block, encoding="utf-8")
        keymap, problems = load(tmp_path / "keymap.toml")
        assert problems == []
        assert keymap.keys["release"] == ()

    @pytest.mark.parametrize("lang", LANGS)
    def test_every_refusal_is_in_the_troubleshooting_page(self, lang: str) -> None:
        text = read(MANUAL / lang / "troubleshooting.md")
        for code, sentences in REASONS.items():
            sentence = re.sub(r" ?\{\w+\} ?", "…", sentences[LANGS.index(lang)])
            assert f"`{code}`" in text, code
            assert sentence in re.sub(r" ?… ?", "…", text), sentence

    @pytest.mark.parametrize("lang", LANGS)
    def test_every_way_a_command_ends_is_in_the_troubleshooting_page(self, lang: str) -> None:
        text = read(MANUAL / lang / "troubleshooting.md")
        codes = {"usage", "not-found"}
        for source in (ROOT / "kefu_tui" / "cli").glob("*.py"):
            codes.update(re.findall(r'Stop\(\s*[A-Z_]+,\s*"([a-z-]+)"', read(source)))
            codes.update(
                re.findall(r'^    "([a-z-]+)": \(\s*(?:REFUSED|SIGNED_OUT|DAMAGED)', read(source), re.MULTILINE)
            )
        assert len(codes) > 30
        assert {code for code in codes - {"pipe-closed"} if f"`{code}`" not in text} == set()


class TestProtocol:
    """The page is good enough for another client only as long as it names everything."""

    text = read(DOCS / "protocol.md")

    def named(self, word: str) -> bool:
        return bool(re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", self.text))

    def test_every_field(self) -> None:
        structs = [one for one in vars(wire).values() if isinstance(one, type) and issubclass(one, msgspec.Struct)]
        assert len(structs) >= 9
        fields = {(one.__name__, field) for one in (*structs, Basis) for field in one.__struct_fields__}
        assert {field for field in fields if not self.named(field[1])} == set()

    def test_every_endpoint(self) -> None:
        parts = (auth, sync_api, orders_api, chat_api, intake_api, health_api)
        paths = {route.path for part in parts for route in part.router.routes if isinstance(route, APIRoute)}
        assert len(paths) >= 15
        assert {path for path in paths if path not in self.text} == set()

    def test_every_code(self) -> None:
        assert {code for code in (*wire.FAILURES, *OWN) if not self.named(code)} == set()

    def test_every_operation_with_its_arguments(self) -> None:
        for kind, operation in KINDS.items():
            assert self.named(kind), kind
            assert {name for name in operation.__struct_fields__ if not self.named(name)} == set(), kind

    def test_every_table_in_column_order(self) -> None:
        for table in TABLES:
            lane = f"`{table.lane_prefix}:{table.lane_column}`"
            assert f"| `{table.table}` | {lane} | {', '.join(table.__struct_fields__)} |" in self.text, table.table
