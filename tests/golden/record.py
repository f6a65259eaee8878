"""Records the streams of this release: ``python tests/golden/record.py VERSION``, once, when it is released.

The files are never changed afterwards: what was stored must load and fold for ever.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "libs"), str(ROOT / "services")]

from eventing import green

green.patch()

import msgspec

import catalogue
from catalogue.examples import happy_answers
from console.services import SERVICES, service
from contracts.casefile import CaseFacts
from testkit.house import House, eventually
from testkit.journey import Journey, furnish


def main(version: str) -> None:
    """One file a story: all facts of one case in all services, as they are stored."""
    folder = Path(__file__).parent / "streams" / version
    folder.mkdir(parents=True, exist_ok=True)
    county = catalogue.load("990102")
    with (
        tempfile.TemporaryDirectory() as data,
        House([service(name) for name in SERVICES], Path(data), rendering="eager") as house,
    ):
        furnish(house.client(), county)
        for theme_id in sorted(county.themes):
            theme = county.theme(theme_id)
            answers = happy_answers(theme)
            chosen = theme.select(answers).selected
            paper = [n.material.id for n in theme.select(answers).materials if n.material.source == "applicant"]
            for name, journey, deny in (
                ("granted", Journey(house.client(), theme, answers, paper=paper), ()),
                ("denied", Journey(house.client(), theme, answers), (chosen[0],)),
                ("joined", Journey(house.client(), theme, answers, satisfied={chosen[0]: "档案号-1"}), ()),
            ):
                if name == "joined" and len(chosen) < 2:
                    continue
                journey.register()
                verdict = journey.decide(deny=deny)
                journey.hand_over()
                journey.closed()
                facts = eventually(lambda case_id=journey.case_id: whole(house, case_id))
                story = {"theme": theme_id, "story": name, "verdict": verdict, "facts": facts}
                (folder / f"{theme_id.lower()}-{name}.json").write_bytes(
                    msgspec.json.format(msgspec.json.encode(story), indent=1)
                )


def whole(house: House, case_id: str) -> list[dict[str, object]] | None:
    """The facts of a case once its closing has reached the ledger."""
    facts: list[dict[str, object]] = house.client().ask(CaseFacts(case_id=case_id))["facts"]
    topics = {fact["topic"] for fact in facts}
    return facts if {"onething.case.closed.v1", "onething.output.completed.v1"} <= topics else None


if __name__ == "__main__":
    main(sys.argv[1])
