"""Large files on their way through: never whole in memory, and nothing kept for a reader who does not read."""

import gc
import hashlib
import http.client
import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contents.bucket import SPOOL, S3Contents, s3_client
from gateway import protocol
from testkit.house import House, eventually

from .conftest import Web
from .test_downloads import a_case, a_copy, decider
from .test_uploads import a_picture, bring

PIECE = 64 * 1024
PIECES = 300
"""Nearly 19 MiB, more than the buffers of two sockets hold."""


def large() -> Iterator[bytes]:
    """A file that begins as a picture."""
    yield a_picture()
    for number in range(PIECES):
        yield number.to_bytes(2) * (PIECE // 2)


@contextmanager
def allocating_less_than(most: int) -> Iterator[None]:
    """Fails when this process holds so many bytes more at any time meanwhile."""
    gc.collect()
    tracemalloc.start(1)
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < most, f"{peak} bytes"


def open_files() -> int:
    """How many files and sockets this process holds open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def a_large_copy(web: Web) -> tuple[str, str]:
    """A case with a large file, and the copy's name."""
    case_id = a_case(web)
    answer = web.chunked(f"/api/v1/cases/{case_id}/materials/wa_identity/content", large())
    assert answer.status == 201, answer.body
    assert bring(web, case_id, answer.json).status == 200
    (copy,) = web("GET", f"/api/v1/cases/{case_id}").json["materials"]
    return case_id, copy["copy"]


def test_a_large_file_goes_into_a_bucket_and_out_again_piece_by_piece(
    web: Web, house: House, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = s3_client(endpoint=s3, region="us-east-1")
    client.create_bucket(Bucket="streaming")
    bucket = S3Contents(client, "streaming")
    for service in ("gateway", "intake"):
        for act in ("put", "open", "has", "delete"):
            monkeypatch.setattr(house.host(service).instance.contents, act, getattr(bucket, act))

    a_copy(web, a_case(web), a_picture())  # what is loaded at the first file is not the file's
    with allocating_less_than(SPOOL + 4 * 1024 * 1024):
        case_id, copy = a_large_copy(web)
    with allocating_less_than(4 * 1024 * 1024):
        connection = http.client.HTTPConnection(web.host, web.port, timeout=60)
        path = f"/api/v1/cases/{case_id}/materials/{copy}/content"
        connection.request("GET", path, headers=web.signed_in(decider(web, case_id)))
        answer, received = connection.getresponse(), hashlib.sha256()
        while piece := answer.read(PIECE):
            received.update(piece)
        connection.close()

    sent = hashlib.sha256()
    for piece in large():
        sent.update(piece)
    assert (answer.status, received.digest()) == (200, sent.digest())


@pytest.mark.parametrize("how", ["reads nothing more", "hangs up"])
def test_a_reader_who_stops_reading_a_file_is_let_go(
    web: Web, house: House, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """And the file is closed then, not when garbage is collected."""
    edge = house.host("gateway").instance.edge
    case_id, copy = a_large_copy(web)
    said = f"Authorization: {web.signed_in(decider(web, case_id))['Authorization']}"
    path = f"/api/v1/cases/{case_id}/materials/{copy}/content"
    if how == "reads nothing more":
        monkeypatch.setattr(protocol, "SILENCE", 1.0)
    eventually(lambda: edge.connections == 0)
    gc.collect()
    gc.disable()
    try:
        before = open_files()
        reader: Any = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect((web.host, web.port))
        reader.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\n{said}\r\n\r\n".encode())
        assert reader.recv(12) == b"HTTP/1.1 200"
        assert edge.connections == 1
        if how == "hangs up":
            reader.close()

        assert web("GET", "/api/v1/cases?limit=1").status == 200  # others are served meanwhile
        eventually(lambda: edge.connections == 0)
        reader.close()
        eventually(lambda: open_files() <= before)
    finally:
        gc.enable()
