"""From a data folder to a service: folder, key, tables, and what ships in the box."""

import contextlib
import json
import os
import pathlib
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from argon2 import PasswordHasher
from argon2.low_level import Type, hash_secret_raw

from kefu_tui.backend.accounts import group_id
from kefu_tui.backend.chat import CHANNEL
from kefu_tui.backend.database import Database, DatabaseError
from kefu_tui.backend.service import Service, Settings, assemble
from kefu_tui.backend.sqlite import Sqlite
from kefu_tui.config import box
from kefu_tui.ids import Ids, derive
from kefu_tui.model.sql import Connection
from kefu_tui.now import Now
from kefu_tui.operations import Operation, Refusal
from kefu_tui.operations.automation import SaveAutomation, rule_id
from kefu_tui.operations.canned import SaveCanned
from kefu_tui.operations.macro import SaveMacro
from kefu_tui.operations.people import AddGroup
from kefu_tui.operations.service_policy import SetPolicy
from kefu_tui.operations.workflows import SetWorkflow
from kefu_tui.rules.macro import packed, read
from kefu_tui.rules.pinyin import keys

FILE = "kefu.db"
SALT = "kefu.salt"
KEY = "KEFU_DATABASE_KEY"
POLICY = "standard"
PLAIN = f"{KEY} is not set: the backend's database is not encrypted."

BATCH = 200
"""Rows in one transaction."""


def prepare(
    data_dir: pathlib.Path,
    now: Now,
    ids: Ids,
    *,
    url: str = "",
    settings: Settings | None = None,
    hasher: PasswordHasher | None = None,
    environ: Mapping[str, str] = os.environ,
    say: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
) -> Service:
    """Opens the backend's data folder, making whatever is missing in it; harmless while another process serves it.

    The database is PostgreSQL at `url`, else a file in the folder. Its key is KEFU_DATABASE_KEY: 64 hex digits, or a passphrase;
    without one it is plain, and `say` hears so. Raises DatabaseError when it cannot be used or the key is wrong.
    """
    database = open_database(data_dir, url, environ, say)
    try:
        database.create(ids())
        service = assemble(database, now, ids, settings or Settings(data_dir=data_dir), hasher)
        _furnish(service)
    except BaseException:
        database.close()
        raise
    return service


def open_database(data_dir: pathlib.Path, url: str, environ: Mapping[str, str], say: Callable[[str], None]) -> Database:
    """The database as it is, and the folder for this user alone. Raises DatabaseError."""
    try:
        if not data_dir.exists():
            data_dir.mkdir(mode=0o700, parents=True)
        if url:
            from kefu_tui.backend.postgres import Postgres

            return Postgres(url)
        key = _key(data_dir, environ.get(KEY, ""))
    except OSError as error:
        raise DatabaseError(
            f"{error.filename}：{error.strerror}。看看文件夹和权限。",
            f"{error.filename}: {error.strerror}. Check the folder and its rights.",
        ) from error
    if key is None:
        say(PLAIN)
    return Sqlite(data_dir / FILE, key)


def _key(data_dir: pathlib.Path, told: str) -> str | None:
    """Makes an empty file where there is none, for this user alone, and gives its key as hex digits."""
    (data_dir / FILE).touch(mode=0o600)
    if not told or re.fullmatch("[0-9a-fA-F]{64}", told):
        return told.lower() or None
    salt = data_dir / SALT
    if not salt.exists():  # whole at once, and never over one that another process made meanwhile
        fresh = data_dir / f"{SALT}.{os.getpid()}"
        fresh.write_bytes(os.urandom(16))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, salt)
        fresh.unlink()
    return hash_secret_raw(told.encode(), salt.read_bytes(), 3, 65536, 4, 32, Type.ID).hex()


def _furnish(service: Service) -> None:
    """Group `default`, the channel of the chat page, service policy and canned replies, where there are none."""
    default = group_id("default")
    with service.database.write() as connection:
        if not connection.execute("SELECT 1 FROM agent_group WHERE name = 'default'").fetchone():
            _run(service, connection, AddGroup(group_id=default, name="default", title="default"))
        connection.execute(
            "INSERT INTO channel (name, kind, group_id, secret, address, created_at) "
            "VALUES (?, 'web', ?, '', '', ?) ON CONFLICT DO NOTHING",
            (CHANNEL, default, service.now()),
        )
        if not connection.execute("SELECT 1 FROM policy WHERE id = 'default'").fetchone():
            body = json.dumps(_toml("policies", f"{POLICY}.toml"), ensure_ascii=False, default=str)
            _run(service, connection, SetPolicy(name=POLICY, body=body))
        if not connection.execute("SELECT 1 FROM workflow LIMIT 1").fetchone():
            for path in sorted(box("workflows").glob("*.toml")):
                told = _toml("workflows", path.name)
                body = json.dumps(told, ensure_ascii=False, default=str)
                _run(service, connection, SetWorkflow(name=told["name"], body=body))
        if not connection.execute("SELECT 1 FROM automation LIMIT 1").fetchone():
            for path in sorted(box("automation").glob("*.toml")):
                body = path.read_text(encoding="utf-8")
                _run(service, connection, SaveAutomation(rule_id=rule_id(path.stem), body=body))
        if not connection.execute("SELECT 1 FROM macro LIMIT 1").fetchone():
            for macro in _macros():
                _run(service, connection, macro)
        stocked = connection.execute("SELECT 1 FROM canned_reply LIMIT 1").fetchone()
    if not stocked:
        replies = list(_canned())
        for begin in range(0, len(replies), BATCH):
            with service.database.write() as connection:
                for reply in replies[begin : begin + BATCH]:
                    _run(service, connection, reply)


def _canned() -> Iterator[SaveCanned]:
    for lang in ("zh", "en"):
        for entry in _toml("canned", f"{lang}.toml")["reply"]:
            pinyin, initials = keys(entry["title"])
            yield SaveCanned(
                canned_id=derive("canned", lang, entry["shortcut"]),
                title=entry["title"],
                text=entry["text"],
                stage=entry["stage"],
                scenario=entry["scenario"],
                lang=lang,
                shortcut=entry["shortcut"],
                when_words=" ".join(entry.get("when", [])),
                pinyin=pinyin,
                initials=initials,
            )


def _macros() -> Iterator[SaveMacro]:
    for entry in _toml("macros", "starter.toml")["macro"]:
        steps, troubles = read(entry["steps"])
        assert not troubles, troubles
        yield SaveMacro(
            macro_id=derive("macro", entry["name"]),
            name=entry["name"],
            key=entry["key"],
            steps=packed(steps),
            scope=entry["scope"],
        )


def _toml(*parts: str) -> dict[str, Any]:
    return tomllib.loads(box(*parts).read_text(encoding="utf-8"))


def _run(service: Service, connection: Connection, operation: Operation) -> None:
    outcome, _ = service.commits.within(connection, operation, service.ids())
    if isinstance(outcome, Refusal):
        raise ValueError(f"{operation.kind}: {outcome.say('en')}")
