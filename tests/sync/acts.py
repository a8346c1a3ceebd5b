"""What agents do in a world: verbs, well and badly chosen."""

import random
from typing import TYPE_CHECKING, Any

from kefu_tui.ids import derive
from kefu_tui.now import MINUTE
from kefu_tui.operations import Basis
from kefu_tui.operations.canned import RemoveCanned, SaveCanned
from kefu_tui.operations.conversation import Claim, Release, Reopen, Resolve, Snooze, Transfer, Wake
from kefu_tui.operations.macro import RemoveMacro, SaveMacro
from kefu_tui.operations.message import Note, Reply, SettleHeld
from kefu_tui.operations.order import ImportOrders, Line, ShopOrder
from kefu_tui.operations.returns import ReviewReturn
from kefu_tui.operations.saved_view import RemoveSavedView, SaveSavedView
from kefu_tui.operations.tag import Tag, Untag
from kefu_tui.store import outbox

if TYPE_CHECKING:
    from tests.sync.world import DeskHere


class Acts:
    """The agents of a world; `World` fills in the rest."""

    random: random.Random
    time: int
    ids: Any
    desks: "list[DeskHere]"
    customers: Any
    groups: Any

    def agent_acts(self, desk: "DeskHere") -> None:
        conversations = desk.ids("SELECT id, status, assignee_id, last_pos FROM conversation ORDER BY id")
        if not conversations:
            return
        mine = [c for c in conversations if c[2] == desk.agent_id]
        id, status, assignee, last_pos = self.random.choice(
            mine if mine and self.random.random() < 0.7 else conversations
        )
        basis = Basis(last_pos=last_pos, claim=assignee, status=status)
        verb = self.random.random()
        colleague = self.random.choice(self.desks)
        if verb < 0.2:
            desk.do(Claim(conversation_id=id), basis)
        elif verb < 0.5:
            orders = desk.ids("SELECT id, version FROM shop_order ORDER BY id LIMIT 1") if verb < 0.35 else []
            known = Basis(last_pos=last_pos, claim=assignee, status=status, orders=dict(orders))
            desk.do(Reply(conversation_id=id, message_id=self.ids(), text=f"回复 {self.time}"), known)
        elif verb < 0.57:
            desk.do(Note(conversation_id=id, message_id=self.ids(), text="记一下"), basis)
        elif verb < 0.64:
            desk.do(
                Transfer(conversation_id=id, to_agent_id=colleague.agent_id, note="请接", note_id=self.ids()), basis
            )
        elif verb < 0.69:
            desk.do(Transfer(conversation_id=id, to_group_id=self.random.choice(self.groups)), basis)
        elif verb < 0.73:
            desk.do(Release(conversation_id=id), basis)
        elif verb < 0.77:
            desk.do(Resolve(conversation_id=id), basis)
        elif verb < 0.8:
            desk.do(Reopen(conversation_id=id), basis)
        elif verb < 0.84:
            desk.do(Snooze(conversation_id=id, until=self.time + 60 * MINUTE, by_customer=True), basis)
        elif verb < 0.86:
            desk.do(Wake(conversation_id=id), basis)
        elif verb < 0.88:
            kind = self.random.choice((Tag, Untag))
            desk.do(kind(conversation_id=id, name=self.random.choice(("催件", "vip"))), basis)
        elif verb < 0.89:
            self._settle(desk)
        elif verb < 0.91:
            self._review(desk, id)
        elif verb < 0.96:
            self._orders_or_phrases(desk)
        else:
            self._cancel(desk)

    def _settle(self, desk: "DeskHere") -> None:
        held = desk.ids("SELECT id, conversation_id FROM message WHERE state = 'held' ORDER BY id")
        if held:
            message, conversation = self.random.choice(held)
            action = self.random.choice(("send", "note", "discard"))
            desk.do(SettleHeld(conversation_id=conversation, message_id=message, action=action))

    def _orders_or_phrases(self, desk: "DeskHere") -> None:
        number = str(126036803257340376 + self.random.randrange(2))
        if self.random.random() < 0.8:
            order = ShopOrder(
                order_no=number,
                status=self.random.choice(("paid", "shipped", "refunding")),
                total=12_800,
                placed_at=self.time,
                buyer=self.random.choice(self.customers),
                lines=(Line(title="水"),),
            )
            desk.do(ImportOrders(orders=(order,)))
        elif self.random.random() < 0.5:
            self._shelve(desk)
        else:
            id = derive("canned", desk.login)
            if self.random.random() < 0.3:
                desk.do(RemoveCanned(canned_id=id))
            else:
                desk.do(
                    SaveCanned(
                        canned_id=id, title=f"t{self.time}", text="您好", stage="greet", scenario="greeting",
                        scope="agent", scope_id=desk.agent_id,
                    )
                )  # fmt: skip

    def _shelve(self, desk: "DeskHere") -> None:
        """A macro or a view, the agent's own or a group's; sometimes taken away again."""
        group = self.random.choice((None, *self.groups))
        scope, scope_id = ("group", group) if group else ("agent", desk.agent_id)
        id = derive("shelved", scope_id or "")
        if self.random.random() < 0.3:
            desk.do(self.random.choice((RemoveMacro(macro_id=id), RemoveSavedView(view_id=id))))
        elif self.random.random() < 0.5:
            desk.do(SaveMacro(macro_id=id, name=f"m{self.time}", steps="[]", scope=scope, scope_id=scope_id))
        else:
            desk.do(SaveSavedView(view_id=id, name=f"v{self.time}", filter="tag:急", scope=scope, scope_id=scope_id))

    def _review(self, desk: "DeskHere", conversation_id: str) -> None:
        orders = desk.ids(
            "SELECT o.id FROM shop_order o JOIN conversation c ON c.customer_id = o.customer_id "
            f"WHERE c.id = '{conversation_id}' ORDER BY o.id"
        )
        if orders:
            verdict = self.random.choice(("approved", "refused", "open"))
            desk.do(ReviewReturn(conversation_id=conversation_id, order_id=orders[0][0], verdict=verdict))

    def _cancel(self, desk: "DeskHere") -> None:
        pending = desk.ids("SELECT op_no, op_id FROM outbox WHERE state = 'pending' ORDER BY op_no DESC LIMIT 1")
        if pending:
            op_no, op_id = pending[0]
            refused = desk.store.write(lambda connection: outbox.cancel(connection, op_no)).result()
            if refused is None:
                desk.voided.add(op_id)
