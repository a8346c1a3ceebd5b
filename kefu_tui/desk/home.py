"""A desk's home folder: the store's key, signing in and out, opening the desk."""

import json
import os
import pathlib
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from kefu_tui.desk.desk import Desk
from kefu_tui.ids import Ids
from kefu_tui.model.sql import Connection
from kefu_tui.now import Now, system_now
from kefu_tui.store import aside, facts, outbox
from kefu_tui.store.engine import Store, StoreError

if TYPE_CHECKING:
    from kefu_tui.store.mending import Mended
    from kefu_tui.wire import SignedIn

SERVICE = "kefu"
"""Name of our secrets in the operating system's keyring."""

AskPassphrase = Callable[[], str]


class HomeError(Exception):
    """The home cannot be opened. `code`: no-key, not-signed-in, other-agent, other-backend, in-use, or a StoreError's code."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Home:
    """The folder of one agent on one machine: `store.db`, `store.json` (how its key is made) and the lease."""

    def __init__(self, folder: pathlib.Path, now: Now = system_now, ids: Ids | None = None) -> None:
        self.folder = folder
        self.now = now
        self.ids = ids or Ids(now)

    @property
    def store_path(self) -> pathlib.Path:
        """The store's file."""
        return self.folder / "store.db"

    @property
    def recipe(self) -> pathlib.Path:
        """The file that says how the key is made: without it a passphrase alone opens nothing."""
        return self.folder / "store.json"

    @property
    def recipe_copy(self) -> pathlib.Path:
        """Its second copy."""
        return self.folder / "store.copy.json"

    def exists(self) -> bool:
        """Whether somebody has signed in here."""
        return self.store_path.exists()

    def open_store(self, ask: AskPassphrase | None = None) -> Store:
        """Opens the store with its key. Raises HomeError: no-key where there is none, or what the store says."""
        if not self.exists():
            raise HomeError("not-signed-in", str(self.folder))
        return self._open(self._key(ask))

    def sign_in(
        self, backend: str, login: str, password: str, lang: str = "zh", ask: AskPassphrase | None = None
    ) -> "SignedIn":
        """Signs an agent in, making the home where there is none. Raises HomeError, Unreachable, Refused.

        A store belongs to one agent: another one needs another home.
        """
        from kefu_tui.sync.transport import HttpTransport
        from kefu_tui.wire import SignIn

        fresh = not self.exists()
        device_id = self.ids()
        if not fresh:
            store = self.open_store(ask)
            with store.read() as connection:
                owner, known = facts.get(connection, "login"), facts.get(connection, "backend")
                epoch = facts.get(connection, "epoch")
                forked = bool(facts.get(connection, facts.FORKED))
                device_id = device_id if forked else facts.get(connection, "device_id") or device_id
            store.close()
            if owner not in ("", login):
                raise HomeError("other-agent", owner)
        else:
            known = epoch = ""
            if not (os.environ.get("KEFU_STORE_KEY") or ask or _keyring_works()):
                raise HomeError("no-key")
        transport = HttpTransport(backend)
        try:
            signed = transport.sign_in(
                SignIn(login=login, password=password, device_id=device_id, device_name=os.uname().nodename)
            )
        finally:
            transport.close()
        if known and known != backend.rstrip("/") and epoch != signed.epoch:
            # Another backend: what waits here to be sent belongs to the first one.
            raise HomeError("other-backend", known)
        if fresh:
            self.make(ask)
        store = self._open(self._key(ask))
        store.write(lambda connection: _remember(connection, signed, device_id, backend, lang)).result()
        store.close()
        return signed

    def sign_out(self, ask: AskPassphrase | None = None) -> None:
        """Makes the token worthless here and, where it answers, at the backend. What is pending stays."""
        store = self.open_store(ask)
        with store.read() as connection:
            backend, token = facts.get(connection, "backend"), facts.get(connection, "token")
        store.write(lambda connection: facts.forget(connection, "token", "token_expires_at")).result()
        store.close()
        if backend and token:
            from kefu_tui.sync.transport import HttpTransport

            transport = HttpTransport(backend, token, timeout_s=5)
            try:
                transport.sign_out()
            finally:
                transport.close()

    def mend(self, ask: AskPassphrase | None = None) -> "Mended":
        """Sets a damaged store aside and makes a new one of what can be read. Raises HomeError, in-use where it is open."""
        from filelock import Timeout

        from kefu_tui.store.mending import mend
        from kefu_tui.sync.worker import lease

        if not self.exists():
            raise HomeError("not-signed-in", str(self.folder))
        key = self._key(ask)
        lock = lease(self.store_path)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise HomeError("in-use", str(self.store_path)) from None
        try:
            return mend(self.store_path, key, self.now())
        except StoreError as error:
            raise HomeError(error.code, error.detail) from error
        finally:
            lock.release()

    def recipe_whole(self) -> bool:
        """Whether the file can be read that says how the key is made."""
        return self._told(self.recipe) is not None

    def mend_recipe(self) -> bool:
        """Writes that file anew from its second copy; False where that cannot be read either."""
        known = self._told(self.recipe_copy)
        if known is not None:
            _write(self.recipe, known)
        return known is not None

    def make(self, ask: AskPassphrase | None = None) -> None:
        """Makes the folder and its key where they are missing: from KEFU_STORE_KEY, the keyring, or a passphrase asked for."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.recipe.exists() or self.recipe_copy.exists():
            return
        if os.environ.get("KEFU_STORE_KEY") or not _keyring_set(str(self.folder), secrets.token_bytes(32)):
            if not os.environ.get("KEFU_STORE_KEY") and ask is None:
                raise HomeError("no-key")
            recipe = {"key": "passphrase", "salt": secrets.token_hex(16)}
        else:
            recipe = {"key": "keyring"}
        _write(self.recipe_copy, recipe)
        _write(self.recipe, recipe)

    def _key(self, ask: AskPassphrase | None) -> bytes:
        recipe = self._told(self.recipe) or self._told(self.recipe_copy)
        if recipe is None:
            raise HomeError("damaged", str(self.recipe))
        if recipe["key"] == "keyring":
            key = _keyring_get(str(self.folder))
            if key is None:
                raise HomeError("no-key")
            return key
        passphrase = os.environ.get("KEFU_STORE_KEY") or (ask() if ask else "")
        if not passphrase:
            raise HomeError("no-key")
        return stretch(passphrase, bytes.fromhex(recipe["salt"]))

    def _told(self, path: pathlib.Path) -> dict[str, str] | None:
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            fine = told["key"] == "keyring" or (told["key"] == "passphrase" and len(bytes.fromhex(told["salt"])) > 0)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return dict(told) if fine else None

    def _open(self, key: bytes) -> Store:
        try:
            return Store(self.store_path, key)
        except StoreError as error:
            raise HomeError(error.code, error.detail) from error


def stretch(passphrase: str, salt: bytes) -> bytes:
    """A 32-byte key from a passphrase by Argon2id."""
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        passphrase.encode(), salt, time_cost=2, memory_cost=64 * 1024, parallelism=1, hash_len=32, type=Type.ID
    )


def open_desk(home: Home, store: Store, lang: str) -> Desk:
    """A desk over an open store. Raises HomeError where nobody has signed in."""
    desk = Desk(store, home.now, home.ids, lang)
    if not desk.agent_id:
        raise HomeError("not-signed-in", str(home.folder))
    return desk


def _remember(connection: Connection, signed: "SignedIn", device_id: str, backend: str, lang: str) -> None:
    known = {
        "agent_id": signed.agent_id,
        "login": signed.login,
        "role": signed.role,
        "device_id": device_id,
        "backend": backend.rstrip("/"),
        "token": signed.token,
        "token_expires_at": str(signed.expires_at),
        "lang": lang,
    }
    if facts.get(connection, "device_id") != device_id:
        outbox.renumber(connection)
    facts.forget(connection, facts.FORKED)
    if facts.get(connection, "sync_state") in ("needs-auth", "forked"):
        facts.set(connection, "sync_state", "offline")  # That is over; how it stands now, the next step of sync says.
    if not facts.get(connection, "epoch"):
        known["epoch"] = signed.epoch
    for key, value in known.items():
        facts.set(connection, key, value)
    from kefu_tui.store import pages

    pages.rescope(connection, signed.groups, [], signed.agent_id)


def _write(path: pathlib.Path, value: dict[str, str]) -> None:
    """All of it or nothing."""
    draft = path.with_suffix(".writing")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(value), encoding="utf-8")
    aside.sync(draft)
    draft.replace(path)
    aside.settle(path.parent)


def _keyring_works() -> bool:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_keyring().priority > 0
    except (KeyringError, RuntimeError):
        return False


def _keyring_set(name: str, key: bytes) -> bool:
    """Keeps a key in the operating system's keyring; False where there is none that works."""
    import keyring
    from keyring.errors import KeyringError

    try:
        if not _keyring_works():
            return False
        keyring.set_password(SERVICE, name, key.hex())
        return keyring.get_password(SERVICE, name) == key.hex()
    except (KeyringError, RuntimeError):
        return False


def _keyring_get(name: str) -> bytes | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        found = keyring.get_password(SERVICE, name)
    except (KeyringError, RuntimeError):
        return None
    return bytes.fromhex(found) if found else None
