"""The facts that automation rules are held against, as a view has them."""

from kefu_tui.model.rows import Conversation, Customer, Group, Tag, Ticket
from kefu_tui.now import DAY, MINUTE
from kefu_tui.operations import timing
from kefu_tui.operations.view import View
from kefu_tui.rules.automation import Facts, works
from kefu_tui.rules.calendar import day_of, local_us
from kefu_tui.rules.clocks import Policy, on_shift


def facts_of(
    view: View, conversation: Conversation, event: str, at: int, *, ticket: Ticket | None = None
) -> Facts | None:
    """What is so when an event happens to a conversation; None where no service policy tells when the shop is open."""
    policy = timing.policy(view)
    if policy is None:
        return None
    customer = view.get(Customer, conversation.customer_id)
    group = view.get(Group, conversation.group_id)
    facts = Facts(
        event=event,
        at=at,
        kind=conversation.kind,
        channel=conversation.channel,
        group=group.name if group else "",
        tier=customer.tier if customer else "new",
        language=conversation.language,
        priority=conversation.priority,
        tags=frozenset(row.name for row in view.where(Tag, "conversation_id", conversation.id)),
        status=conversation.status,
        assigned=conversation.assignee_id is not None,
        unanswered=conversation.unanswered,
        open=False,
        minute=0,
        day=day_of(at),
        working=None,
        workflow=ticket.workflow if ticket else "",
        state=ticket.state if ticket else "",
    )
    return timed(facts, policy, at)


def timed(facts: Facts, policy: Policy, at: int) -> Facts:
    """The facts at a moment: the hour, the day, whether the group is there."""
    local = local_us(at, policy.zone)
    day = day_of(local)
    return facts._replace(
        at=at,
        open=on_shift(policy, at, facts.group),
        minute=local % DAY // MINUTE,
        day=day,
        working=works(policy.calendar_of(facts.group), day),
    )


def of_the_past(facts: Facts) -> Facts:
    """The same without status, assignee and unanswered messages: what stands now came later."""
    return facts._replace(status=None, assigned=None, unanswered=None)
