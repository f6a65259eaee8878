"""Records the streams of webhooks of this release: ``python tests/golden/record_webhooks.py VERSION``, once, at its
release.

The files are never changed afterwards: what was stored must load and fold for ever.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "libs"), str(ROOT / "services")]

import msgspec

from contracts.language import Act, Caller
from eventing import mapper
from gateway.webhooks.domain import Webhook

AT = datetime(2026, 7, 23, 4, tzinfo=UTC)


def act(by: str = "manager") -> Act:
    """Somebody of the county's hall."""
    return Act(at=AT, by=by, cause="golden", caller=Caller(by=by, hall="county", roles=("manager",)))


def stories() -> list[Webhook]:
    """Streams with every fact that they may hold."""
    told, gone = Webhook("w1"), Webhook("w2")
    url, topics = "https://hooks.example.org/onething", ("onething.case.*",)
    told.create(url, ("county", "street"), topics, "county", {"county": 4, "street": 0}, act=act())
    told.pause("upgrade", act=act())
    told.resume(act=act())
    told.rotate(24, act=act())
    told.replay_from("county", 2, 9, act=act())
    told.redrive("county", 5, is_parked=True, act=act())
    told.give_up("county", 6, "malformed", is_parked=True, act=act())
    told.remove("over", act=act())
    gone.create(url, ("county",), (), "county", {"county": 9}, act=act())
    gone.pause("410", gone=True, act=act("gateway"))
    return [told, gone]


def main(version: str) -> None:
    """One file: stream and stored facts of each."""
    told = [
        {"stream": each.stream, "facts": [{"topic": f.TOPIC, "state": mapper.encode(f)} for f in each.pending]}
        for each in stories()
    ]
    file = Path(__file__).parent / "webhooks" / f"{version}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1))


if __name__ == "__main__":
    main(sys.argv[1])
