"""The malware scanner: asked about the bytes of files before they are taken in.

By default there is none, and copies say that they were not scanned. ``clamd://host:port`` is a ClamAV daemon,
spoken to in its INSTREAM protocol: the bytes are sent, nothing is shared on a disk.
"""

import socket
from collections.abc import Iterable
from contextlib import closing
from typing import Any, Protocol
from urllib.parse import urlsplit

from contents import ContentMissing, Contents, ContentsError
from contracts.intake import BroughtMaterial
from eventing.dependency import HostDependency
from eventing.errors import Unavailable
from intake.domain.material import Verdict

TIMEOUT = 30.0
"""Seconds that the scanner may be silent."""

CHUNK = 64 * 1024

Scans = dict[str, Verdict]
"""Digest of a file → what was found in it."""


class ScanPort(Protocol):
    """Whoever looks into bytes for malware. Raises ``Unavailable`` when it cannot say."""

    def scan(self, chunks: Iterable[bytes]) -> Verdict:
        """What is found in the bytes."""


class NoScanner:
    """No scanner is configured: nobody looked."""

    def scan(self, chunks: Iterable[bytes]) -> Verdict:
        """Nothing was found out."""
        return "not_scanned"


class ClamAV:
    """A ClamAV daemon, over TCP."""

    def __init__(self, host: str, port: int, timeout: float = TIMEOUT) -> None:
        self._place = (host, port)
        self._timeout = timeout

    def scan(self, chunks: Iterable[bytes]) -> Verdict:
        """``clean`` or ``infected``; what the daemon refuses to look at is not clean, and not taken in today."""
        try:
            with closing(socket.create_connection(self._place, timeout=self._timeout)) as connection:
                connection.sendall(b"zINSTREAM\0")
                for chunk in chunks:
                    for start in range(0, len(chunk), CHUNK):
                        part = chunk[start : start + CHUNK]
                        connection.sendall(len(part).to_bytes(4) + part)
                connection.sendall(bytes(4))
                answer = _read(connection)
        except OSError as error:
            raise Unavailable(what="scanner", error=type(error).__name__) from error
        if answer.endswith("OK"):
            return "clean"
        if answer.endswith("FOUND"):
            return "infected"
        raise Unavailable(what="scanner", error=answer)


def _read(connection: socket.socket) -> str:
    """The daemon's answer, up to the zero byte or the end: ``stream: OK``, ``stream: <name> FOUND``, ``… ERROR``."""
    answer = b""
    while not answer.endswith(b"\0") and (more := connection.recv(4096)):
        answer += more
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def open_scanner(url: str) -> ScanPort:
    """The scanner at an address; none for an empty one. Raises ValueError for what is no scanner's address."""
    if not url:
        return NoScanner()
    parts = urlsplit(url)
    if parts.scheme == "clamd" and parts.hostname and parts.port:
        return ClamAV(parts.hostname, parts.port)
    raise ValueError(f"a malware scanner is clamd://host:port, not {url!r}")


def scanned(scanner: ScanPort, contents: Contents, brought: Iterable[BroughtMaterial]) -> Scans:
    """The verdicts on the files that were brought; bytes that the store does not have were not scanned."""
    if isinstance(scanner, NoScanner):
        return {}
    digests = {each.digest for each in brought if each.medium == "digital" and each.digest}
    verdicts: Scans = {}
    for digest in sorted(digests):
        try:
            verdicts[digest] = scanner.scan(contents.open(digest.removeprefix("sha256:")))
        except ContentMissing:
            verdicts[digest] = "not_scanned"
        except ContentsError as error:
            raise Unavailable(what="contents", error=type(error).__name__) from error
    return verdicts


class Scanner(HostDependency):
    """Gives a service the scanner that the settings name."""

    def make(self) -> Any:
        return open_scanner(self.host.settings.scanner_url)
