"""Certificates: a backend whose authority this machine does not trust is not spoken to; authorities are read once."""

import datetime
import ipaddress
import pathlib
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import msgspec
import pytest

from kefu_tui.certificates import trusted
from kefu_tui.model.rows import SCHEMA
from kefu_tui.sync.transport import HttpTransport, Unreachable
from kefu_tui.wire import PROTOCOL, Hello

HELLO = Hello(protocols=[PROTOCOL], epoch="e", head=0, schema=SCHEMA, server_time=0, limits={}, features=[])


@pytest.fixture
def certificate(tmp_path: pathlib.Path) -> pathlib.Path:
    """A key and a certificate of its own for 127.0.0.1, in one file."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a shop's own authority")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    place = tmp_path / "certificate.pem"
    plain = serialization.NoEncryption()
    place.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return place


@pytest.fixture
def backend(certificate: pathlib.Path) -> Iterator[str]:
    """What says hello over TLS."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = msgspec.json.encode(HELLO)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(HTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass  # who does not trust it goes away

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_backend_is_spoken_to_where_its_authority_is_trusted(
    backend: str, certificate: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted.cache_clear()
    try:
        with pytest.raises(Unreachable, match=r"(?i)certificate"):
            HttpTransport(backend).hello()
        trusted.cache_clear()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert HttpTransport(backend).hello() == HELLO
        assert HttpTransport(backend.replace("https", "HTTPS")).hello() == HELLO
    finally:
        trusted.cache_clear()


def test_without_tls_no_authority_is_read_and_none_trusted() -> None:
    assert trusted() is trusted()
    assert trusted().cert_store_stats()["x509_ca"] > 0
    nobody = trusted(tls=False)
    assert (nobody.verify_mode, nobody.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert nobody.cert_store_stats()["x509_ca"] == 0
