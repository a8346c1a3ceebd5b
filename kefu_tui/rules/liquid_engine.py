"""Liquid with limits: few tags and filters, no clock, no attribute walk, marks around what was filled in."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from liquid import Environment, RenderContext, TokenStream
    from liquid.expression import Expression

FILLED, MISSING, ASKED, END = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
"""Noncharacters around a filled value, a gap and a question in a marked result."""
MARKERS = dict.fromkeys(map(ord, FILLED + MISSING + ASKED + END))

_TAGS = frozenset(
    ("content", "output", "illegal", "if", "unless", "case", "for", "break", "continue", "assign", "comment", "#")
)
_FILTERS = frozenset(  # nothing whose result can be many times its input, nothing that reads a clock
    (
        "abs", "append", "at_least", "at_most", "capitalize", "ceil", "default", "divided_by", "downcase", "first",
        "floor", "last", "lstrip", "minus", "modulo", "plus", "prepend", "remove", "round", "rstrip", "size", "slice",
        "squish", "strip", "times", "truncate", "upcase",
    )
)  # fmt: skip


def shown(value: object) -> str:
    """A value as a reply shows it; empty for none and for what is no text, number or list of them."""
    if isinstance(value, str):
        return value.translate(MARKERS) if value.strip() else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return "".join(map(shown, value)) if isinstance(value, list) else ""


def placed(name: str, value: str) -> str:
    """A value with its marks; without one the name as a gap, of `ask.…` as a question."""
    if value:
        return FILLED + value + END
    root, _, asked = name.partition(".")
    return f"{ASKED}[{asked}]{END}" if root == "ask" and asked else f"{MISSING}[{name}]{END}"


def rendered(text: str, values: Mapping[str, object]) -> str:
    """The marked result of a template. Raises what Liquid raises."""
    return _environment().from_string(text).render({"now": None, "today": None, **values})


@lru_cache(1)
def _environment() -> "Environment":
    import liquid
    from liquid.builtin.expressions import FilteredExpression, Path
    from liquid.builtin.output import Output, OutputNode
    from liquid.exceptions import LiquidSyntaxError

    class ValueNode(OutputNode):
        """An output that leaves a gap for a missing value instead of nothing."""

        __slots__ = ()

        def render_to_output(self, context: "RenderContext", buffer: TextIO) -> int:
            expression = self.expression
            assert isinstance(expression, FilteredExpression)
            paths = [path for path in _parts(expression) if isinstance(path, Path)]
            optional = any(one.name == "default" for one in expression.filters or ())
            for path in paths:
                if not optional and not shown(path.evaluate(context)):
                    return buffer.write(placed(str(path), ""))
            value = shown(expression.evaluate(context))
            if value or (optional and len(paths) == 1):
                return buffer.write(placed("", value) if value and paths else value)
            return buffer.write(placed(str(paths[-1]), "") if paths else "")

    class ValueOutput(Output):
        node_class = ValueNode

        def parse(self, stream: "TokenStream") -> OutputNode:
            """Parse an output; a filter that is not there is refused even where the output is not reached."""
            node = super().parse(stream)
            assert isinstance(node.expression, FilteredExpression)
            for one in node.expression.filters or ():
                if one.name not in self.env.filters:
                    raise LiquidSyntaxError(f"unknown filter '{one.name}'", token=one.token)
            return node

    class SafeEnvironment(liquid.Environment):
        """Small limits: a canned reply is a few lines."""

        block_nesting_limit = 10
        context_depth_limit = 20
        loop_iteration_limit = 100
        local_namespace_limit = 100_000
        output_stream_limit = 100_000

        def setup_tags_and_filters(self, *, extra: bool = False) -> None:
            super().setup_tags_and_filters(extra=extra)
            self.tags = {name: tag for name, tag in self.tags.items() if name in _TAGS}
            self.filters = {name: one for name, one in self.filters.items() if name in _FILTERS}
            self.add_tag(ValueOutput)

    return SafeEnvironment()


def _parts(expression: "Expression") -> "Iterator[Expression]":
    for part in expression.children():
        yield part
        yield from _parts(part)
