"""Records the streams of this release: ``python tests/golden/record.py VERSION``, once, when it is released.

The files are never changed afterwards: what was stored must load and fold for ever.
"""

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "libs"), str(ROOT / "services")]

from eventing import green

green.patch()

import msgspec

import catalogue
from catalogue import Theme
from catalogue.examples import happy_answers
from console.exercise import tolerable
from console.journey import Journey, Time, furnish
from console.services import SERVICES, service
from contracts.casefile import CaseFacts
from kernel.clock import SimulatedClock
from testkit.house import House, eventually

COUNTY = catalogue.load("990102")


def main(version: str) -> None:
    """One file a story: all facts of one case in all services, as they are stored."""
    folder = Path(__file__).parent / "streams" / version
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        House(
            [service(name) for name in SERVICES],
            Path(data),
            rendering="eager",
            clock=SimulatedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC)),
        ) as house,
    ):
        furnish(house.client(), COUNTY)
        for theme_id in sorted(COUNTY.themes):
            for name, case, deny in stories(house, COUNTY.theme(theme_id)):
                verdict = case.decide(deny=deny)
                case.hand_over()
                if name == "revoked":
                    case.revoke(next(iter(case.selection.selected)), "unlawful")
                case.closed()
                facts = eventually(lambda case_id=case.case_id: whole(house, case_id))
                story = {"theme": theme_id, "story": name, "verdict": verdict, "facts": facts}
                (folder / f"{theme_id.lower()}-{name}.json").write_bytes(
                    msgspec.json.format(msgspec.json.encode(story), indent=1)
                )


def stories(house: House, theme: Theme) -> Iterator[tuple[str, Journey, tuple[str, ...]]]:
    """Cases that are registered and go on to their end: name, case, items to be denied."""
    answers = happy_answers(theme)
    chosen = theme.select(answers).selected

    def case(**parts: Any) -> Journey:
        return Journey(house.client(), COUNTY, theme, answers, Time(house.client()), **parts)

    paper = [n.material.id for n in theme.select(answers).materials if n.material.source == "applicant"]
    for name, journey, deny in (
        ("granted", case(paper=paper), ()),
        ("denied", case(), (chosen[0],)),
        ("revoked", case(), ()),
    ):
        journey.register()
        yield name, journey, deny
    if len(chosen) > 1:
        joined = case(satisfied={chosen[0]: "档案号-1"})
        joined.register()
        yield "joined", joined, ()
    if missing := next(tolerable(COUNTY, theme), None):
        tolerant = case()
        tolerant.register_tolerant(missing[1])
        tolerant.decide_until(lambda: tolerant.review(missing[0].id)["status"] == "granted_tolerant")
        tolerant.supply(missing[1])
        yield "tolerant", tolerant, ()
    if promising := next((theme.item(each) for each in chosen if theme.item(each).commitment), None):
        promised = case()
        promised.register_promising(promising)
        yield "promised", promised, ()


def whole(house: House, case_id: str) -> list[dict[str, object]] | None:
    """The facts of a case once its closing has reached the ledger."""
    facts: list[dict[str, object]] = house.client().ask(CaseFacts(case_id=case_id))["facts"]
    topics = {fact["topic"] for fact in facts}
    return facts if {"onething.case.closed.v1", "onething.output.completed.v1"} <= topics else None


if __name__ == "__main__":
    main(sys.argv[1])
