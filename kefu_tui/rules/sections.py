"""A service policy as a whole: every section of it, each checked by the rules that it is of."""

from collections.abc import Mapping

from kefu_tui.rules.close_out import parse_close_out
from kefu_tui.rules.entering import parse_entering
from kefu_tui.rules.policy import Policy, PolicyError, parse_policy
from kefu_tui.rules.routing import RoutingError, parse_routing
from kefu_tui.rules.windows import parse_windows


def parse_whole(data: Mapping[str, object]) -> Policy:
    """What the clocks need of a policy, once all of it can be used. Raises PolicyError."""
    rules = parse_policy(data)
    parse_close_out(data.get("close_out", {}))
    parse_entering(data.get("entering", {}))
    parse_windows(data.get("windows", {}))
    try:
        parse_routing(data.get("routing", {}))
    except RoutingError as error:
        raise PolicyError(str(error)) from None
    return rules
