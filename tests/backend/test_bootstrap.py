"""From an empty folder to a furnished shop: key, tables, what ships in the box, accounts from another process."""

import json
import os
import pathlib
import stat
import subprocess
import sys

import pytest

from kefu_tui.backend.accounts import add_user
from kefu_tui.backend.bootstrap import KEY, PLAIN, prepare
from kefu_tui.backend.database import DatabaseError
from kefu_tui.backend.service import Service
from kefu_tui.ids import Ids, derive
from kefu_tui.now import system_now
from kefu_tui.rules.clocks import parse_policy

from .shop import CHEAP, Shop

RAW = "0123456789abcdef" * 4


def opened(folder: pathlib.Path, key: str = "", heard: list[str] | None = None, url: str = "") -> Service:
    lines: list[str] = [] if heard is None else heard
    return prepare(
        folder, system_now, Ids(), url=url, hasher=CHEAP, environ={KEY: key} if key else {}, say=lines.append
    )


def everything(service: Service) -> list[tuple[object, ...]]:
    with service.database.read() as connection:
        counts = "SELECT (SELECT count(*) FROM {}), (SELECT seq FROM sync_head)"
        tables = ("agent_group", "channel", "policy", "canned_reply")
        return [connection.execute(counts.format(table)).fetchone() for table in tables]


def test_a_new_folder_is_furnished_once(tmp_path: pathlib.Path) -> None:
    folder, heard = tmp_path / "a" / "data", []
    service = opened(folder, heard=heard)
    assert heard == [PLAIN]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "kefu.db").stat().st_mode) == 0o600
    first = everything(service)
    with service.database.read() as connection:
        (body,) = connection.execute("SELECT body FROM policy WHERE id = 'default'").fetchone()
        assert parse_policy(json.loads(body)).name == "standard"
        langs = dict(connection.execute("SELECT lang, count(*) FROM canned_reply GROUP BY lang").fetchall())
        assert langs["zh"] >= 150
        assert langs["en"] >= 50
        lines = "SELECT pinyin, initials, when_words, scope FROM canned_reply WHERE id = ?"
        pinyin, initials, when, scope = connection.execute(lines, (derive("canned", "zh", "wlzt"),)).fetchone()
        assert (pinyin[:4], initials[:2], scope) == ("wuli", "wl", "company")
        assert "物流" in when.split(" ")
        channel = connection.execute("SELECT c.name, kind, g.name FROM channel c JOIN agent_group g ON g.id = group_id")
        assert channel.fetchall() == [("web", "web", "default")]
    service.close()
    again = opened(folder)
    assert everything(again) == first
    again.close()


def test_a_policy_and_canned_replies_that_were_changed_stay(shop: Shop) -> None:
    shop.sql("UPDATE policy SET name = 'ours'")
    shop.sql("DELETE FROM canned_reply WHERE lang = 'en'")
    again = opened(shop.folder, url=shop.url)
    with again.database.read() as connection:
        assert connection.execute("SELECT name FROM policy").fetchall() == [("ours",)]
        assert connection.execute("SELECT count(*) FROM canned_reply WHERE lang = 'en'").fetchone() == (0,)
    again.close()


@pytest.mark.parametrize("key", [RAW, RAW.upper(), "a passphrase of the shop"])
def test_a_key_encrypts_the_file(tmp_path: pathlib.Path, key: str) -> None:
    heard: list[str] = []
    service = opened(tmp_path / "d", key, heard)
    add_user(service, "mei", "agent", (), "correct horse")
    before = everything(service)
    service.close()
    assert heard == []
    data = (tmp_path / "d" / "kefu.db").read_bytes()
    assert not data.startswith(b"SQLite format 3")
    assert "物流".encode() not in data
    again = opened(tmp_path / "d", key)
    assert everything(again) == before
    again.close()
    for wrong in ("", "another passphrase", "f" * 64):
        with pytest.raises(DatabaseError, match=KEY):
            opened(tmp_path / "d", wrong)


@pytest.mark.on_sqlite
def test_a_key_on_a_plain_file_is_refused(shop: Shop) -> None:
    with pytest.raises(DatabaseError, match=KEY):
        opened(shop.folder, RAW)


def test_a_folder_that_cannot_be_used(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DatabaseError, match="file"):
        opened(tmp_path / "file" / "data")
    (tmp_path / "kefu.db").write_bytes(b"no database at all" * 1000)
    with pytest.raises(DatabaseError, match="no database"):
        opened(tmp_path)


def test_users_are_added_by_another_process_while_the_backend_serves(shop: Shop) -> None:
    code = """
import sys
from kefu_tui.backend.accounts import add_user
from kefu_tui.backend.bootstrap import prepare
from kefu_tui.ids import Ids
from kefu_tui.now import system_now
import pathlib
service = prepare(pathlib.Path(sys.argv[1]), system_now, Ids(), url=sys.argv[3])
add_user(service, sys.argv[2], "agent", ("refunds",), "correct horse", create_group=True)
service.close()
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(shop.folder), f"user{number}", shop.url],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    visitor = shop.visitor()
    for number in range(10):
        visitor.say(f"{number}")
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors.strip()) == (0, "" if shop.url else PLAIN)
    assert shop.sign_in("user0", "d0").signed["groups"] != shop.sign_in("user1", "d1").signed["groups"]
    assert shop.sql("SELECT count(*) FROM agent_group") == [(2,)]
    assert shop.sql("SELECT count(*), max(seq) FROM sync_commit") == shop.sql("SELECT seq, seq FROM sync_head")
