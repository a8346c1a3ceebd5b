"""A desk and its backend: signing in, levelling, and what holds while the cable is cut."""

import contextlib
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import pytest

from kefu_tui.backend.bootstrap import FILE
from kefu_tui.desk.home import Home
from kefu_tui.store import facts, received
from kefu_tui.sync.worker import lease
from tests.cli.program import KEY, PASSWORD, Backend, Kefu, Visitor

STATUS = ["state", "pending", "held", "rejected", "oldest_pending_s", "cursor", "head", "loaded"]


def test_a_customer_is_answered(backend: Backend, anna: Kefu) -> None:
    anna = Kefu(anna.home)  # each call a process
    customer = Visitor(backend, "陈雨桐")
    id = customer.writes("我的快递到哪了")
    level = anna.ok("sync", "--once")
    assert list(level) == STATUS
    assert level["state"] == "online"
    row = next(row for row in anna.ok("queue") if row["id"] == id)
    assert (row["customer"], row["status"], row["assignee"]) == ("陈雨桐", "waiting", None)
    assert row["preview"] == "我的快递到哪了"
    anna.ok("take", id)
    anna.ok("reply", id, "您好，我查一下。")
    assert anna.ok("sync", "--status")["pending"] == 2
    assert ("agent", "您好，我查一下。") not in customer.reads()
    assert anna.ok("sync", "--once")["pending"] == 0
    assert customer.reads()[-1] == ("agent", "您好，我查一下。")
    assert next(row for row in anna.ok("queue") if row["id"] == id)["assignee"] == "anna"
    assert anna.ok("sync", "--status")["state"] == "offline"


def test_two_desks_take_the_same_customer(backend: Backend, anna: Kefu, tmp_path: pathlib.Path) -> None:
    bert = backend.login(tmp_path / "bert", "bert")
    customer = Visitor(backend, "沈齐书")
    id = customer.writes("退货怎么退")
    for desk in (anna, bert):
        desk.ok("sync", "--once")
        assert desk.ok("take", id)["status"] == "applied"
        desk.ok("reply", id, f"我来答：{desk.home.name}")
    assert anna.ok("sync", "--once")["held"] == 0
    told = bert.ok("sync", "--once")
    assert told["held"] + told["rejected"] >= 1
    assert [text for party, text in customer.reads() if party == "agent"] == ["我来答：home"]
    notice = next(one for one in bert.ok("notices", "list") if one["body"] == "我来答：bert")
    assert "anna" in notice["text"]
    assert bert("notices", "settle", notice["id"][-8:], "discard" if notice["level"] == "held" else "dismiss").code == 0
    bert("take", id).refused(1, "anna")


def test_sign_in(backend: Backend, nobody: Kefu) -> None:
    login = ("login", "--user", "anna", "--password-stdin", "--backend", backend.url)
    nobody(*login, input="wrong password\n").refused(1, "password")
    assert not nobody.home.exists()
    told = nobody.ok(*login, input=f"{PASSWORD}\n")
    assert (told["login"], told["role"], told["groups"]) == ("anna", "agent", ["default"])
    assert nobody.ok("whoami") == told
    nobody(*("login", "--user", "bert", *login[3:]), input=f"{PASSWORD}\n").refused(1, "anna", "--home")
    nobody("login", "--user", "anna", "--password-stdin", input=f"{PASSWORD}\n")
    assert nobody.ok("whoami")["backend"] == backend.url


def test_sign_out(backend: Backend, tmp_path: pathlib.Path) -> None:
    kefu = backend.login(tmp_path / "home", "bert")
    id = Visitor(backend, "罗小满").writes("在吗")
    kefu.ok("sync", "--once")
    kefu.ok("note", id, "没发出去的")
    assert kefu.ok("logout") == {"signed_out": "bert"}
    for words in (["queue"], ["whoami"], ["reply", "a1b2c3d4", "x"], ["sync", "--once"], ["logout"]):
        kefu(*words).refused(4, "kefu login")
    status = kefu.ok("sync", "--status")
    assert (status["state"], status["pending"]) == ("needs-auth", 1)
    assert kefu.ok("login", "--user", "bert", "--password-stdin", input=f"{PASSWORD}\n")["login"] == "bert"
    assert kefu.ok("sync", "--once")["pending"] == 0


def test_sign_in_without_a_key(backend: Backend, tmp_path: pathlib.Path) -> None:
    kefu = Kefu(tmp_path / "home", key=None)
    words = ("login", "--user", "bert", "--password-stdin", "--backend", backend.url)
    kefu(*words, input=f"{PASSWORD}\n").refused(1, "KEFU_STORE_KEY")


def test_language_of_the_sign_in_is_kept(backend: Backend, tmp_path: pathlib.Path) -> None:
    kefu = backend.login(tmp_path / "home", "bert", lang="zh")
    del kefu.env["KEFU_LANG"]
    kefu.env["LANG"] = "en_US.UTF-8"
    kefu("reply", "a1b2c3d4", "x").refused(1, "会话")
    kefu("--lang", "en", "reply", "a1b2c3d4", "x").refused(1, "conversation")


@pytest.fixture
def own(tmp_path: pathlib.Path) -> Iterator[Backend]:
    """A backend that the test may kill."""
    running = Backend(tmp_path / "data")
    assert running.add("anna").code == 0
    yield running
    running.kill()


def test_a_cut_cable_loses_nothing(own: Backend, tmp_path: pathlib.Path) -> None:
    anna = own.login(tmp_path / "home", "anna")
    customer = Visitor(own, "彭溪涵")
    id = customer.writes("在吗")
    anna.ok("sync", "--once")
    own.kill()
    anna("sync", "--once").refused(3, own.url)
    assert anna.ok("take", id)["status"] == "applied"
    for text in ("一", "二"):
        assert anna.ok("reply", id, text)["status"] == "applied"
    status = anna.ok("sync", "--status")
    assert (status["state"], status["pending"]) == ("offline", 3)
    assert status["oldest_pending_s"] is not None
    own.start()
    assert anna.ok("sync", "--once")["pending"] == 0
    assert [text for party, text in customer.reads() if party == "agent"] == ["一", "二"]


def test_a_token_that_the_backend_no_longer_knows(own: Backend, tmp_path: pathlib.Path) -> None:
    from kefu_tui.backend.sqlite import Sqlite

    anna = own.login(tmp_path / "home", "anna")
    id = Visitor(own, "黄思").writes("在吗")
    anna.ok("sync", "--once")
    database = Sqlite(own.data / "kefu.db")
    with database.write() as connection:
        connection.execute("UPDATE device SET token_expires_at = 1")
    database.close()
    anna("sync", "--once").refused(4, "kefu login")
    assert anna.ok("take", id)["status"] == "applied"
    assert anna.ok("sync", "--status")["pending"] == 1


def test_backend_that_is_not_there(nobody: Kefu, own: Backend) -> None:
    own.kill()
    words = ("login", "--user", "anna", "--password-stdin", "--backend", own.url)
    nobody(*words, input=f"{PASSWORD}\n").refused(3, own.url)
    assert not nobody.home.exists()


def test_port_taken(backend: Backend, nobody: Kefu, tmp_path: pathlib.Path) -> None:
    kefu = Kefu(nobody.home)
    kefu("serve", "--port", str(backend.port), "--data", str(tmp_path / "other")).refused(1, str(backend.port))


def test_ctrl_c_ends_serving_with_success(tmp_path: pathlib.Path) -> None:
    import signal

    running = Backend(tmp_path / "data")
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(30) == 0


def test_accounts(backend: Backend) -> None:
    told = backend.add("karl", "auditor", "--name", "卡尔")
    assert told.data["role"] == "auditor"
    again = backend.add("karl")
    assert again.code == 1
    assert "karl" in again.err.splitlines()[-1]
    assert backend.add("kurt", "agent", "--group", "nowhere").code == 1
    assert backend.add("kurt", "agent", "--group", "nowhere", "--create-group").data["groups"] == ["nowhere"]
    short = Kefu(backend.data / "x")(
        "-q", "user", "add", "max", "--password-stdin", "--data", str(backend.data), input="kurz\n"
    )
    short.refused(1, "short")


def test_channels(backend: Backend, nobody: Kefu) -> None:
    add = ("channel", "add", "hooks", "--kind", "webhook", "--data", str(backend.data))
    told = nobody.ok(*add)
    assert told["name"] == "hooks"
    assert len(told["secret"]) > 20
    assert nobody("-q", *add).refused(1, "hooks")
    nobody("-q", "channel", "add", "x", "--kind", "pigeon", "--data", str(backend.data)).refused(1, "pigeon")


def test_data_of_a_wrong_key(tmp_path: pathlib.Path, nobody: Kefu) -> None:
    data = tmp_path / "data"
    add = ("-q", "user", "add", "anna", "--password-stdin", "--data", str(data))
    assert nobody(*add, input=f"{PASSWORD}\n", KEFU_DATABASE_KEY="one").code == 0
    told = nobody(
        "-q",
        "user",
        "add",
        "bert",
        "--password-stdin",
        "--data",
        str(data),
        input=f"{PASSWORD}\n",
        KEFU_DATABASE_KEY="two",
    )
    assert told.code == 1
    assert "KEFU_DATABASE_KEY" in told.err.splitlines()[-1]


def test_a_missing_extra_is_named_with_what_mends_it(nobody: Kefu, tmp_path: pathlib.Path) -> None:
    code = (
        "import sys; sys.modules['uvicorn'] = None; from kefu_tui.cli.main import main; "
        f"sys.exit(main(['--lang', 'en', 'serve', '--data', {str(tmp_path / 'data')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=nobody.env)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert 'pip install "kefu-tui[backend]"' in done.stderr


def test_a_policy_is_set_by_an_admin_and_moves_the_clocks_of_every_desk(
    backend: Backend, anna: Kefu, tmp_path: pathlib.Path
) -> None:
    assert backend.add("boss", "admin").code == 0
    boss = backend.login(tmp_path / "boss", "boss")
    Visitor(backend, "高一帆").writes("在吗")
    boss.ok("sync", "--once")
    before = {
        row["conversation_id"]: row for row in boss.ok("timer", "list", "--limit", "0") if row["kind"] == "resolution"
    }
    file = tmp_path / "ours.toml"
    standard = (pathlib.Path(__file__).parents[2] / "data" / "policies" / "standard.toml").read_text(encoding="utf-8")
    file.write_text(
        standard.replace('name = "standard"', 'name = "ours"').replace('target = "24h"', 'target = "36h"'),
        encoding="utf-8",
    )
    told = boss.ok("policy", "set", str(file), "--wait")
    assert told["status"] == "applied"
    rows = boss.ok("policy", "list")
    assert [(row["name"], row["state"]) for row in rows] == [("ours", "in force")]
    assert rows[0]["moved"] >= 1
    boss.ok("sync", "--once")
    after = {
        row["conversation_id"]: row for row in boss.ok("timer", "list", "--limit", "0") if row["kind"] == "resolution"
    }
    running = [id for id in before if before[id]["due_at"]]
    assert running
    assert all(after[id]["due_at"] > before[id]["due_at"] for id in running)
    later = boss.ok("policy", "set", "standard", "--from", "2030-01-01")
    assert [row["state"] for row in boss.ok("policy", "list")] == ["planned", "in force"]
    assert boss.ok("policy", "drop", later["id"])["status"] == "applied"
    boss.ok("policy", "set", "standard", "--wait")
    assert boss.ok("policy", "list")[0]["name"] == "standard"


def damaged(home: pathlib.Path) -> None:
    path = home / "store.db"
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)


def test_a_reply_outlives_the_store_it_was_written_in(backend: Backend, tmp_path: pathlib.Path) -> None:
    bert = backend.login(tmp_path / "bert", "bert")
    customer = Visitor(backend, "何晚")
    id = customer.writes("还在吗")
    bert.ok("sync", "--once")
    bert.ok("take", id)
    bert.ok("reply", id, "在的。")
    damaged(bert.home)
    bert("queue").refused(5, "kefu doctor --mend")
    told = bert.ok("doctor", "--mend")
    assert (told["kept"], told["signed_in"], told["next"]) == ([1, 2], True, "kefu sync --once")
    assert bert.ok("sync", "--once")["pending"] == 0
    assert customer.reads()[-1] == ("agent", "在的。")
    assert next(row for row in bert.ok("queue") if row["id"] == id)["assignee"] == "bert"


def test_rows_that_differ_are_mended(backend: Backend, tmp_path: pathlib.Path) -> None:
    bert = backend.login(tmp_path / "bert", "bert")
    id = Visitor(backend, "沈星").writes("什么时候发货")
    bert.ok("sync", "--once")
    assert bert.ok("sync", "--check")["mended"] == 0
    with contextlib.closing(Home(bert.home).open_store(lambda: KEY)) as store:
        store.write(lambda connection: connection.execute("UPDATE message SET text = '别的'").rowcount).result()
    told = bert.ok("sync", "--check")
    assert list(told) == [*STATUS, "compared", "mended"]
    assert told["compared"] > told["mended"] > 0
    assert "什么时候发货" in json.dumps(bert.ok("show", id), ensure_ascii=False)
    (row,) = [row for row in bert.ok("doctor") if "kefu sync --check" in row["to_do"]]
    assert (row["status"], row["found"]) == ("warn", str(told["mended"]))
    assert bert.ok("sync", "--check")["mended"] == 0
    bert("sync", "--check", "--status").refused(2, "--status")


def test_a_backend_whose_last_commit_has_no_chain_is_not_compared(own: Backend, tmp_path: pathlib.Path) -> None:
    """As one of before there was a chain, until something is committed."""
    anna = own.login(tmp_path / "anna", "anna")
    with contextlib.closing(sqlite3.connect(own.data / FILE)) as database, database:
        database.execute("UPDATE sync_commit SET chain = ''")
    anna("sync", "--check").refused(1, "Not all was compared")
    Visitor(own, "沈星").writes("什么时候发货")
    assert anna.ok("sync", "--check")["mended"] == 0


def test_who_syncs_compares(backend: Backend, tmp_path: pathlib.Path) -> None:
    bert = backend.login(tmp_path / "bert", "bert")
    bert.ok("sync", "--once")
    with contextlib.closing(Home(bert.home).open_store(lambda: KEY)) as store, lease(store.path):
        store.write(lambda connection: facts.set(connection, "sync_state", "online")).result()
        bert("sync", "--check").refused(1, "compares by itself")


def test_a_device_whose_numbers_do_not_fit_becomes_another(backend: Backend, tmp_path: pathlib.Path) -> None:
    bert = backend.login(tmp_path / "bert", "bert")
    copy = Kefu(tmp_path / "copy")
    shutil.copytree(bert.home, copy.home)
    customer = Visitor(backend, "秦川")
    id = customer.writes("在不在")
    for desk in (bert, copy):
        desk.ok("sync", "--once")
    bert.ok("take", id)
    bert.ok("sync", "--once")
    copy.ok("note", id, "拷出来的那份写的")
    copy("sync", "--once").refused(1, "kefu login")
    before = copy.ok("whoami")["device_id"]
    copy.ok("login", "--user", "bert", "--password-stdin", input=PASSWORD + "\n")
    assert copy.ok("whoami")["device_id"] != before
    assert copy.ok("sync", "--once")["pending"] == 0
    bert.ok("sync", "--once")
    assert "拷出来的那份写的" in json.dumps(bert.ok("show", id), ensure_ascii=False)


def test_doctor_tells_of_rows_that_cannot_be_read(backend: Backend, tmp_path: pathlib.Path) -> None:
    bert = backend.login(tmp_path / "bert", "bert")
    bert.ok("sync", "--once")
    (row,) = [row for row in bert.ok("doctor") if row["check"] == "rows that could not be taken"]
    assert (row["status"], row["found"], row["to_do"]) == ("ok", "0", "")
    with contextlib.closing(Home(bert.home).open_store(lambda: KEY)) as store:
        misfits = [received.Misfit("of_the_future", "x1", "no such table"), received.Misfit("tag", "x2", "too short")]
        store.write(lambda connection: received.flag(connection, misfits, 1)).result()
    (row,) = [row for row in bert.ok("doctor") if row["check"] == "rows that could not be taken"]
    assert (row["status"], row["found"]) == ("warn", "2")
    assert "upgrade kefu" in row["to_do"]
