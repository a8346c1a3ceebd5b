"""What demo customers write: dialogues from our own story (TOML) or from recorded chats (TSV)."""

import csv
import pathlib
import random
import re
import tomllib
from collections.abc import Iterator
from typing import Any, NamedTuple

from kefu_tui.config import box

ORDER = "{order}"
"""Stands in a text where the customer writes the number of its order."""

COLUMNS = ("session_id", "waiter_send", "text")
"""What is read of a recorded chat; more columns do no harm."""

_ORDER_BLANK = re.compile(r"\[订单x\]|\[ORDERID_\d+\]")
_LONGEST_PAUSE = 40.0


class Turn(NamedTuple):
    """One line. `after` is seconds of the story after the turn before; `party` is customer or agent."""

    after: float
    party: str
    text: str


class Dialogue(NamedTuple):
    """One customer and what is said. `order`: this customer has bought something. The first turn is the customer's."""

    key: str
    name: str
    locale: str
    kind: str
    tier: str
    order: bool
    turns: tuple[Turn, ...]

    @property
    def seconds(self) -> float:
        """How long it takes when nobody lingers, in seconds of the story."""
        return sum(turn.after for turn in self.turns)


class StoryError(Exception):
    """The dialogues cannot be used; the message is one line: the file, where in it, and what is wrong."""


def load(path: pathlib.Path | None, seed: int) -> list[Dialogue]:
    """The dialogues of a file: `.toml` as in data/README.md, else a TSV of recorded chats; None is our own story.

    Recorded chats have no pauses and no names: both come from the seed. Raises StoryError.
    """
    path = path or box("demo", "story.toml")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise StoryError(f"{path}: there is no such file") from None
    except (OSError, UnicodeError) as error:
        raise StoryError(f"{path}: cannot be read as UTF-8 text ({error})") from None
    if path.suffix.lower() == ".toml":
        try:
            return _told(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise StoryError(f"{path}: {error}") from None
        except StoryError as error:
            raise StoryError(f"{path}: {error}") from None
    try:
        return _recorded(text, seed)
    except (StoryError, csv.Error) as error:
        raise StoryError(f"{path}: {error}") from None


def _told(data: dict[str, Any]) -> list[Dialogue]:
    dialogues = data.get("dialogue")
    if not isinstance(dialogues, list) or not dialogues:
        raise StoryError("no [[dialogue]] in it")
    return [_dialogue(entry, number) for number, entry in enumerate(dialogues, 1)]


def _dialogue(entry: Any, number: int) -> Dialogue:
    where = f"dialogue {number}"
    try:
        where += f" ({entry['name']})"
        turns = tuple(Turn(float(turn["after"]), turn["from"], str(turn["text"])) for turn in entry["turn"])
        order = bool(entry.get("order", False))
        dialogue = Dialogue(
            str(number), entry["name"], entry["locale"], entry["kind"], entry.get("tier", "new"), order, turns
        )
    except KeyError as error:
        raise StoryError(f"{where}: {error.args[0]} is missing") from None
    except (TypeError, ValueError) as error:
        raise StoryError(f"{where}: {error}") from None
    for turn in turns:
        if turn.party not in ("customer", "agent") or not turn.text.strip():
            raise StoryError(f"{where}: a turn is from customer or agent and has a text")
        if turn.after < 0:
            raise StoryError(f"{where}: a turn cannot come before the one before it")
    if not turns or turns[0].party != "customer":
        raise StoryError(f"{where}: the customer begins")
    return dialogue


def _recorded(text: str, seed: int) -> list[Dialogue]:
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    lacking = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if lacking:
        raise StoryError(f"line 1: no column {', '.join(lacking)}; columns are separated by tabs")
    sessions: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if any(row[name] is None for name in COLUMNS) or row["waiter_send"] not in ("0", "1"):
            raise StoryError(f"line {rows.line_num}: a column is missing, or waiter_send is neither 0 nor 1")
        party = "agent" if row["waiter_send"] == "1" else "customer"
        sessions.setdefault(row["session_id"], []).append((party, row["text"]))
    dialogues = [one for session, lines in sessions.items() for one in _session(session, lines, seed)]
    if not dialogues:
        raise StoryError("no customer writes in it")
    return dialogues


def _session(session: str, lines: list[tuple[str, str]], seed: int) -> Iterator[Dialogue]:
    """A recorded chat from the customer's first line on; its blank of an order number becomes ours."""
    first = next((place for place, (party, _) in enumerate(lines) if party == "customer"), len(lines))
    spoken = [(party, _ORDER_BLANK.sub(ORDER, text)) for party, text in lines[first:] if text.strip()]
    if not spoken or spoken[0][0] != "customer":
        return
    chance = random.Random(f"{seed}:{session}")
    turns = tuple(Turn(_pause(chance, party, text), party, text) for party, text in spoken)
    order = any(ORDER in turn.text for turn in turns)
    yield Dialogue(session, invented_name(chance), "zh", "other", "new", order, turns)


def _pause(chance: random.Random, party: str, text: str) -> float:
    """A customer thinks longer and types slower than an agent."""
    typing = len(text) / (3.0 if party == "customer" else 6.0)
    thinking = chance.expovariate(1 / (4.0 if party == "customer" else 3.0))
    return round(min(_LONGEST_PAUSE, 1.5 + typing + thinking), 1)


_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
_GIVEN = "雨桐志远思齐晓曼立新婉清佳宁浩然小满子墨静怡建国若溪文博雨薇启明梦洁一帆雅琴凯思涵秋月安然书瑶嘉树南星知夏云"


def invented_name(chance: random.Random) -> str:
    """The name of nobody."""
    given = "".join(chance.choice(_GIVEN) for _ in range(chance.choice((1, 2, 2))))
    return chance.choice(_SURNAMES) + given
