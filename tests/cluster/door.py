"""People at the gateway's door while a release is replaced: every request is counted, and so is how each was answered.

`python -m tests.cluster.door issuer DIRECTORY HOST` says who people are; `… load DIRECTORY ISSUER GATEWAY` lets them
come until its input ends, waits for the last of their cases, and tells what it counted as JSON.
"""

from eventing import green

green.patch()

import os
import random
import sys
from collections import Counter
from pathlib import Path
from time import monotonic

import eventlet
import msgspec
from eventlet.green.os import read
from tests.faults import load as at_work

from console.benchissuer import issuing
from console.county import county, load
from console.house import OPERATOR, calling
from console.overhttp import OverHttp, Received, Wires
from eventing.client import Client
from eventing.errors import Unavailable
from eventing.settings import Settings
from eventing.signing import Signer
from gateway.identity.issuing import PATH, DevelopmentIssuer
from kernel.clock import SystemClock

REGION = "990102"
EVERY = 4.0
"""Seconds between two applicants."""
TOLD = frozenset({429, 503})
"""What says when to ask again, and is asked again then."""


class Counted(Wires):
    """Does as a client is told: what was answered with `Retry-After` is asked again after it. Whatever else is no
    answer has failed."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.requests = 0
        self.told_to_wait: Counter[str] = Counter()
        """Code of the problem → how often it was the answer."""
        self.failed: list[str] = []

    def send(self, method: str, target: str, headers: str, body: bytes = b"") -> Received:
        self.requests += 1
        while True:
            try:
                received = super().send(method, target, headers, body)
            except Unavailable as error:
                self.failed.append(f"{method} {target}: {error.data}")
                raise
            if received.status in TOLD and "retry-after" in received.headers:
                self.told_to_wait[msgspec.json.decode(received.body)["code"]] += 1
                eventlet.sleep(int(received.headers["retry-after"]))
                continue
            if received.status >= 500 or received.status in {401, 429}:
                self.failed.append(f"{method} {target}: {received.status} {received.body[:200]!r}")
            return received


def issuer(directory: Path, host: str) -> None:
    """Says who the people of the county are, for as long as its input is open."""
    with issuing(Settings(data_dir=str(directory), region=REGION), directory, host) as standing:
        print(msgspec.json.encode({"url": standing.issuer.url, "certificate": str(standing.certificate)}).decode())
        sys.stdout.flush()
        while read(0, 1):
            pass


def drive(directory: Path, issuer_url: str, gateway: str) -> None:
    """One applicant after the other until the input ends, and what became of them all."""
    settings = Settings.load()
    wires = Counted(gateway)
    own = Settings(data_dir=str(directory), region=REGION)
    says = DevelopmentIssuer(own, issuer_url.removesuffix(PATH), SystemClock().now)
    with calling(settings) as calls:
        load(county(REGION), Client(calls, OPERATOR, signer=Signer(*settings.context_keys())))
    at_work.GLANCE = 1.0  # that they look at their lists without end is not the load that is meant
    web = OverHttp(gateway, at_work.CLERK, issue=says.access_token, wires=wires)
    people = at_work.Load(web, random.getrandbits(32))
    enough = eventlet.spawn(read, 0, 1)
    began = monotonic()
    while not enough.dead:
        people.release(1)
        people.until(lambda: True)
        eventlet.sleep(EVERY)
    people.finish()
    found = {
        "cases": people.released,
        "closed": people.closed,
        "requests": wires.requests,
        "told_to_wait": wires.told_to_wait,
        "failed": wires.failed,
        "seconds": round(monotonic() - began, 1),
    }
    print(msgspec.json.encode(found).decode())


if __name__ == "__main__":
    os.set_blocking(0, False)
    verb, *arguments = sys.argv[1:]
    {"issuer": issuer, "load": drive}[verb](Path(arguments[0]), *arguments[1:])
