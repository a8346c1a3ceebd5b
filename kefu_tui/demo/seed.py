"""`kefu seed`: fills a new home with a practice agent and any number of conversations, without a backend."""

import itertools
import json
import pathlib
import shutil
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from kefu_tui.config import box
from kefu_tui.demo.filling import Crew, Filling, Size
from kefu_tui.demo.shop import open_shop
from kefu_tui.demo.story import load
from kefu_tui.desk.home import AskPassphrase, Home
from kefu_tui.ids import derive
from kefu_tui.model.rows import Agent, Automation, CannedReply, Group, Membership, Policy, Row, Workflow
from kefu_tui.model.sql import COLUMNS, Connection
from kefu_tui.now import HOUR, Now, system_now
from kefu_tui.operations.automation import rule_id
from kefu_tui.rules import clocks
from kefu_tui.rules.automation import parse
from kefu_tui.rules.pinyin import keys
from kefu_tui.spoken import Spoken
from kefu_tui.store import facts, fulltext

EPOCH = "practice"
LOGIN = "practice"
BATCH = 2000
"""Conversations that are written together."""
MOST = 10_000_000

Progress = Callable[[int, int], None]
"""Gets how many conversations are in, and of how many."""


class SeedError(Spoken):
    """A store cannot be filled; the message is one line that says why and what to do."""


def seed(
    home_folder: pathlib.Path,
    conversations: int,
    messages: int,
    orders: int | None = None,
    seed: int = 1,
    *,
    progress: Progress = lambda done, total: None,
    ask: AskPassphrase | None = None,
    now: Now = system_now,
    lang: str = "zh",
) -> dict[str, Any]:
    """Makes a home with a signed-in practice agent and returns {conversations, messages, orders, seconds}.

    The same seed gives the same ids, texts and times; times are counted back from the beginning of the running hour, so
    that clocks are alive, and ids do not depend on it. Half as many orders as conversations where not told. Raises
    SeedError, HomeError, StoreError.
    """
    orders = conversations // 2 if orders is None else orders
    if not 1 <= conversations <= MOST or not 0 <= orders <= MOST or messages > MOST * 10:
        raise SeedError(
            "会话至少 1 个，最多 1000 万个。", "There must be at least one conversation, and not more than 10,000,000."
        )
    if messages < conversations:
        raise SeedError(
            f"{conversations} 个会话只有 {messages} 条消息：每个会话至少一条。",
            f"{messages} messages for {conversations} conversations: each begins with one.",
        )
    home = Home(home_folder, now)
    if home.exists():
        raise SeedError(
            f"{home_folder} 里已经有数据了。用 --home 换一个空文件夹。",
            f"{home_folder} has a store already. Choose an empty folder with --home.",
        )
    begun = time.monotonic()
    made_here = not home_folder.exists()
    home.make(ask)
    home.store_path.touch(mode=0o600)
    store = home.open_store(ask)
    start = now() // HOUR * HOUR

    def work(connection: Connection) -> None:
        _quick(connection)
        _fill(connection, Size(conversations, messages, orders), seed, start, lang, progress)
        fulltext.fill_all(connection)
        _safe(connection)

    try:
        store.write(work).result()
    except BaseException:
        store.close()
        if made_here:
            shutil.rmtree(home_folder, ignore_errors=True)
        else:
            for name in ("store.db", "store.db-wal", "store.db-shm", "store.json", "store.copy.json"):
                (home_folder / name).unlink(missing_ok=True)
        raise
    store.close()
    return {
        "conversations": conversations,
        "messages": messages,
        "orders": orders,
        "seconds": round(time.monotonic() - begun, 1),
    }


def _quick(connection: Connection) -> None:
    """While a new store is filled nothing of it need survive a crash: it would be thrown away."""
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = OFF").fetchall()
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -400000")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
    connection.execute("BEGIN IMMEDIATE")


def _safe(connection: Connection) -> None:
    connection.execute("COMMIT")
    connection.execute("PRAGMA locking_mode = NORMAL").fetchall()
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA optimize")
    connection.execute("BEGIN IMMEDIATE")


def _fill(connection: Connection, size: Size, seed: int, start: int, lang: str, progress: Progress) -> None:
    shop = open_shop()
    me = derive("agent", LOGIN)
    group = derive("group", "default")
    colleagues = [derive("agent", name) for name in shop.agents[1:]]
    body = tomllib.loads(box("policies", "standard.toml").read_text(encoding="utf-8"))
    fixed: list[Row] = [
        Group(id=group, name="default", title="售前售后", version=1),
        Group(id=derive("group", "complaint"), name="complaint", title="投诉组", version=1),
        Agent(id=me, login=LOGIN, name=shop.agents[0], presence="online", version=1),
        Membership(id=derive(me, "in", group), agent_id=me, group_id=group, version=1),
        Policy(id="default", name="standard", body=json.dumps(body, ensure_ascii=False, default=str), version=1),
    ]
    for place, (id, name) in enumerate(zip(colleagues, shop.agents[1:], strict=True)):
        fixed.append(Agent(id=id, login=f"agent{place + 2}", name=name, presence="online", version=1))
        fixed.append(Membership(id=derive(id, "in", group), agent_id=id, group_id=group, version=1))
    fixed.extend(canned(start))
    for path in sorted(box("workflows").glob("*.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        flow = json.dumps(told, ensure_ascii=False, default=str)
        fixed.append(Workflow(id=derive("workflow", told["name"]), name=told["name"], body=flow, version=1))
    for path in sorted(box("automation").glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        rule = parse(text)
        fixed.append(
            Automation(
                id=rule_id(rule.name),
                name=rule.name,
                zh=rule.zh,
                en=rule.en,
                position=rule.order,
                body=text,
                edited_at=start,
                edited_by="system",
                version=1,
            )
        )
    _insert(connection, fixed)
    filling = Filling(size, seed, start, shop, load(None, seed), clocks.parse_policy(body), Crew(me, colleagues, group))
    rows = filling.rows()
    done = 0
    while some := list(itertools.islice(rows, BATCH)):
        _insert(connection, (row for _, made in some for row in made))
        done = some[-1][0]
        progress(done, size.conversations)
    for name in ("all", f"agent:{me}", group):
        connection.execute("INSERT INTO cursor (group_id, seq, complete) VALUES (?, ?, 1)", (name, done))
    known = {"agent_id": me, "login": LOGIN, "role": "agent", "epoch": EPOCH, "head": str(done), "lang": lang}
    for key, value in {**known, "device_id": derive("device", LOGIN, str(seed))}.items():
        facts.set(connection, key, value)


def canned(now: int) -> Iterator[CannedReply]:
    """The canned replies in the box as rows, edited at `now` (µs UTC)."""
    for lang in ("zh", "en"):
        for entry in tomllib.loads(box("canned", f"{lang}.toml").read_text(encoding="utf-8"))["reply"]:
            pinyin, initials = keys(entry["title"])
            yield CannedReply(
                id=derive("canned", lang, entry["shortcut"]),
                stage=entry["stage"],
                scenario=entry["scenario"],
                lang=lang,
                title=entry["title"],
                text=entry["text"],
                shortcut=entry["shortcut"],
                when_words=" ".join(entry["when"]),
                pinyin=pinyin,
                initials=initials,
                edited_at=now,
                version=1,
            )


def _insert(connection: Connection, rows: Iterable[Row]) -> None:
    by_table: dict[type[Row], list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        by_table[type(row)].append(msgspec.structs.astuple(row))
    for table, values in by_table.items():
        marks = ", ".join("?" * len(table.__struct_fields__))
        connection.executemany(f"INSERT INTO {table.table} ({COLUMNS[table]}) VALUES ({marks})", values)
