"""settings: an agent's own settings, shown and changed."""

from typing import Annotated

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.errors import REFUSED, Stop, misused
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.words import both

app = Commands()


@app.verb(
    "settings",
    "自己的设置；写名称看一项，再写内容是改它。",
    "Your settings; a name shows one, a value behind it changes it.",
)
def settings(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=both("哪一项", "which one"))] = "",
    value: Annotated[str | None, typer.Argument(metavar="VALUE", help=both("改成什么", "its new value"))] = None,
) -> None:
    import msgspec

    from kefu_tui import settings as own

    call = here(ctx)
    file = own.folder() / own.NAME
    chosen, trouble = own.load(file)
    if trouble is not None:
        raise Stop(REFUSED, "settings", f"{file}：{trouble.zh}", f"{file}: {trouble.en}")
    known = msgspec.structs.asdict(chosen)
    if name and name not in known:
        raise misused(f"没有 {name} 这一项，有：{' '.join(known)}", f"There is no {name}. There are: {' '.join(known)}")
    if value is None:
        call.one({name: known[name]} if name else known)
        return
    given: object = value
    if isinstance(known[name], bool):
        given = {"true": True, "false": False}.get(value.lower(), value)
    elif isinstance(known[name], int) and value.isdecimal():
        given = int(value)
    try:
        fresh = msgspec.convert({**known, name: given}, own.Settings)
    except msgspec.ValidationError as error:
        raise misused(f"{name} 不能是 {value}：{error}", f"{name} cannot be {value}: {error}") from None
    own.save(file, fresh)
    call.one({name: msgspec.structs.asdict(fresh)[name]})
