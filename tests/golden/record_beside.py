"""Records the streams of outreach and of editions: ``python tests/golden/record_beside.py VERSION``, once a release.

The files are never changed afterwards: what was stored must load and fold for ever.
"""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "libs"), str(ROOT / "services")]

import msgspec

import catalogue
from catalogue.rules import Limit
from contracts.language import Act, Caller, Sealed
from contracts.outreach import Handled
from eventing import mapper
from eventing.aggregate import Aggregate
from intake.domain.edition import Edition, Made, Published
from kernel.workdays import WorkingCalendar
from outreach.domain import Consultation, Place, Ratings, Visit
from outreach.domain.consultation import Matter, Private
from outreach.domain.place import PlaceTerms

AT = datetime(2026, 7, 23, 4, tzinfo=UTC)


def act(by: str, *roles: str) -> Act:
    """Somebody at the county's hall."""
    return Act(at=AT, by=by, cause="golden", caller=Caller(by=by, hall="county", window="w1", roles=roles))


def stories() -> list[Aggregate]:
    """One stream of every kind, with every fact that it may hold."""
    theme = catalogue.load("990102").theme("CY")
    asked = Consultation("q1")
    private = Private("person", "person-day", "key-1", Sealed("key-1", "question", b"box"))
    asked.take(Matter("helper", "CY", ("CY01",), {}, "ward-3", "v1", "d1"), private, act=act("helper"))
    asked.follow_up("reached", "intends", date(2026, 7, 24), act=act("helper"))
    asked.link("c1", "CY", act=act("helper"))
    asked.close(act=act("helper"))
    rated = Ratings("c1")
    for name in ("acceptance-3", "hand_over-4"):
        rated.rate(
            Handled(name, "acceptance", "county", "w1", "clerk-7", True, AT), 5, channel="code",
            indicators={"attitude": 5}, key_id="key-2", comment=Sealed("key-2", "comment", b"box"), catalogue="v1",
            limit=Limit(days=15, placeholder=True), calendar=WorkingCalendar.official(), act=act("applicant"),
        )  # fmt: skip
    rated.verify("acceptance-3", "founded", "a", act=act("clerk-7"))
    rated.rectify("acceptance-3", "m", act=act("clerk-7"))
    rated.lapse("acceptance-3", act=act("system"))
    rated.feed_back("acceptance-3", True, True, act=act("clerk-7"))
    rated.recheck("acceptance-3", True, "", act=act("head"))
    rated.appeal("hand_over-4", "malicious", "a", act=act("clerk-7"))
    rated.decide_appeal("hand_over-4", True, "a", act=act("head"))
    place = Place("ward-3")
    place.register(PlaceTerms("p", "hospital", "990102", "CY", "county", "CY01", "a"), _only(theme), act=act("head"))
    place.close("moved", act=act("head"))
    visit = Visit("v1")
    visit.count("ward-3", "CY", act=act("gateway"))
    published, withdrawn = Edition("e1"), Edition("e2")
    for edition in (published, withdrawn):
        made = Made("990102", "v2", "sha256:x", ("a.yaml",), 1)
        edition.draft("t", made, Published(0, "v1"), act=act("author"))
        edition.propose(act=act("author"))
    published.publish("v2", None, "d", Published(0, "v1"), act=act("publisher", "publisher"))
    withdrawn.withdraw("r", act=act("author"))
    return [asked, rated, place, visit, published, withdrawn]


def _only(theme: catalogue.Theme) -> catalogue.Catalogue:
    found = catalogue.load("990102")
    return msgspec.structs.replace(found, themes={theme.id: theme})


def main(version: str) -> None:
    """One file: kind, stream and stored facts of each."""
    told = [
        {
            "kind": type(each).__name__,
            "stream": each.stream,
            "facts": [{"topic": fact.TOPIC, "state": mapper.encode(fact)} for fact in each.pending],
        }
        for each in stories()
    ]
    file = Path(__file__).parent / "beside" / f"{version}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1))


if __name__ == "__main__":
    main(sys.argv[1])
