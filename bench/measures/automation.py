"""Asking every rule that ships about each message that comes in, without HTTP; one message in twenty lets a rule act."""

import pathlib
import tempfile
import time

from bench.figures import Figure
from bench.ground import Ground
from bench.measures.push import furnish
from kefu_tui.backend.automation import Automation
from kefu_tui.backend.service import Settings, assemble
from kefu_tui.backend.sqlite import Sqlite
from kefu_tui.config import box
from kefu_tui.ids import Ids
from kefu_tui.now import system_now
from kefu_tui.operations.automation import SaveAutomation, SwitchAutomation, rule_id
from kefu_tui.operations.intake import Receive

MESSAGES = 1_000
ACTS = 20


def measure(ground: Ground) -> list[Figure]:
    """Messages in new conversations: taken in, then held against the rules."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        database = Sqlite(folder / "kefu.db")
        database.create("bench")
        ids = Ids(system_now)
        service = assemble(database, system_now, ids, Settings(data_dir=folder))
        commits, group_id = service.commits, furnish(service.commits)
        files = sorted(box("automation").glob("*.toml"))
        for file in files:
            commits.run(SaveAutomation(rule_id=rule_id(file.stem), body=file.read_text(encoding="utf-8")), ids())
            commits.run(SwitchAutomation(rule_id=rule_id(file.stem), on=True), ids())
        automation = Automation(service)
        automation.look()
        for number in range(MESSAGES):
            id = ids()
            text = "怎么还不发货，催一下" if number % ACTS == 0 else "蓝色的还有货吗"
            commits.run(
                Receive(
                    channel="web", group_id=group_id, external_id=id, message_id=ids(), customer_id=ids(),
                    conversation_id=id, text=text,
                ),
                ids(),
            )  # fmt: skip
        begun = time.perf_counter()
        for _ in range(MESSAGES // 500 + 1):
            automation.look()
        seconds = time.perf_counter() - begun
        with database.read() as connection:
            (acted,) = connection.execute("SELECT count(*) FROM automation_run").fetchone()
        service.close()
    return [
        Figure(f"messages held against {len(files)} rules", MESSAGES / seconds, "messages/s"),
        Figure("  of which rules acted", acted, ""),
    ]
