"""How much one caller and one address may ask."""

from pathlib import Path

import falcon
import pytest
from falcon import testing
from hypothesis import given
from hypothesis import strategies as st

from eventing.settings import Settings
from gateway.limits import SECONDS, Limits, Rate, Seats, address_of, neighbourhood
from gateway.problems import TooManyRequests


def a_request(remote: str, forwarded: str = "") -> falcon.Request:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return testing.create_req(headers=headers, remote_addr=remote)


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=300), st.floats(1, 50))
def test_nobody_ever_gets_more_than_a_full_bucket_and_the_rate(pauses: list[float], per_second: float) -> None:
    rate, now, allowed = Rate(per_second), 0.0, 0
    for pause in pauses:
        now += pause
        allowed += not rate.wait("somebody", now)

    assert allowed <= per_second * SECONDS + per_second * now + 1


def test_who_comes_again_when_told_to_is_let_in() -> None:
    rate = Rate(1.0)
    while not (wait := rate.wait("somebody", 0.0)):
        pass

    assert rate.wait("somebody", wait + 0.001) == 0.0


def test_one_does_not_pay_for_another() -> None:
    rate = Rate(0.1)
    rate.wait("somebody", 0.0)

    assert rate.wait("somebody", 0.0) > 0
    assert rate.wait("another", 0.0) == 0.0


def test_no_limit_is_none() -> None:
    rate = Rate(0.0)

    assert not any(rate.wait("somebody", 0.0) for _ in range(10_000))


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "address"),
    [
        ("198.51.100.7", "203.0.113.1", (), "198.51.100.7"),
        ("198.51.100.7", "203.0.113.1", ("10.0.0.0/8",), "198.51.100.7"),
        ("10.0.0.5", "203.0.113.1", ("10.0.0.0/8",), "203.0.113.1"),
        ("10.0.0.5", "1.2.3.4, 203.0.113.1, 10.9.9.9", ("10.0.0.0/8",), "203.0.113.1"),
        ("10.0.0.5", "", ("10.0.0.0/8",), "10.0.0.5"),
        ("10.0.0.5", "nonsense", ("10.0.0.0/8",), "nonsense"),
    ],
)
def test_only_our_own_proxies_are_believed(remote: str, forwarded: str, proxies: tuple[str, ...], address: str) -> None:
    assert address_of(a_request(remote, forwarded), proxies) == address


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("nonsense", "nonsense"),
    ],
)
def test_of_ipv6_all_addresses_of_one_subscriber_are_one(address: str, whose: str) -> None:
    assert neighbourhood(address) == whose


def test_seats_are_given_up_to_a_bound_and_again_when_somebody_leaves() -> None:
    seats = Seats(2)
    assert [seats.take("a"), seats.take("a"), seats.take("a"), seats.take("b")] == [True, True, False, True]

    seats.leave("a")

    assert [seats.take("a"), seats.take("a")] == [True, False]
    assert all(Seats(0).take("a") for _ in range(1000))


def test_nobody_who_left_is_remembered() -> None:
    seats = Seats(2)
    for who in range(1000):
        seats.take(str(who))
        seats.leave(str(who))

    assert not seats._taken


def test_two_addresses_of_one_subscriber_share_a_rate(tmp_path: Path) -> None:
    limits = Limits(Settings(data_dir=str(tmp_path), http_requests_per_address=0.1))
    limits.process_request(a_request("2001:db8::1"), falcon.Response())

    with pytest.raises(TooManyRequests):
        limits.process_request(a_request("2001:db8::2"), falcon.Response())


def test_who_asks_too_much_is_told_when_to_come_again(tmp_path: Path) -> None:
    limits = Limits(Settings(data_dir=str(tmp_path), http_requests_per_address=0.1))
    limits.process_request(a_request("198.51.100.7"), falcon.Response())

    with pytest.raises(TooManyRequests) as refusal:
        limits.process_request(a_request("198.51.100.7"), falcon.Response())

    assert refusal.value.status == 429
    assert refusal.value.data["retry_after"] >= 1
