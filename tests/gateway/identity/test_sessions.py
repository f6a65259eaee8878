"""Sessions end, and are read by this installation alone."""

from datetime import UTC, datetime, timedelta

import falcon
import falcon.testing
import pytest

from gateway.identity.claims import Person
from gateway.identity.sessions import LARGEST, RENEWED, Jar, Session, Sessions

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LI = Person("li", "李", roles=("clerk",))


def sessions(*keys: bytes, secure: bool = False) -> Sessions:
    return Sessions(keys or (b"k" * 32,), Jar(secure=secure), idle_seconds=1800, longest_seconds=43_200)


def cookie(resp: falcon.Response, *, secure: bool = False) -> str:
    name = ("__Host-" if secure else "") + Sessions.NAME
    return next(
        value.partition("=")[2].partition(";")[0] for k, value in resp._wsgi_headers() if value.startswith(name)
    )


def asking(*values: str, secure: bool = False) -> falcon.Request:
    name = ("__Host-" if secure else "") + Sessions.NAME
    header = "; ".join(f"{name}={value}" for value in values)
    return falcon.Request(falcon.testing.create_environ(headers={"Cookie": header}))


def begun(person: Person = LI, id_token: str = "") -> str:
    resp = falcon.Response()
    sessions().begin(resp, person, "https://id.example", id_token, NOW)
    return cookie(resp)


def test_while_a_key_is_rotated_nobody_is_signed_out() -> None:
    old, new = b"k" * 32, b"n" * 32
    begun_before = asking(begun())

    for keys in ((old, new), (new, old)):
        assert sessions(*keys).read(begun_before, NOW) is not None
    assert sessions(new).read(begun_before, NOW) is None


def test_a_session_is_read_again() -> None:
    session = sessions().read(asking(begun()), NOW + timedelta(minutes=29))

    assert session is not None
    assert session.person == LI


def test_silence_ends_it() -> None:
    request = asking(begun())

    assert sessions().read(request, NOW + timedelta(minutes=31)) is None
    assert sessions().last(request) is not None


def test_use_carries_it_on_but_not_beyond_its_longest() -> None:
    value, now = begun(), NOW
    while now < NOW + timedelta(hours=12):
        now += timedelta(minutes=20)
        session = sessions().read(asking(value), now)
        if session is None:
            break
        resp = falcon.Response()
        sessions().keep(resp, session, now)
        value = cookie(resp)

    assert now > NOW + timedelta(hours=11)
    assert sessions().read(asking(value), NOW + timedelta(hours=12, minutes=1)) is None


def test_it_is_not_written_anew_with_every_request() -> None:
    session = sessions().read(asking(begun()), NOW)
    assert session is not None
    resp = falcon.Response()
    sessions().keep(resp, session, NOW + timedelta(seconds=RENEWED - 1))

    assert not [value for _, value in resp._wsgi_headers() if Sessions.NAME in value]


def test_another_installation_cannot_read_it() -> None:
    assert sessions(b"z" * 32).last(asking(begun())) is None


@pytest.mark.parametrize("position", [0, 5, 20, -1])
def test_one_changed_character_makes_it_nothing(position: int) -> None:
    value = list(begun())
    value[position] = "A" if value[position] != "A" else "B"
    if position == -1:
        value[-2] = "A" if value[-2] != "A" else "B"  # the last one alone may carry no bits

    assert sessions().last(asking("".join(value))) is None


@pytest.mark.parametrize("value", ["", "x", "AAAA", "=", "你", "A" * 5000])
def test_what_was_not_sealed_here_is_no_session(value: str) -> None:
    assert sessions().last(asking(value.encode("ascii", "ignore").decode())) is None


def test_of_two_cookies_none_is_believed() -> None:
    assert sessions().last(asking(begun(), begun())) is None


def test_a_long_id_token_is_left_out() -> None:
    value = begun(id_token="t" * 5000)

    session: Session | None = sessions().last(asking(value))
    assert session is not None
    assert (session.id_token, len(value) <= LARGEST) == ("", True)


def test_over_tls_the_cookie_belongs_to_this_host_alone() -> None:
    resp = falcon.Response()
    sessions(secure=True).begin(resp, LI, "https://id.example", "", NOW)
    line = next(value for _, value in resp._wsgi_headers() if Sessions.NAME in value)

    assert line.startswith("__Host-onething_session=")
    assert "Secure" in line
    assert "Domain" not in line
    assert sessions(secure=True).last(asking(cookie(resp, secure=True), secure=True)) is not None
