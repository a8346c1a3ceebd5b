"""Serving: ready when it answers, one clear error when the port is taken, a graceful end."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys

import httpx
import pytest

from kefu_tui.backend.serve import ServeError, serve, start_in_thread

from .shop import Shop

pytestmark = pytest.mark.on_sqlite

CODE = """
import pathlib, sys
from kefu_tui.backend.serve import serve
serve(pathlib.Path(sys.argv[1]), "127.0.0.1", 0, ready=lambda url: print(url, flush=True))
print("ended", flush=True)
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_process_says_when_it_answers_and_ends_well(
    furnished: pathlib.Path, tmp_path: pathlib.Path, sign: signal.Signals
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(furnished, folder)
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    url = process.stdout.readline().strip()
    with httpx.Client(base_url=url, trust_env=False, timeout=20) as http:
        assert http.get("/readyz").status_code == 200
        token = http.post("/chat/v1/visitors", json={}).json()["token"]
        with http.stream("GET", "/chat/v1/events", headers={"Authorization": f"Bearer {token}"}) as stream:
            lines = stream.iter_lines()
            assert "event: hello" in lines
            process.send_signal(sign)
            assert "event: bye" in list(lines)
    out, errors = process.communicate(timeout=30)
    assert (process.returncode, out.strip()) == (0, "ended")
    assert errors.count("\n") == 1, errors


def test_a_taken_port_is_one_clear_error(shop: Shop, tmp_path: pathlib.Path) -> None:
    port = httpx.URL(shop.running.url).port or 0
    said = f"Port {port} on 127.0.0.1 is taken"
    with pytest.raises(ServeError, match=said):
        start_in_thread(shop.service, port=port)
    with pytest.raises(ServeError, match=said):
        serve(tmp_path / "new", "127.0.0.1", port, ready=lambda url: None)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("host", "port"), [("256.0.0.1", 0), ("192.0.2.1", 0), ("127.0.0.1", 70000)])
def test_an_address_that_cannot_be_had(shop: Shop, host: str, port: int) -> None:
    with pytest.raises(ServeError, match="Cannot listen"):
        start_in_thread(shop.service, host, port)


def test_the_same_service_serves_again_after_a_stop(shop: Shop) -> None:
    visitor = shop.visitor()
    visitor.say("一")
    port = httpx.URL(shop.running.url).port or 0
    shop.running.stop()
    shop.running.stop()
    with pytest.raises(httpx.TransportError):
        visitor.read()
    shop.running = start_in_thread(shop.service, port=port)
    assert [line["text"] for line in visitor.read()] == ["一"]
