"""One case of any theme, driven through the house by public commands: what generated scenario tests are made of."""

import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from catalogue import Catalogue, Material, Selection, Theme
from contracts.approval import DenyReview, GetBundle, GrantReview
from contracts.certificate import GetOutput, HandOverPackages
from contracts.delegation import MakeGrant, PublishGrant
from contracts.halls import InstallWindow, OpenWindow, RegisterHall
from contracts.intake import Applicant, BroughtMaterial, GetCase, Register
from contracts.language import Caller
from contracts.routing import DispatchPackets, GetDistribution, ReceivePackets
from eventing.client import Client
from eventing.errors import NotFound, Unavailable
from testkit.house import eventually

HALL, WINDOW = "test-hall", "test-hall-1"
CLERK = Caller(by="clerk-7", org="zwzx", hall=HALL, window=WINDOW, roles=("clerk",))
PERSON, FIRM = "990102199001010015", "91990102MA0000015T"

VALUES: Mapping[str, str] = {
    "citizen_id": PERSON,
    "uscc": FIRM,
    "mobile": "13800000000",
    "date": "2026-07-01",
    "number": "3",
    "bank_account": "6217000010001234567",
    "address": "云岭县城关街道1号",
    "text": "云岭",
}

ATTEMPTS = 40


def furnish(client: Client, catalogue: Catalogue) -> None:
    """A hall with one window that every organisation of the catalogue lets accept its items."""
    office = client.as_(Caller(by="office", org="zwzx"))
    office.command(
        RegisterHall(hall=HALL, name="试验大厅", kind="county", region=catalogue.region),
        id=f"hall-{HALL}",
        attempts=ATTEMPTS,
    )
    office.command(InstallWindow(window=WINDOW, hall=HALL, name="1号窗口"), id=f"window-{WINDOW}", attempts=ATTEMPTS)
    client.as_(CLERK).command(OpenWindow(window=WINDOW), id=f"open-{WINDOW}", attempts=ATTEMPTS)
    for org in catalogue.organisations:
        grant = f"{org}-to-{HALL}"
        client.as_(Caller(by="head", org=org)).command(
            MakeGrant(
                grant=grant,
                legal_form="entrusted",
                grantor=org,
                grantee=HALL,
                grantee_kind="administrative_organ",
                items=("*",),
                powers=("receive", "accept"),
                valid_from=date(2024, 7, 1),
                document=f"{org}委字〔2024〕1号",
            ),
            id=f"make-{grant}",
            attempts=ATTEMPTS,
        )
        client.as_(Caller(by="publisher", org=org)).command(
            PublishGrant(grant=grant, publication=f"{org}公告〔2024〕1号"),
            id=f"publish-{grant}",
            attempts=ATTEMPTS,
        )


class Journey:
    """One case from the window to the hand-over. Its parts can be left out or changed to see them refused."""

    def __init__(
        self,
        client: Client,
        theme: Theme,
        answers: Mapping[str, str],
        *,
        satisfied: Mapping[str, str] | None = None,
        paper: Collection[str] = (),
    ) -> None:
        self.client = client
        self.clerk = client.as_(CLERK)
        self.theme = theme
        self.answers = dict(answers)
        self.satisfied = dict(satisfied or {})
        self.paper = paper
        self.case_id = str(uuid.uuid4())

    @property
    def selection(self) -> Selection:
        """What the catalogue says about these answers."""
        return self.theme.select(self.answers, satisfied=self.satisfied)

    def registration(self, **changes: Any) -> Register:
        """The window's command with everything in it that the case needs."""
        firm = self.theme.applicant == "legal"
        parts: dict[str, Any] = {
            "case_id": self.case_id,
            "theme": self.theme.id,
            "applicant": Applicant(
                name="云岭某人" if not firm else "云岭某公司",
                identifier=FIRM if firm else PERSON,
                kind="legal" if firm else "natural",
            ),
            "answers": self.answers,
            "values": self.values(),
            "materials": self.materials(),
            "satisfied": self.satisfied,
            "allow_duplicate": True,
        }
        return Register(**{**parts, **changes})

    def values(self) -> dict[str, str]:
        """Every field of the one form, filled."""
        return {
            field.key: field.choices[0].value if field.choices else VALUES[field.type]
            for field in self.selection.fields
        }

    def materials(self, *, without: Collection[str] = ()) -> tuple[BroughtMaterial, ...]:
        """Every material that the applicant or the data exchange owes."""
        return tuple(
            self.brought(needed.material)
            for needed in self.selection.materials
            if needed.material.source != "produced" and needed.material.id not in without
        )

    def brought(self, material: Material) -> BroughtMaterial:
        """One material as it comes: shared, on paper, or as a file."""
        if material.source == "shared":
            return BroughtMaterial(material=material.id, medium="shared", provenance="shared:test-exchange")
        if material.id in self.paper:
            return BroughtMaterial(material=material.id, medium="paper")
        return BroughtMaterial(
            material=material.id,
            medium="digital",
            digest="sha256:" + "ab" * 32,
            size=1024,
            media_type="application/pdf",
        )

    def register(self, **changes: Any) -> Any:
        """Opens, fills, receives and accepts in one go."""
        return self.clerk.command(self.registration(**changes), attempts=ATTEMPTS).value

    def bundle(self) -> dict[str, Any]:
        """The reviews as approval sees them now."""
        found: dict[str, Any] = self.client.ask(GetBundle(case_id=self.case_id), attempts=ATTEMPTS)
        return found

    def reviews(self) -> dict[str, dict[str, Any]]:
        """item → its review."""
        return {review["item"]: review for review in self.bundle()["reviews"]}

    def reviewer(self, item: str) -> Client:
        """Somebody at the organisation that decides an item."""
        handler = self.reviews()[item]["handler"]
        return self.client.as_(Caller(by=f"reviewer-{handler}", org=handler, roles=("reviewer",)))

    def deliver_paper(self) -> None:
        """Carries every planned paper packet from where its originals are to its place, with signatures."""
        while True:
            distribution = self.client.ask(GetDistribution(case_id=self.case_id), attempts=ATTEMPTS)
            packet = next(
                (p for p in distribution["packets"] if p["medium"] == "paper" and p["state"] == "planned"),
                None,
            )
            if packet is None:
                return
            place = distribution["custody"][packet["copies"][0]]
            self.at(place).command(
                DispatchPackets(case_id=self.case_id, packets=(packet["packet"],), carrier="courier-1"),
                attempts=ATTEMPTS,
            )
            self.at(packet["to"]).command(
                ReceivePackets(case_id=self.case_id, packets=(packet["packet"],), signature="signed"),
                attempts=ATTEMPTS,
            )

    def at(self, place: str) -> Client:
        """Somebody who works at a place."""
        return self.clerk if place == HALL else self.client.as_(Caller(by=f"desk-{place}", org=place, hall=place))

    def decide(self, *, deny: Collection[str] = ()) -> str:
        """Lets every organisation decide what it can, until the verdict stands; returns the verdict."""

        def step() -> Any:
            bundle = self.bundle()
            if bundle.get("verdict"):
                return bundle["verdict"]
            if self.paper:
                self.deliver_paper()
            for review in bundle["reviews"]:
                if review["state"] == "ready":
                    handler = review["handler"]
                    reviewer = self.client.as_(Caller(by=f"reviewer-{handler}", org=handler))
                    command = (
                        DenyReview(case_id=self.case_id, item=review["item"], reasons="不符合条件")
                        if review["item"] in deny
                        else GrantReview(case_id=self.case_id, item=review["item"])
                    )
                    reviewer.command(command, attempts=ATTEMPTS)
            return None

        return str(self.patiently(step))

    def hand_over(self) -> None:
        """Hands over what is ready until nothing is left, and waits for the case to close."""

        def step() -> bool:
            output = self.client.ask(GetOutput(case_id=self.case_id), attempts=ATTEMPTS)
            if output["status"] == "completed":
                return True
            if any(package["state"] == "ready" for package in output["packages"]):
                self.clerk.command(HandOverPackages(case_id=self.case_id), attempts=ATTEMPTS)
            return False

        self.patiently(step)

    def case(self) -> dict[str, Any]:
        """The case as intake sees it."""
        found: dict[str, Any] = self.client.ask(GetCase(case_id=self.case_id), attempts=ATTEMPTS)
        return found

    def closed(self) -> dict[str, Any]:
        """The case, once it is closed."""
        return dict(self.patiently(lambda: (case := self.case())["status"] == "closed" and case))

    def patiently(self, step: Callable[[], Any]) -> Any:
        """Repeats a step until it gives something; facts take a moment from service to service."""

        def tried() -> Any:
            try:
                return step()
            except NotFound as error:
                raise Unavailable(what="case", error=str(error)) from error

        return eventually(tried, within=60)
