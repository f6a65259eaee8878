"""What the edge answers to those who do not mean well: something, always, and never that it is broken."""

import socket
import uuid
from typing import Any

import eventlet
import msgspec
import pytest

from gateway import protocol
from gateway.limits import Seats
from testkit.house import House, eventually

from .conftest import CLERK, Web

GOOD = b"GET /api/v1/nothing HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"


def clerk(web: Web) -> bytes:
    return f"Authorization: {web.signed_in()['Authorization']}\r\n".encode()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"\x00\x01\x02\xff\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(200)) + b"\r\n", 431),
        (b"GET /\r\nHost: a\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n  folded: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\xa0\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \x0c1\r\n\r\nx", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\r\n\r\nx", 400),
        (b"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 400),
        (b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ],
)
def test_what_cannot_be_read_is_a_problem_and_ends_the_connection(web: Web, sent: bytes, expected: int) -> None:
    answer = web.raw(sent)

    assert status(answer) == expected, answer[:300]
    assert b"application/problem+json" in answer


@pytest.mark.parametrize(
    "sent",
    [
        b"FROB /api/v1/cases HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /%zz%00%ff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /static/..%2f..%2fservice.py HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /api/v1/cases/%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET http://elsewhere/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nCookie: \xff\xfe=\x80\r\nAccept-Language: \xff;q=x\r\nConnection: close\r\n\r\n",
        b"GET /?lang=en%0d%0aSet-Cookie:x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"POST /api/v1/cases/x/open-case HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HEAD /api/v1/cases HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
    ],
)
def test_odd_requests_are_answered_and_never_with_a_fault(web: Web, sent: bytes) -> None:
    assert 200 <= status(web.raw(sent)) < 500


@pytest.mark.parametrize(
    "body",
    [
        b"0x2\r\n{}\r\n0\r\n\r\n",
        b"+2\r\n{}\r\n0\r\n\r\n",
        b"-2\r\n2\r\n{}\r\n0\r\n\r\n",
        b"0_2\r\n{}\r\n0\r\n\r\n",
        b" 2\r\n{}\r\n0\r\n\r\n",
        b"2\n{}\r\n0\r\n\r\n",
        b"2\r\n{}GET / HTTP/1.1\r\n0\r\n\r\n",
        b"2;" + b"x" * 9000 + b"\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nX: " + b"x" * 9000 + b"\r\n\r\n",
        b"2\r\n{}\r\n0\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"2\r\n{}\r\n",
    ],
)
def test_chunks_that_two_readers_could_cut_in_two_ways_are_a_problem_and_end_the_connection(
    web: Web, body: bytes
) -> None:
    head = (
        b"POST /api/v1/cases/x/open-case HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Idempotency-Key: cut\r\n" + clerk(web) + b"Transfer-Encoding: chunked\r\n\r\n"
    )

    answer = web.raw(head + body + GOOD)

    assert status(answer) == 400, answer[:300]
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_head_that_dribbles_is_cut(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIME", 0.5)
    with socket.create_connection((web.host, web.port), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")

        def dribble() -> None:
            for _ in range(200):
                try:
                    connection.sendall(b"X: 1\r\n")
                except OSError:
                    return
                eventlet.sleep(0.1)

        dribbling = eventlet.spawn(dribble)
        answer = connection.recv(65536)
        dribbling.kill()

    assert status(answer) == 408


def test_a_body_that_dribbles_is_cut(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "BODY_TIME", 0.5)
    head = (
        b"POST /api/v1/cases/x/open-case HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Idempotency-Key: slow\r\n" + clerk(web) + b"Content-Length: 1000\r\n\r\n{"
    )

    assert status(web.raw(head, wait=30)) == 408


def test_a_body_that_breaks_off_is_a_problem(web: Web) -> None:
    head = (
        b"POST /api/v1/cases/x/open-case HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Idempotency-Key: cut\r\n" + clerk(web) + b"Content-Length: 1000\r\n\r\n{"
    )
    with socket.create_connection((web.host, web.port), timeout=30) as connection:
        connection.sendall(head)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536)

    assert status(answer) == 400


def test_a_body_that_is_far_too_large_is_refused_without_being_kept(web: Web) -> None:
    large = bytes(50 * 1024 * 1024)

    answer = web("POST", f"/api/v1/cases/{uuid.uuid4()}/open-case", large, Idempotency_Key="large")

    assert (answer.status, answer.json["code"]) == (413, "too-large")


def test_who_waits_for_permission_to_send_is_refused_before(web: Web) -> None:
    head = (
        b"POST /api/v1/cases/x/open-case HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Idempotency-Key: e\r\n" + clerk(web) + b"Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"
    )

    assert status(web.raw(head)) == 413


@pytest.mark.parametrize("path", ["/sign-in/resume", "/mine", "/webhooks"])
def test_a_form_that_is_far_too_large_is_refused_before_it_is_read(web: Web, path: str) -> None:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {web.host}:{web.port}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000000000\r\n"
        "Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )

    answer = web.raw(head.encode())

    assert status(answer) in {401, 405, 413}, answer[:300]


def test_requests_can_follow_each_other_on_a_connection(web: Web) -> None:
    twice = GOOD.replace(b"Connection: close\r\n", b"") + GOOD

    assert web.raw(twice).count(b"HTTP/1.1 404") == 2


def test_idle_connections_take_nothing_from_others(web: Web, house: House) -> None:
    edge = house.host("gateway").instance.edge
    idle = [socket.create_connection((web.host, web.port)) for _ in range(200)]
    try:
        eventually(lambda: edge.connections >= 200)

        assert web("GET", "/api/v1/cases?limit=1").status == 200
    finally:
        for each in idle:
            each.close()
    eventually(lambda: edge.connections < 200)


def test_one_address_holds_so_many_connections_and_no_more(web: Web, house: House, monkeypatch: Any) -> None:
    edge = house.host("gateway").instance.edge
    eventually(lambda: edge.connections == 0)
    monkeypatch.setattr(edge, "_seats", Seats(3))
    idle = [socket.create_connection((web.host, web.port)) for _ in range(3)]
    try:
        eventually(lambda: edge.connections == 3)
        with socket.create_connection((web.host, web.port), timeout=30) as another:
            said = another.recv(65536)
    finally:
        for each in idle:
            each.close()

    assert status(said) == 429
    assert b"Retry-After: " in said
    assert b'"code":"too-many-connections"' in said
    eventually(lambda: edge.connections == 0)
    assert web("GET", "/api/v1/cases?limit=1").status == 200


def test_connections_that_a_proxy_of_ours_brings_are_not_one_callers(web: Web, house: House, monkeypatch: Any) -> None:
    edge = house.host("gateway").instance.edge
    monkeypatch.setattr(edge, "_seats", Seats(1))
    monkeypatch.setattr(edge, "settings", msgspec.structs.replace(edge.settings, http_proxies=("127.0.0.0/8",)))
    with socket.create_connection((web.host, web.port)):
        assert web("GET", "/api/v1/cases?limit=1").status == 200


@pytest.mark.parametrize(
    ("path", "person"),
    [
        ("/api/v1/cases?number=a%00b", CLERK),
        ("/api/v1/cases?after=WyJcdTAwMDAiLCAiXHUwMDAwIl0=", CLERK),
        ("/api/v1/cases/a%00b", CLERK),
        ("/desk/cases?q=a%00b", CLERK),
        ("/desk/cases/a%00b", CLERK),
        ("/help/visits?hall=%00", "helper-lu"),
        ("/verify?number=%00", None),
        ("/?%00=x", None),
    ],
)
def test_text_that_no_store_keeps_is_refused_before_it_is_asked_with(web: Web, path: str, person: str | None) -> None:
    answer = web("GET", path, caller=person, Accept="application/json")

    assert (answer.status, answer.json["code"]) == (422, "invalid"), answer.body


def test_more_than_can_be_worked_on_is_told_to_come_again(web: Web, house: House) -> None:
    limits = house.host("gateway").instance.limits
    most, limits.most = limits.most, 0
    try:
        answer = web("GET", "/api/v1/cases")
    finally:
        limits.most = most

    assert (answer.status, answer.json["code"]) == (503, "overloaded")
    assert int(answer.headers["Retry-After"]) >= 1
    assert web("GET", "/api/v1/cases?limit=1").status == 200
    assert limits.in_hand == 0


def test_nobody_is_counted_twice_or_for_ever(web: Web, house: House) -> None:
    for path in ("/", "/api/v1/nothing", "/api/v1/cases?limit=x", "/api/v1/cases?limit=1"):
        web("GET", path)

    assert house.host("gateway").instance.limits.in_hand == 0
