"""A town with cases of three people at two halls, all that can stand around them, and whom each of them concerns."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from catalogue import Catalogue
from catalogue.examples import happy_answers
from console.journey import ATTEMPTS, CLERK, HALL, WINDOW, Journey, a_person
from contracts.approval import AskOpinion
from contracts.certificate import GetOutput
from contracts.delegation import GiveMandate
from contracts.drafts import SaveDraft
from contracts.halls import InstallWindow, RegisterHall, SendCaseMessage
from contracts.intake import Applicant, GetCase, GetPaper, ListCases, OpenCase, Register
from contracts.language import Caller
from contracts.offers import OfferTheme
from contracts.outreach import Asked, GetRatings, LinkConsultation, ListConsultations, RateHandling, RecordConsultation
from contracts.readings import GetReach
from contracts.routing import GetDistribution
from testkit.house import House, eventually

OTHER = "other-hall"
ASKED = "hg"
"""An organisation that handles nothing of these cases and is asked for an opinion on one."""
HELPER = "helper-1"
APPLICANTS = {
    name: Applicant(name=f"唯一的{name}", identifier=a_person(number), mobile=f"1390000{number:04d}")
    for number, name in enumerate(("li", "wang", "zhao"), start=4100)
}


class Case(msgspec.Struct, frozen=True):
    """A case, and whom it concerns; filled from what the house tells itself."""

    case_id: str
    number: str
    halls: frozenset[str]
    handlers: frozenset[str]
    whose: str
    """By the name in ``APPLICANTS``."""
    agents: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    """Organisations that were asked for an opinion, lead the theme, or have or get papers of it."""


class Town:
    """Furnished once; read and attacked by tests."""

    def __init__(self, house: House, county: Catalogue) -> None:
        self.house, self.county = house, county
        self.client = house.client()
        self.index = {
            name: house.host("intake").instance.keyring.blind(each.identifier) for name, each in APPLICANTS.items()
        }
        self._second_hall()
        li, wang, zhao = self._granted("li"), self._registered("wang"), self._opened("zhao")
        self.cases: Mapping[str, Case] = {
            "li": self._case("li", li),
            "wang": self._case("wang", wang, asked={ASKED}),
            "zhao": self._case("zhao", zhao),
        }
        self._around()
        self.cursors = self._cursors()
        self.certificates = [
            each["issued"]["certificate"]
            for each in self.client.ask(GetOutput(case_id=self.cases["li"].case_id))["certificates"]
        ]
        self.packages = [
            each["package"] for each in self.client.ask(GetOutput(case_id=self.cases["li"].case_id))["packages"]
        ]
        self.answers = happy_answers(county.theme("SBK"))
        detail = [self.client.ask(GetCase(case_id=case.case_id)) for case in self.cases.values()]
        self.copies = [each["copy"] for case in detail for each in case["materials"]]
        papers = [self.client.ask(GetPaper(case_id=case.case_id)) for case in self.cases.values()]
        self.papers = [each["number"] for of_case in papers for each in of_case["papers"]]

    def _cursors(self) -> list[str]:
        """Where lists that the house asked for go on: places that others must not go on from."""
        asked = (ListCases(limit=1), ListConsultations(limit=1))
        return [self.client.ask(each)["after"] for each in asked]

    def versions(self, cases: Mapping[str, Case]) -> dict[tuple[str, str], int]:
        """(service, case) → how many facts stand in the stream of that case."""
        return {
            (service, case.case_id): len(self.house.host(service).store.load([(case.case_id, 0)]).get(case.case_id, ()))
            for service in ("intake", "approval", "routing", "certificate", "notification", "outreach", "halls")
            for case in cases.values()
        }

    def as_(self, **who: Any) -> Any:
        """Somebody."""
        return self.client.as_(Caller(**who))

    def _second_hall(self) -> None:
        office = self.as_(by="office", org="zwzx", hall=OTHER, roles=("manager",))
        office.command(
            RegisterHall(hall=OTHER, name="别处", kind="county", region=self.county.region), attempts=ATTEMPTS
        )
        office.command(InstallWindow(window=f"{OTHER}-1", hall=OTHER, name="1号窗口"), attempts=ATTEMPTS)

    def _journey(self, name: str, theme: str) -> tuple[Journey, Register]:
        journey = Journey(self.client, self.county, self.county.theme(theme), happy_answers(self.county.theme(theme)))
        return journey, journey.registration(applicant=APPLICANTS[name])

    def _granted(self, name: str) -> str:
        journey, registration = self._journey(name, "SBK")
        self.as_(**msgspec.structs.asdict(CLERK)).command(registration, attempts=ATTEMPTS)
        journey.decide()
        journey.hand_over()
        journey.closed()
        return journey.case_id

    def _registered(self, name: str) -> str:
        journey, registration = self._journey(name, "XSE")
        self.as_(**msgspec.structs.asdict(CLERK)).command(registration, attempts=ATTEMPTS)
        item = journey.selection.selected[0]
        asking = AskOpinion(case_id=journey.case_id, item=item, of=ASKED, question="?", days=5)
        journey.patiently(lambda: journey.reviewer(item).command(asking, attempts=ATTEMPTS))
        journey.patiently(lambda: self.client.ask(GetDistribution(case_id=journey.case_id)))
        return journey.case_id

    def _opened(self, name: str) -> str:
        journey, registration = self._journey(name, "SDQ")
        self.as_(by="clerk-9", org="zwzx", hall=OTHER, window=f"{OTHER}-1", roles=("clerk",)).command(
            OpenCase(
                case_id=journey.case_id,
                theme="SDQ",
                applicant=registration.applicant,
                answers=journey.answers,
                allow_duplicate=True,
            ),
            attempts=ATTEMPTS,
        )
        return journey.case_id

    def _case(self, whose: str, case_id: str, *, asked: set[str] | None = None) -> Case:
        reach = self.client.ask(GetReach(case_id=case_id))
        case = self.client.ask(GetCase(case_id=case_id))
        others = {self.county.theme(case["theme"]).lead} | (asked or set())
        try:
            distribution = self.client.ask(GetDistribution(case_id=case_id))
            others |= {*distribution["custody"].values(), *(each["to"] for each in distribution["packets"])}
        except Exception:  # noqa: BLE001  nothing was accepted: nothing travels
            others |= set()
        return Case(
            case_id=case_id,
            number=case["number"],
            halls=frozenset(reach["halls"]),
            handlers=frozenset(reach["items"].values()),
            whose=whose,
            agents=frozenset(reach["agents"]),
            asked=frozenset(others),
        )

    def _around(self) -> None:
        """Drafts, mandates, offers, consultations, ratings and messages."""
        for name, hall in (("li", HALL), ("zhao", OTHER)):
            theme = "SBK" if name == "li" else "SDQ"
            clerk = self.as_(by=f"clerk-{hall}", org="zwzx", hall=hall, window=f"{hall}-1", roles=("clerk",))
            clerk.command(
                SaveDraft(draft=f"draft-{name}", theme="SBK", channel="window", applicant=APPLICANTS[name]),
                attempts=ATTEMPTS,
            )
            clerk.command(
                OfferTheme(offer=f"offer-{name}", theme="XSE", item="XSE01", identifier=APPLICANTS[name].identifier),
                attempts=ATTEMPTS,
            )
            clerk.command(
                RecordConsultation(
                    consultation=f"consultation-{name}",
                    channel="window",
                    theme=theme,
                    asked=Asked(words=f"秘密的{name}", name=APPLICANTS[name].name, mobile=APPLICANTS[name].mobile),
                ),
                attempts=ATTEMPTS,
            )
            case = self.cases[name]
            eventually(
                lambda clerk=clerk, name=name, case=case: clerk.command(  # type: ignore[misc]
                    LinkConsultation(consultation=f"consultation-{name}", case_id=case.case_id), attempts=ATTEMPTS
                )
            )
            self.as_(by="office-zwzx", org="zwzx", roles=("helper",)).command(
                GiveMandate(
                    mandate=f"mandate-{name}",
                    kind="assist",
                    principal=APPLICANTS[name].identifier,
                    agent=HELPER,
                    organisation="zwzx",
                    themes=("SBK",),
                    acts=("fill",),
                    valid_from=date(2024, 7, 1),
                    valid_until=date(2049, 7, 1),
                    receipt="r",
                    document="d",
                ),
                attempts=ATTEMPTS,
            )
            eventually(
                lambda clerk=clerk, case=case: (  # type: ignore[misc]
                    clerk.command(SendCaseMessage(case_id=case.case_id, text=f"私下{case.whose}"), attempts=1) or True
                )
            )
        own = self.as_(by="li", roles=("applicant",), subject=self.index["li"])
        case_id = self.cases["li"].case_id
        handled = eventually(lambda: own.ask(GetRatings(case_id=case_id))["handlings"])
        own.command(
            RateHandling(case_id=case_id, handling=handled[0]["handling"], grade=1, channel="web", comment="评语的li"),
            attempts=ATTEMPTS,
        )


__all__ = ["APPLICANTS", "ASKED", "HALL", "HELPER", "OTHER", "WINDOW", "Case", "Town"]
