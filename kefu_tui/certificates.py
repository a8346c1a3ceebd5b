"""What a server's certificate is checked against."""

import functools
import ssl


@functools.cache
def trusted(*, tls: bool = True) -> ssl.SSLContext:
    """The authorities that this machine trusts, `SSL_CERT_FILE` and `SSL_CERT_DIR` heeded: read once, as it takes 40 ms each time.

    Without `tls`, for addresses that have none, nothing is read, and no certificate would pass.
    """
    if not tls:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import httpx

    return httpx.create_ssl_context()
