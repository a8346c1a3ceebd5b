"""Deciding pushed operations at the backend on SQLite, without HTTP: one in a commit, and 200."""

import contextlib
import json
import pathlib
import tempfile
import time
import tomllib

from bench.figures import Figure
from bench.ground import Ground
from kefu_tui.backend.commits import Commits
from kefu_tui.backend.database import Database
from kefu_tui.backend.sqlite import Sqlite
from kefu_tui.config import box
from kefu_tui.ids import Ids, derive
from kefu_tui.now import system_now
from kefu_tui.operations.base import arguments
from kefu_tui.operations.conversation import Claim
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.message import Reply
from kefu_tui.operations.people import AddAgent, AddGroup
from kefu_tui.operations.service_policy import SetPolicy
from kefu_tui.wire import MAX_OPERATIONS, Envelope

TIMES = 2_000
CONVERSATIONS = 200


def measure(ground: Ground) -> list[Figure]:
    """Replies to 200 conversations of one agent."""
    figures = []
    for batch, target in ((1, "≥ 2,000"), (MAX_OPERATIONS, "≥ 9,000")):
        with tempfile.TemporaryDirectory() as name:
            rate = pushed(Sqlite(pathlib.Path(name) / "kefu.db"), batch)
        figures.append(Figure(f"push on SQLite, {batch} in a commit", rate, "operations/s", target))
    return figures


def pushed(database: Database, batch: int) -> float:
    """Operations a second on an empty database, which is closed afterwards."""
    with contextlib.closing(database):
        database.create("bench")
        commits = Commits(database, system_now)
        envelopes = _replies(commits, database)
        begun = time.perf_counter()
        for first in range(0, TIMES, batch):
            commits.push("device", AGENT, envelopes[first : first + batch])
        return TIMES / (time.perf_counter() - begun)


AGENT = derive("agent", "bench")
_GROUP = derive("group", "default")


def furnish(commits: Commits) -> str:
    """A group and the standard policy; the group's id."""
    ids = Ids(system_now)
    policy = tomllib.loads(box("policies", "standard.toml").read_text(encoding="utf-8"))
    commits.run(AddGroup(group_id=_GROUP, name="default"), ids())
    commits.run(SetPolicy(name="standard", body=json.dumps(policy, default=str)), ids())
    return _GROUP


def _replies(commits: Commits, database: Database) -> list[Envelope]:
    """A backend with an agent who has customers, and the replies to push to it."""
    ids = Ids(system_now)
    furnish(commits)
    commits.run(AddAgent(agent_id=AGENT, login="bench", name="Bench", groups=(_GROUP,)), ids())
    with database.write() as connection:
        connection.execute(
            "INSERT INTO device (id, agent_id, name, app_version, last_op_no, token_expires_at, created_at, seen_at) "
            "VALUES ('device', ?, '', '', 0, 0, 0, 0)",
            (AGENT,),
        )
    conversations = [ids() for _ in range(CONVERSATIONS)]
    for id in conversations:
        commits.run(
            Receive(
                channel="web", group_id=_GROUP, external_id=id, message_id=ids(), customer_id=ids(), conversation_id=id,
                text="我的快递到哪了",
            ),
            ids(),
        )  # fmt: skip
    claims = [Claim(conversation_id=id) for id in conversations]
    commits.push("device", AGENT, [_envelope(claim, number, ids()) for number, claim in enumerate(claims, 1)])
    replies = []
    for number in range(CONVERSATIONS + 1, CONVERSATIONS + TIMES + 1):
        id = ids()
        told = Reply(
            conversation_id=conversations[number % CONVERSATIONS], message_id=id, text=f"您好，正在为您查 {number}"
        )
        replies.append(_envelope(told, number, id))
    return replies


def _envelope(operation: Claim | Reply, number: int, id: str) -> Envelope:
    basis = {"claim": AGENT, "last_pos": 1 << 40}
    return Envelope(
        op_no=number, op_id=id, kind=operation.kind, v=1, actor=AGENT, at=system_now(), basis=basis,
        args=arguments(operation),
    )  # fmt: skip
