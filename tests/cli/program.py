"""Running the real program: calls and what they answered, a backend, a visitor of its chat page."""

import io
import json
import os
import pathlib
import subprocess
import sys
import unicodedata
from typing import Any
from unittest import mock

import httpx

from kefu_tui.cli.main import main

KEY = "passphrase of the tests"
PASSWORD = "correct horse"


class Answer:
    """What a call gave back."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.out = out.decode("utf-8")
        self.err = err.decode("utf-8")

    @property
    def data(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    def refused(self, code: int, *words: str) -> "Answer":
        """Asserts an exit code and one line on standard error with these words, no traceback, no data."""
        assert self.code == code, (self.code, self.out, self.err)
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        assert self.out == ""
        for word in words:
            assert word in self.err, self.err
        return self


class Kefu:
    """`kefu` with a home and an environment of its own."""

    def __init__(self, home: pathlib.Path, lang: str = "en", key: str | None = KEY) -> None:
        self.home = home
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KEFU_", "PYTHON"))}
        self.env = {**kept, "KEFU_LANG": lang, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        if key is not None:
            self.env["KEFU_STORE_KEY"] = key

    def __call__(self, *words: str, input: str | bytes = b"", **env: str) -> Answer:
        """One call as a process of its own: its standard input, and additions to its environment."""
        given = input.encode() if isinstance(input, str) else input
        command = [sys.executable, "-m", "kefu_tui", "--home", str(self.home), *words]
        cwd = str(pathlib.Path(__file__).parents[2])
        done = subprocess.run(command, input=given, capture_output=True, env={**self.env, **env}, timeout=120, cwd=cwd)
        return Answer(done.returncode, done.stdout, done.stderr)

    def ok(self, *words: str, input: str | bytes = b"", **env: str) -> Any:
        """The data of a call that must be done."""
        answer = self(*words, input=input, **env)
        assert answer.code == 0, (words, answer.code, answer.err)
        return answer.data if answer.out.strip() else None


class Inside(Kefu):
    """The same without a process for each call, for tables of many cases."""

    def __call__(self, *words: str, input: str | bytes = b"", **env: str) -> Answer:
        """One call in this process."""
        given = input.encode() if isinstance(input, str) else input
        out, err = io.BytesIO(), io.BytesIO()
        streams = {
            "stdin": io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"),
            "stdout": io.TextIOWrapper(out, encoding="utf-8", write_through=True),
            "stderr": io.TextIOWrapper(err, encoding="utf-8", write_through=True),
        }
        with mock.patch.multiple(sys, **streams), mock.patch.dict(os.environ, {**self.env, **env}, clear=True):
            code = main(["--home", str(self.home), *words])
        return Answer(code, out.getvalue(), err.getvalue())


class Backend:
    """`kefu serve` as a process of its own, on a port of its own."""

    def __init__(self, data: pathlib.Path) -> None:
        self.data = data
        self._kefu = Kefu(data / "nobody")
        self.port = 0
        self.start()

    def start(self) -> None:
        """Serves; returns when it says that it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kefu_tui", "serve", "--port", str(self.port), "--data", str(self.data)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._kefu.env,
            cwd=str(pathlib.Path(__file__).parents[2]),
        )
        assert self.process.stdout
        line = self.process.stdout.readline().decode()
        assert line.startswith("kefu backend ready on http://"), line
        self.url = line.split()[-1]
        self.port = int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """The cable is cut."""
        self.process.kill()
        self.process.wait()

    def add(self, login: str, role: str = "agent", *more: str) -> Answer:
        """`kefu user add`."""
        words = ("user", "add", login, "--role", role, "--password-stdin", "--data", str(self.data), *more)
        return self._kefu(*words, input=f"{PASSWORD}\n")

    def login(self, home: pathlib.Path, login: str, lang: str = "en") -> Kefu:
        """A desk that is signed in."""
        kefu = Inside(home, lang)
        kefu.ok("login", "--user", login, "--password-stdin", "--backend", self.url, input=PASSWORD + "\n")
        return kefu


class Visitor:
    """A customer on the chat page."""

    def __init__(self, backend: Backend, name: str) -> None:
        self._http = httpx.Client(base_url=backend.url, timeout=20, trust_env=False)
        token = self._http.post("/chat/v1/visitors", json={"name": name, "locale": "zh"}).raise_for_status().json()
        self._http.headers["Authorization"] = f"Bearer {token['token']}"
        self._sent = 0

    def writes(self, text: str) -> str:
        """Sends a message and returns its conversation."""
        self._sent += 1
        body = {"client_id": str(self._sent), "text": text}
        told = self._http.post("/chat/v1/messages", json=body).raise_for_status().json()
        return str(told["conversation_id"])

    def reads(self) -> list[tuple[str, str]]:
        """Everything it can see, as (from, text)."""
        told = self._http.get("/chat/v1/messages", params={"after": 0}).raise_for_status().json()
        return [(one["from"], one["text"]) for one in told["messages"]]


def harmful(text: str) -> list[str]:
    """The characters of an output that no terminal may get."""
    return [
        f"U+{ord(char):04X}"
        for char in text
        if char != "\n" and (unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in BIDI)
    ]


BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u200b"
