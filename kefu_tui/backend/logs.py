"""Logging of the backend: a file in the data folder, masked, without texts of messages."""

import contextlib
import logging
import logging.handlers
import pathlib
import re
from collections.abc import Iterator

NAMES = ("kefu.backend", "uvicorn", "psycopg")
_DIGITS = re.compile(r"(?<!\d)(\d{3})\d{4,}(\d{4})(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@([\w-]+\.[\w.-]+)")


class Masked(logging.Formatter):
    """Hides numbers of people and mail addresses in everything that is written, tracebacks too."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


def mask(text: str) -> str:
    """A text with phone-like numbers as 138****1234 and without the names of mail addresses."""
    return _MAIL.sub(r"***@\1", _DIGITS.sub(r"\1****\2", text))


@contextlib.contextmanager
def logging_to(folder: pathlib.Path, name: str = "backend") -> Iterator[None]:
    """Writes the backend's log to `backend.log` in a folder, at most four files of 5 MB, and nowhere else."""
    path = folder / f"{name}.log"
    path.touch(mode=0o600)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(Masked("%(asctime)s %(levelname)s %(name)s %(message)s"))
    loggers = [logging.getLogger(name) for name in NAMES]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
        handler.close()
