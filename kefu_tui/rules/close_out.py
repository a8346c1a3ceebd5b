"""What a conversation's close-out record holds, and what of it each kind of conversation needs."""

from collections.abc import Mapping

from kefu_tui.rules.policy import KINDS, PolicyError

FIELDS: dict[str, tuple[str, str]] = {
    "order_no": ("订单号", "order number"),
    "problem": ("什么问题", "problem"),
    "result": ("处理结果", "result"),
    "said": ("客户怎么说", "what the customer said"),
    "done": ("怎么处理的", "what was done"),
}
LONGEST = 500
"""Characters of a field."""
SCORES = range(1, 6)


def parse_close_out(data: object) -> Mapping[str, tuple[str, ...]]:
    """The section `close_out` of a policy: by kind of conversation what must be filled in first. Raises PolicyError."""
    if not isinstance(data, Mapping):
        raise PolicyError(f"close_out: a table is needed, not {data!r}")
    needed: dict[str, tuple[str, ...]] = {}
    for kind, fields in data.items():
        if kind not in KINDS:
            raise PolicyError(f"close_out.{kind}: no kind of conversation ({', '.join(KINDS)})")
        if not isinstance(fields, list) or not all(field in FIELDS for field in fields):
            raise PolicyError(f"close_out.{kind}: a list of {', '.join(FIELDS)} is needed, not {fields!r}")
        needed[kind] = tuple(dict.fromkeys(fields))
    return needed


def told(fields: Mapping[str, str], lang: str) -> list[tuple[str, str]]:
    """A record with its titles in a language, in the order of FIELDS."""
    pick = 1 if lang == "en" else 0
    return [(FIELDS[name][pick], fields[name]) for name in FIELDS if fields.get(name)]
