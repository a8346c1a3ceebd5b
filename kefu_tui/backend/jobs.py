"""What happens by itself: what is snoozed wakes, policies come into force, records are archived, visitors go, rules act."""

import logging
import threading
import time

from kefu_tui.backend.automation import Automation
from kefu_tui.backend.chat import CHANNEL
from kefu_tui.backend.retention import forget
from kefu_tui.backend.routing import route
from kefu_tui.backend.service import Service
from kefu_tui.ids import derive
from kefu_tui.model.rows import Conversation
from kefu_tui.model.sql import Reader
from kefu_tui.now import HOUR, SECOND
from kefu_tui.operations import View, entering, timing
from kefu_tui.operations.archive import Archive
from kefu_tui.operations.automation import RUNS_KEPT, ForgetRuns
from kefu_tui.operations.call import EndCall
from kefu_tui.operations.conversation import Wake
from kefu_tui.operations.emergency import HoldClocks
from kefu_tui.operations.entering import Leave
from kefu_tui.operations.pick_up import call_of, ringing
from kefu_tui.operations.service_policy import EnactPolicy, RetimeClocks
from kefu_tui.operations.ticket_reading import FORGOTTEN, ForgetReaders

_log = logging.getLogger("kefu.backend")

LOOK_S = 0.25
RETIMED = 100
"""Conversations whose clocks are computed anew in one commit: pushes wait no longer than it takes."""
RETIMING_S = 0.2
"""Seconds of one look that are spent on that."""
ARCHIVED = 200
"""Conversations that are archived in one look."""
FORGETTING = 100
"""Tickets whose readers of long ago are forgotten in one look."""
LEFT = 200
"""Visitors who never wrote that are let go in one look."""
TIDYING = 5 * SECOND
"""How often it is looked for them, and for what was forgotten."""
FORGOTTEN_AT_ONCE = 20
"""Thousands of commits whose removals are forgotten in one look."""
RUNG_OUT = HOUR
"""No telephone rings so long."""
REST_S = 5.0
"""How long to leave it after a fault."""


class Jobs:
    """One thread that looks four times a second."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._ending = threading.Event()
        self._outage_was: bool | None = None
        """Whether there was an outage when it was looked last; None before the first look."""
        self._tidied_at = 0
        self._automation = Automation(service)
        self._thread = threading.Thread(target=self._work, name="kefu-jobs", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the look that is under way."""
        self._ending.set()
        self._thread.join()

    def _work(self) -> None:
        wait = 0.0
        while not self._ending.wait(wait):
            wait = LOOK_S
            try:
                if self._service.database.turn("jobs"):
                    self.look()
                else:  # whoever has the turn keeps how far it is
                    self._automation = Automation(self._service)
            except Exception:
                _log.exception("jobs")
                wait = REST_S

    def look(self) -> None:
        """Looks once, and wakes what is due."""
        service = self._service
        with service.database.read() as connection:
            due = connection.execute(
                "SELECT id, snoozed_until FROM conversation WHERE status = 'snoozed' AND snoozed_until <= ?",
                (service.now(),),
            ).fetchall()
        for id, until in due:
            service.commits.run(Wake(conversation_id=id), derive("wake", id, str(until)))
        self._enact()
        self._retime()
        self._archive()
        self._readers()
        self._tidy()
        self._outage()
        self._automation.look()
        route(service)

    def _enact(self) -> None:
        """Puts policies in force whose time has come, in the order of their times."""
        service = self._service
        with service.database.read() as connection:
            ready = connection.execute(
                "SELECT id FROM policy_version WHERE done_at IS NULL AND effective_at <= ? ORDER BY effective_at, id",
                (service.now(),),
            ).fetchall()
            if not ready:
                return
            (total,) = connection.execute(
                "SELECT count(DISTINCT conversation_id) FROM clock WHERE outcome = 'running'"
            ).fetchone()
        for (id,) in ready:
            service.commits.run(EnactPolicy(version_id=id, total=total), derive("enact", id))

    def _retime(self) -> None:
        """Goes on with the clocks of the newest policy in force; where it was interrupted, from there."""
        service, end = self._service, time.monotonic() + RETIMING_S
        while time.monotonic() < end and not self._ending.is_set():
            with service.database.read() as connection:
                found = connection.execute(
                    "SELECT id, retimed_to, finished_at FROM policy_version WHERE done_at IS NOT NULL "
                    "ORDER BY done_at DESC, id DESC LIMIT 1"
                ).fetchone()
                if found is None or found[2] is not None:
                    return
                id, begun, _ = found
                ids = [
                    one
                    for (one,) in connection.execute(
                        "SELECT DISTINCT conversation_id FROM clock WHERE outcome = 'running' AND conversation_id > ? "
                        "ORDER BY conversation_id LIMIT ?",
                        (begun, RETIMED),
                    )
                ]
            last = len(ids) < RETIMED
            retiming = RetimeClocks(version_id=id, conversations=tuple(ids), last=last)
            service.commits.run(retiming, derive("retime", id, begun))

    def _outage(self) -> None:
        """While an outage lasts the clocks that it stops stand; after it they go on."""
        service = self._service
        with service.database.read() as connection:
            rules = timing.policy(View(Reader(connection)))
            outage = connection.execute("SELECT since FROM mode WHERE id = 'outage'").fetchone()
            kinds = [kind for kind, rule in rules.clocks.items() if "outage" in rule.pause] if rules else []
            if outage is not None and kinds:
                marks = ", ".join("?" * len(kinds))
                found = connection.execute(
                    "SELECT DISTINCT conversation_id FROM clock WHERE outcome = 'running' AND due_at IS NOT NULL "
                    f"AND kind IN ({marks}) LIMIT ?",
                    (*kinds, RETIMED),
                )
            elif self._outage_was is not False:  # at the start it may have ended while nobody looked
                found = connection.execute(
                    "SELECT DISTINCT conversation_id FROM clock WHERE outcome = 'running' AND due_at IS NULL "
                    "AND pauses LIKE '%null, \"outage\"]%'"
                )
            else:
                return
            ids = [id for (id,) in found]
        self._outage_was = outage is not None or bool(ids)
        for begin in range(0, len(ids), RETIMED):
            some = tuple(ids[begin : begin + RETIMED])
            holding = HoldClocks(conversations=some, stand=outage is not None)
            service.commits.run(holding, service.ids())

    def _archive(self) -> None:
        """Archives what was resolved so long ago that its archive clock warns: the promise is kept before it is due."""
        service = self._service
        with service.database.read() as connection:
            due = connection.execute(
                "SELECT k.conversation_id, k.id FROM clock k JOIN conversation c ON c.id = k.conversation_id "
                "WHERE k.outcome = 'running' AND k.kind = 'archive' AND k.warn_at <= ? AND c.status IN ('resolved', 'closed') "
                "LIMIT ?",
                (service.now(), ARCHIVED),
            ).fetchall()
        for id, clock in due:
            service.commits.run(Archive(conversation_id=id), derive("archive", id, clock))

    def _readers(self) -> None:
        """Forgets who was at a ticket long ago and never said that they left."""
        service = self._service
        with service.database.read() as connection:
            gone = connection.execute(
                "SELECT ticket_id, min(at) FROM ticket_reader WHERE at < ? GROUP BY ticket_id LIMIT ?",
                (service.now() - FORGOTTEN, FORGETTING),
            ).fetchall()
        for id, at in gone:
            service.commits.run(ForgetReaders(ticket_id=id), derive("forget-readers", id, str(at)))

    def _tidy(self) -> None:
        """What need not be looked for four times a second."""
        now = self._service.now()
        if now - self._tidied_at < TIDYING:
            return
        self._tidied_at = now
        self._leave(now)
        self._hang_up(now)
        self._forget_runs(now)
        self._forget_removals(now)

    def _hang_up(self, now: int) -> None:
        """Ends calls that have rung so long that nobody can be there: their exchange never said so."""
        service, begun = self._service, now - RUNG_OUT
        with service.database.read() as connection:
            view = View(Reader(connection))
            rules = timing.policy(view)
            kinds = [kind for kind, rule in rules.clocks.items() if rule.start == "rang"] if rules else []
            if not kinds:
                return
            marks = ", ".join("?" * len(kinds))
            found = connection.execute(
                "SELECT DISTINCT conversation_id FROM clock WHERE outcome = 'running' AND started_at <= ? "
                f"AND kind IN ({marks}) LIMIT ?",
                (begun, *kinds, LEFT),
            ).fetchall()
            over = []
            for (id,) in found:
                conversation = view.get(Conversation, id)
                for line in ringing(view, conversation) if conversation else ():
                    call = call_of(line)
                    if call is not None and (call.rang_at or line.at) <= begun:
                        over.append(EndCall(conversation_id=id, call_id=line.id, missed=True))
        for operation in over:
            service.commits.run(operation, derive("rung-out", operation.call_id))

    def _forget_runs(self, now: int) -> None:
        """Forgets what rules did long ago."""
        service = self._service
        with service.database.read() as connection:
            old = connection.execute(
                "SELECT conversation_id, min(at) FROM automation_run WHERE at < ? AND hook_state <> 'queued' "
                "GROUP BY conversation_id LIMIT ?",
                (now - RUNS_KEPT, FORGETTING),
            ).fetchall()
        for id, at in old:
            service.commits.run(ForgetRuns(conversation_id=id), derive("forget-runs", id, str(at)))

    def _forget_removals(self, now: int) -> None:
        """Forgets what was removed so long ago that every desk has heard of it, or begins anew."""
        for _ in range(FORGOTTEN_AT_ONCE):
            if self._ending.is_set() or not forget(self._service.database, now - self._service.settings.removals_kept):
                return

    def _leave(self, now: int) -> None:
        """Lets those go who came in and wrote nothing, once nothing has happened for as long as the policy says."""
        service = self._service
        with service.database.read() as connection:
            before = now - entering.policy(View(Reader(connection))).leave_after
            gone = connection.execute(
                "SELECT c.id FROM conversation c WHERE c.status IN ('waiting', 'open') AND c.waiting_since IS NULL "
                "AND c.channel = ? AND c.last_at <= ? "
                "AND NOT EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id AND m.author = 'customer') "
                "AND NOT EXISTS (SELECT 1 FROM clock k WHERE k.conversation_id = c.id AND k.started_at > ?) LIMIT ?",
                (CHANNEL, before, before, LEFT),
            ).fetchall()
        for (id,) in gone:
            service.commits.run(Leave(conversation_id=id), service.ids())
