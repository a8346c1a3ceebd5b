"""The measurements, one file with one function each, in the order of the table."""

from typing import NamedTuple


class Measure(NamedTuple):
    """A measurement: module `bench.measures.<name>` with `measure(ground)`. `scaled`: again at each scale. `long`: only when asked
    for by name.
    """

    name: str
    scaled: bool
    long: bool = False


MEASURES = (
    Measure("start", True),
    Measure("keys", True),
    Measure("keys_under_load", True),
    Measure("bare_list", False),
    Measure("queue_json", True),
    Measure("search", True),
    Measure("replies", False),
    Measure("suggest", False),
    Measure("recognise", False),
    Measure("reads", True),
    Measure("commit", True),
    Measure("commit_plain", True),
    Measure("pull", True),
    Measure("load", True),
    Measure("backlog", False),
    Measure("push", False),
    Measure("push_postgres", False),
    Measure("propagation", False),
    Measure("desks", False),
    Measure("clocks", True),
    Measure("automation", False),
    Measure("memory", False, long=True),
)

NOT_YET = {
    "lint of 500 characters": "there is no guard yet",
}
"""Lines of the table that cannot be measured, and why."""
