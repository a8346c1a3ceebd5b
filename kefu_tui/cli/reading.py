"""How the words of a call become values: plain conversions instead of the schema library that typer would load."""

import pathlib
from typing import Any, Literal, get_args, get_origin

from kefu_tui.cli.errors import Stop, misused

PLAIN = (str, int, float, bool, pathlib.Path)


class Reading:
    """What typer asks for the value of one parameter."""

    def __init__(self, kind: Any, many: bool) -> None:
        self.kind = kind
        self.many = many

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value of the words that were given, or of the default."""
        if self.many:
            return [self._one(one, param) for one in value or ()]
        return None if value is None else self._one(value, param)

    def _one(self, value: Any, param: Any) -> Any:
        if get_origin(self.kind) is Literal:
            if value not in get_args(self.kind):
                raise unfit(param)
            return value
        if isinstance(value, self.kind):
            read = value
        else:
            try:
                read = self.kind(value)
            except ValueError:
                raise unfit(param) from None
        if isinstance(read, int | float) and not isinstance(read, bool):
            least, most = param.min, param.max
            if read != read or (least is not None and read < least) or (most is not None and read > most):
                raise unfit(param)
        return read


def read_plainly(param: Any) -> None:
    """Lets typer read a parameter by a plain conversion where its kind has one."""
    told = getattr(getattr(param, "type_descriptor", None), "annotation", None)
    many = get_origin(told) is list
    kind = get_args(told)[0] if many else told
    if kind in PLAIN or get_origin(kind) is Literal:
        param._runtime_param = Reading(kind, many)


def unfit(param: Any) -> Stop:
    """The value of this parameter does not fit."""
    zh, en = wanted(param)
    name = max(param.opts, key=len) if param.param_type_name == "option" else param.metavar
    return misused(f"{name} 的值不对，{zh}。", f"The value of {name} does not fit: {en}.")


def wanted(param: Any) -> tuple[str, str]:
    """What a parameter takes, in both languages."""
    reading = getattr(param, "_runtime_param", None)
    kind = reading.kind if isinstance(reading, Reading) else str
    if get_origin(kind) is Literal:
        names = get_args(kind)
        return f"可用 {'、'.join(names)}", f"one of {', '.join(names)}"
    words = {int: ("要整数", "a whole number is needed"), float: ("要数字", "a number is needed")}
    zh, en = words.get(kind, ("要别的写法", "it is to be written otherwise"))
    limits = [f"≥ {param.min}" if param.min is not None else "", f"≤ {param.max}" if param.max is not None else ""]
    limit = " ".join(part for part in limits if part)
    return (f"{zh}（{limit}）", f"{en} ({limit})") if limit else (zh, en)
