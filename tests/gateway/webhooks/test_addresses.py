"""Where webhooks may not send, by name, by address, and by what a name leads to."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from gateway.webhooks.addresses import AddressForbidden, Rules
from gateway.webhooks.dispatching import LONGEST_PAUSE, pause_after, wants
from gateway.webhooks.domain import WebhookAddressBad
from gateway.webhooks.posting import Post

FORBIDDEN = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1",
    "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "192.88.99.1", "2001:0:7f00:1::1", "2001:db8::1",
)  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_what_is_not_public_is_forbidden(address: str) -> None:
    assert not Rules().allow(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_what_is_public_is_allowed(address: str) -> None:
    assert Rules().allow(ip_address(address))


def test_a_setting_allows_the_network_of_a_county_and_nothing_beside_it() -> None:
    rules = Rules(("10.20.0.0/16",))

    assert rules.allow(ip_address("10.20.3.4"))
    assert rules.allow(ip_address("::ffff:10.20.3.4"))
    assert not rules.allow(ip_address("10.21.3.4"))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "https://", "https:///x", "example.org",
        "https://user@example.org/", "https://u:p@example.org/", "https://example.org/#f", "https://127.0.0.1/",
        "https://[::1]/", "https://[fe80::1%25eth0]/", "https://10.0.0.1:8443/x", "https://example.org:0/",
        "https://example.org:99999/", "https://exa mple.org/", "https://example.org/\r\nX: y", "https://[bad/",
        "https://example.org/" + "x" * 2000, "javascript:alert(1)",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_right_is_refused(url: str) -> None:
    with pytest.raises(WebhookAddressBad):
        Rules().check(url)


def test_a_whole_https_address_is_taken() -> None:
    Rules().check("https://hooks.example.org:8443/onething?hall=1")


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1"])
def test_what_a_name_leads_to_counts_when_it_is_connected_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    place: Any = (address, 443, 0, 0) if ":" in address else (address, 443)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(family, socket.SOCK_STREAM, 6, "", place)])

    with pytest.raises(AddressForbidden):
        Rules().connect("innocent.example.org", 443, 1.0)
    assert Post(Rules())("https://innocent.example.org/", {}, b"").error == "address-forbidden"


@pytest.mark.filterwarnings("ignore:please use dns:DeprecationWarning")
@pytest.mark.parametrize("name", ["2130706433", "0x7f000001", "127.1", "localhost"])
def test_a_loopback_in_disguise_is_not_connected_to(name: str) -> None:
    assert Post(Rules(), patience=2.0)(f"https://{name}/", {}, b"").status is None


def test_pauses_grow_to_an_hour_and_differ() -> None:
    for attempts in range(60):
        longest = min(5.0 * 2.0 ** min(attempts, 30), LONGEST_PAUSE)
        assert longest / 2 <= pause_after(attempts) <= longest
    assert len({pause_after(8) for _ in range(10)}) > 1


def test_topics_are_whole_or_beginnings() -> None:
    assert wants((), "onething.case.opened.v1")
    assert wants(("onething.case.*",), "onething.case.opened.v1")
    assert not wants(("onething.case",), "onething.case.opened.v1")
    assert not wants(("onething.window.*",), "onething.case.opened.v1")
