"""A subscriber with TLS: believed under an authority that was named, refused otherwise, and the page says why."""

import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.webhooks import ListDeliveries, ResumeWebhook
from contracts.words import terms
from eventing.settings import ConfigurationErrors, Settings
from gateway.service import Gateway
from gateway.webhooks.addresses import Rules
from gateway.webhooks.posting import Post
from halls.service import Halls
from testkit.certificates import NOW, Authority
from testkit.house import House, eventually

from .conftest import LOOPBACK, MANAGER, Receiver, furnish, quick, subscribe, work
from .test_delivering import in_order, sequences


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("known"), "county")


@pytest.fixture(scope="module")
def bad(known: Authority, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ssl.SSLContext]:
    """Why it is refused → what such a server presents."""
    unknown = Authority(tmp_path_factory.mktemp("unknown"), "elsewhere")
    return {
        "certificate-untrusted": unknown.server("unknown"),
        "certificate-expired": known.server("expired", until=NOW - timedelta(days=1)),
        "certificate-other-name": known.server("other", hosts=["127.0.0.9"]),
    }


@pytest.fixture
def house(known: Authority, tmp_path: Path) -> Iterator[House]:
    """A house that believes the county's authority."""
    trust = {"webhook_networks": LOOPBACK, "webhook_ca_file": str(known.file)}
    with House([Halls, Gateway], tmp_path / "house", **trust) as running:
        furnish(running)
        yield quick(running)


def test_a_subscriber_under_an_authority_of_the_county_is_told(
    house: House, known: Authority, receiver: Callable[..., Receiver]
) -> None:
    taker = receiver(tls=known.server("good"))
    subscribe(house, taker.url)
    work(house, 2)

    eventually(lambda: len(taker.taken) == 4)

    assert taker.url.startswith("https://")
    assert len(taker.tried) == 4


@pytest.mark.parametrize("why", ["certificate-untrusted", "certificate-expired", "certificate-other-name"])
def test_a_bad_certificate_is_told_nothing_and_shown(
    house: House, bad: dict[str, ssl.SSLContext], receiver: Callable[..., Receiver], why: str
) -> None:
    taker = receiver(tls=bad[why])
    subscribe(house, taker.url)
    work(house)

    def failed() -> list[dict[str, Any]]:
        found = house.client(MANAGER).ask(ListDeliveries(webhook="w1"))["deliveries"]
        return [each for each in found if each["attempts"] > 1]

    first = eventually(failed)[0]
    assert (first["state"], first["status"], first["error"]) == ("waiting", None, why)
    assert terms()[why]["zh"]
    assert taker.tried == []


def test_when_its_certificate_is_right_again_nothing_is_lost(
    house: House, known: Authority, bad: dict[str, ssl.SSLContext], receiver: Callable[..., Receiver]
) -> None:
    wrong = receiver(tls=bad["certificate-expired"])
    subscribe(house, wrong.url)
    work(house)
    eventually(
        lambda: [
            each
            for each in house.client(MANAGER).ask(ListDeliveries(webhook="w1"))["deliveries"]
            if each["error"] == "certificate-expired"
        ]
    )
    wrong.close()
    renewed = receiver(tls=known.server("renewed"), port=wrong.port)
    house.client(MANAGER).command(ResumeWebhook(webhook="w1"))

    eventually(lambda: sequences(renewed.taken) == {5, 6})
    assert in_order(renewed.taken)


def test_a_server_without_tls_is_no_secure_one(receiver: Callable[..., Receiver]) -> None:
    plain = receiver()

    result = Post(Rules(LOOPBACK))(plain.url.replace("http://", "https://"), {}, b"{}")

    assert (result.status, result.error) == (None, "no-secure-connection")


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read_are_told_before_anything_starts(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)

    with pytest.raises(ConfigurationErrors, match="ONETHING_WEBHOOK_CA_FILE"):
        Settings.load({"ONETHING_WEBHOOK_CA_FILE": str(file), "ONETHING_DATA_DIR": str(tmp_path)})
