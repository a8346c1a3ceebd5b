"""Pages of an encrypted store, judged without SQLite: whether a key is theirs, and which were changed since they were sealed.

Each page ends with the HMAC-SHA512 of what SQLCipher 4 wrote and of its number. https://www.zetetic.net/sqlcipher/design/
"""

import hashlib
import hmac
import itertools
import pathlib
import struct
from collections.abc import Iterator

from kefu_tui.store import aside, frames

PAGE, SALT, SEAL, VECTOR = 4096, 16, 64, 16
"""Bytes: of a page, of the salt in place of the first page's magic words, of the seal at the end, of the vector before it."""
SIZE_AT = 28
"""Where the first page says how many pages there are."""
LOOKED_AT = 4096
"""Pages by which a key is judged, spread over the file."""
_MASK, _ROUNDS = 0x3A, 2


class Seals:
    """Tells pages that were sealed with this key and salt from all others."""

    def __init__(self, key: bytes, salt: bytes) -> None:
        masked = bytes(byte ^ _MASK for byte in salt)
        self._key = hashlib.pbkdf2_hmac("sha512", key, masked, _ROUNDS, 32)

    def whole(self, number: int, page: bytes) -> bool:
        """Whether a page is as it was sealed, under this number."""
        return hmac.compare_digest(self._seal(number, page), page[-SEAL:])

    def resized(self, page: bytes, told: int, size: int) -> bytes:
        """A first page that says another number of pages.

        It stands in the first block that is enciphered, so that a bit of the vector turns that bit of it.
        """
        place = PAGE - SEAL - VECTOR + SIZE_AT - SALT
        changed = bytearray(page)
        changed[place : place + 4] = (int.from_bytes(page[place : place + 4], "big") ^ told ^ size).to_bytes(4, "big")
        changed[-SEAL:] = self._seal(1, bytes(changed))
        return bytes(changed)

    def _seal(self, number: int, page: bytes) -> bytes:
        body = page[SALT if number == 1 else 0 : -SEAL]
        return hmac.new(self._key, body + struct.pack("<I", number), "sha512").digest()


def salts(path: pathlib.Path) -> list[bytes]:
    """What may be a store's salt: as it stands in the file, and in copies of the first page in its log."""
    with path.open("rb") as file:
        found = [file.read(SALT)]
    log = frames.read(aside.log_of(path), PAGE, judge=False)
    found += [frame.data[:SALT] for frame in (*log.committed, *log.torn) if frame.page == 1]
    return [salt for salt in dict.fromkeys(found) if len(salt) == SALT]


def salt(path: pathlib.Path, key: bytes, told: bytes = b"") -> bytes | None:
    """The salt with which this key fits pages of a store or of its log; None where it fits none.

    `told` is what it may be besides what stands in the files.
    """
    for known in filter(None, (*salts(path), told)):
        seals = Seals(key, known)
        if any(seals.whole(number, page) for number, page in _some_pages(path)):
            return known
    return next(_nearly(path, key), None)


def _nearly(path: pathlib.Path, key: bytes) -> Iterator[bytes]:
    """Salts that differ in one byte from the one in the file, and with which the key fits."""
    pages = list(itertools.islice((page for page in _some_pages(path) if page[0] != 1), 2))
    for known in salts(path)[:1]:
        for place, byte in itertools.product(range(SALT), range(256)):
            changed = known[:place] + bytes([byte]) + known[place + 1 :]
            seals = Seals(key, changed)
            if any(seals.whole(number, page) for number, page in pages):
                yield changed


def fits(path: pathlib.Path, key: bytes) -> bool:
    """Whether this is the key of a store, however damaged that is: it fits a page of it, of its log, or of a copy."""
    try:
        return any(salt(file, key) is not None for file in (path, *aside.copies(path)))
    except OSError:
        return False


def _some_pages(path: pathlib.Path) -> Iterator[tuple[int, bytes]]:
    pages = path.stat().st_size // PAGE
    with path.open("rb") as file:
        for place in range(0, pages, max(1, pages // LOOKED_AT)):
            file.seek(place * PAGE)
            yield place + 1, file.read(PAGE)
    log = frames.read(aside.log_of(path), PAGE, judge=False)
    for frame in (*log.committed, *log.torn):
        yield frame.page, frame.data
