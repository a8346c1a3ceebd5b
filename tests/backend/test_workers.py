"""Several processes on one PostgreSQL: one of them at a time does what happens by itself, and who dies is followed."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest

from kefu_tui.backend.bootstrap import prepare
from kefu_tui.backend.channels_admin import add_channel
from kefu_tui.backend.serve import ServeError, serve
from kefu_tui.ids import Ids
from kefu_tui.operations.people import AddGroup
from tests.postgres import Cluster, name_of
from tests.workers import workers_of

from .receiver import Receiver
from .shop import CHEAP, Clock, Shop, until
from .test_intake import send

CODE = """
import pathlib, sys
from kefu_tui.backend.serve import serve
from kefu_tui.backend.service import Settings
if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    settings = Settings(data_dir=folder, allow_private_webhooks=True, webhook_first_wait=1000, webhook_longest_wait=1000)
    said = lambda url: print(url, flush=True)
    serve(folder, "127.0.0.1", 0, database=sys.argv[2], workers=2, settings=settings, ready=said)
    print("ended", flush=True)
"""


class Team(Shop):
    """Two workers in processes of their own; `service` is a third, which serves nothing."""

    def __init__(self, folder: pathlib.Path, url: str, failpoint: str = "") -> None:
        self.clock, self.folder, self.url = Clock(), folder, url
        program = folder / "serve.py"
        program.write_text(CODE)
        self.process = subprocess.Popen(
            [sys.executable, str(program), str(folder), url],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "KEFU_FAILPOINT": failpoint},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        address = self.process.stdout.readline().strip()
        assert address, self.process.stderr and self.process.stderr.read()
        self.http = httpx.Client(base_url=address, timeout=20, trust_env=False)
        self.service = prepare(folder, self.clock, Ids(self.clock), url=url, hasher=CHEAP, environ={})

    def close(self) -> None:
        self.http.close()
        self.service.close()
        self.process.send_signal(signal.SIGTERM)
        out, errors = self.process.communicate(timeout=30)
        assert (self.process.returncode, out.strip(), errors) == (0, "ended", "")


@pytest.fixture
def make_team(postgres: Cluster, furnished_postgres: str, tmp_path: pathlib.Path) -> Iterator[Callable[..., Team]]:
    made: list[Team] = []

    def make(failpoint: str = "") -> Team:
        made.append(Team(tmp_path, postgres.database(name_of(furnished_postgres)), failpoint))
        return made[-1]

    yield make
    for team in made:
        team.close()


def pids(team: Team) -> set[int]:
    """The workers as they now are."""
    return set(workers_of(team.process.pid))


def test_each_reply_is_transmitted_once_though_its_worker_is_killed(make_team: Callable[..., Team]) -> None:
    """Whoever transmits is killed before its sixth reply leaves; the other goes on, until the same happens to it."""
    receiver = Receiver()
    try:
        team = make_team("outbound.before-send:6")
        first = pids(team)
        assert len(first) == 2
        secret = add_channel(team.service, "taobao", "webhook", address=receiver.url)
        mei = team.hire("mei")
        conversation = send(team, secret, channel="taobao").json()["conversation_id"]
        mei.claim(conversation)
        sent = [team.service.ids() for _ in range(17)]
        told = [{"conversation_id": conversation, "message_id": id, "text": "好的"} for id in sent]
        batch = [mei.op("conversation.reply", args, claim=mei.agent_id, last_pos=1) for args in told]
        while True:
            with contextlib.suppress(httpx.TransportError):  # its worker was killed: the same again, as a desk does
                results = mei.push(*batch).json()["results"]
                break
        assert {result["status"] for result in results} == {"applied"}
        until(lambda: team.sql("SELECT count(*) FROM outbound WHERE state <> 'sent'") == [(0,)])
        until(lambda: len(pids(team)) == 2)
        assert [one.headers["webhook-id"] for one in receiver.received] == sent
        assert pids(team) != first
    finally:
        receiver.close()


def test_a_commit_at_one_worker_is_heard_at_the_other_also_without_the_listening_connection(
    make_team: Callable[..., Team], postgres: Cluster
) -> None:
    team = make_team()
    mei = team.hire("mei")
    listening = "query LIKE 'LISTEN%' AND datname = '" + name_of(team.url) + "'"
    for number in range(3):
        with mei.events("/sync/v1/events") as one, mei.events("/sync/v1/events") as two:
            begun = {json.loads(next(events).data)["seq"] for events in (one, two)}
            if number == 1:
                postgres.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {listening}")
            team.service.commits.run(
                AddGroup(group_id=f"g{number}", name=f"g{number}"), f"g{number}"
            )  # in a third process
            for events in (one, two):
                assert json.loads(next(events).data)["seq"] > max(begun)
    until(lambda: postgres.sql(f"SELECT count(*) FROM pg_stat_activity WHERE {listening}") == [(2,)])


def test_workers_end_when_the_one_that_began_them_is_killed(make_team: Callable[..., Team]) -> None:
    team = make_team()
    workers = pids(team)
    team.process.kill()
    team.process.wait()
    until(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in workers))
    team.close = lambda: None  # type: ignore[method-assign]
    team.http.close()
    team.service.close()


def test_sqlite_has_one_process(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ServeError, match="--database"):
        serve(tmp_path / "new", "127.0.0.1", 0, workers=2, ready=lambda url: None)
    assert not (tmp_path / "new").exists()


def test_a_job_has_one_process_until_that_is_cut_off(postgres: Cluster, furnished_postgres: str) -> None:
    from kefu_tui.backend.postgres import Postgres

    one, two = (Postgres(furnished_postgres) for _ in range(2))
    assert (one.turn("outbound"), two.turn("outbound"), two.turn("jobs"), one.turn("jobs")) == (
        True,
        False,
        True,
        False,
    )
    assert (one.turn("outbound"), two.turn("jobs")) == (True, True)
    holding = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
    with psycopg.connect(f"host={postgres.folder} user=kefu dbname={name_of(furnished_postgres)}") as connection:
        connection.execute(holding)
    assert not one.turn("outbound")
    assert (two.turn("jobs"), two.turn("outbound")) == (False, True)
    assert (one.turn("jobs"), two.turn("jobs"), one.turn("outbound")) == (True, False, False)
    two.close()
    assert one.turn("outbound")
    one.close()
