"""Where what ships in the box lies: canned replies, service policies, the demo shop."""

import pathlib

_PACKAGE = pathlib.Path(__file__).resolve().parent


def box(*parts: str) -> pathlib.Path:
    """The path of a file or folder of the box: inside an installed package, else `data/` beside it."""
    packed = _PACKAGE / "box"
    return (packed if packed.is_dir() else _PACKAGE.parent / "data").joinpath(*parts)
