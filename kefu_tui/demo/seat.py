"""A seat at the demo shop: a home of its own for a while, with an open desk that syncs."""

import json
import pathlib
import secrets
from types import TracebackType

from kefu_tui.desk.desk import Desk
from kefu_tui.desk.home import Home, open_desk
from kefu_tui.desk.level import begin_sync, sync_once


class Seat:
    """Signs an agent in and opens its desk. The home's key is never kept anywhere: it goes with the folder."""

    def __init__(self, folder: pathlib.Path, backend: str, login: str, password: str, lang: str) -> None:
        passphrase = secrets.token_hex(16)
        folder.mkdir(mode=0o700, parents=True)
        # A home with a passphrase, so that nothing is left in the operating system's keyring.
        (folder / "store.json").write_text(json.dumps({"key": "passphrase", "salt": secrets.token_hex(16)}))
        home = Home(folder)
        home.sign_in(backend, login, password, lang, lambda: passphrase)
        self.store = home.open_store(lambda: passphrase)
        self.desk: Desk = open_desk(home, self.store, lang)
        sync_once(self.desk)  # who the agent is, and what it may do, comes from the backend
        self._worker = begin_sync(self.desk)

    def __enter__(self) -> "Seat":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends sync and closes the store; harmless twice."""
        if self._worker is not None:
            self._worker.stop()
            self._worker = None
            self.store.close()
