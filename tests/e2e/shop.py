"""A real shop for tests from outside: the backend as a process of its own, desks as homes, customers over HTTP."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx

PASSWORD = "correct horse"


class Shop:
    """Starts, kills and restarts `kefu serve` on one port; adds agents; runs `kefu` commands."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.data = folder / "backend"
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("KEFU_")},
            "KEFU_STORE_KEY": "a passphrase for tests",
            "KEFU_LANG": "zh",
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kefu(self, *arguments: str, home: str = "", given: str | None = None, code: int | None = 0) -> Any:
        """Runs a command; its JSON answer. `code` is the exit code it must have, None for any."""
        words = [sys.executable, "-m", "kefu_tui", *(["--home", str(self.folder / home)] if home else []), *arguments]
        run = subprocess.run(
            words, input=given, capture_output=True, text=True, env=self.environment, timeout=120, check=False
        )
        if code is not None:
            assert run.returncode == code, f"{arguments}: exit {run.returncode}\n{run.stdout}\n{run.stderr}"
        return json.loads(run.stdout) if run.stdout.strip() else None

    def serve(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kefu_tui", "serve", "--port", str(self.port), "--data", str(self.data)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        found = re.fullmatch(r"kefu backend ready on http://127\.0\.0\.1:(\d+)\n", line)
        assert found, (line, self.process.stderr.read() if self.process.stderr and not line else "")
        self.port = int(found.group(1))

    def kill(self) -> None:
        """As a power cut would: SIGKILL."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=30)
        self.process = None

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=30)
            self.process = None

    def agent(self, login: str, role: str = "agent") -> None:
        self.kefu("user", "add", login, "--role", role, "--password-stdin", "--data", str(self.data), given=PASSWORD)

    def sign_in(self, login: str) -> None:
        self.kefu("login", "--user", login, "--password-stdin", "--backend", self.url, home=login, given=PASSWORD)

    def customer(self, name: str) -> "Customer":
        return Customer(self.url, name)


class Customer:
    """A person on the chat page, over its HTTP interface."""

    def __init__(self, url: str, name: str) -> None:
        made = httpx.post(f"{url}/chat/v1/visitors", json={"name": name}).raise_for_status().json()
        self.id = made["visitor_id"]
        self.client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {made['token']}"})
        self.count = 0

    def say(self, text: str) -> dict[str, Any]:
        self.count += 1
        sent = self.client.post("/chat/v1/messages", json={"client_id": str(self.count), "text": text})
        told: dict[str, Any] = sent.raise_for_status().json()
        return told

    def reads(self) -> list[tuple[str, str]]:
        """What stands on the page, in order, as (from, text)."""
        told = self.client.get("/chat/v1/messages", params={"after": 0}).raise_for_status().json()["messages"]
        assert [message["position"] for message in told] == list(range(1, len(told) + 1))
        return [(message["from"], message["text"]) for message in told]


def until(what: Callable[[], bool], seconds: float = 30.0) -> None:
    """Waits for a condition; fails when it never comes."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
