"""One case of any theme, driven through the house by public commands, by whoever is to do each step."""

import uuid
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any

import eventlet

from catalogue import Catalogue, Item, Material, Selection, Theme
from catalogue.errors import NotSelectable
from console.house import INSIDE
from contracts.approval import (
    ApproveExtension,
    ApproveProposal,
    DenyReview,
    GetBundle,
    GrantReview,
    ProposeRevocation,
    RequestExtension,
    ResumeReview,
    SuspendReview,
    TellHearingRight,
    WaiveHearing,
)
from contracts.certificate import GetOutput, HandOverPackages
from contracts.delegation import GrantQualification, HoldTraining, MakeGrant, PublishGrant, RecordAttendance
from contracts.halls import InstallWindow, OpenWindow, RegisterHall
from contracts.intake import (
    AcceptItems,
    Applicant,
    BroughtMaterial,
    FillForm,
    GetCase,
    JoinItems,
    OpenCase,
    Origin,
    ReceiveMaterials,
    RecordOrigin,
    Register,
    Signed,
    WithdrawCase,
    WithdrawItem,
)
from contracts.language import Caller
from contracts.routing import DispatchPackets, GetDistribution, ReceivePackets
from eventing.client import Client
from eventing.errors import NotFound, OneThingError, Unavailable
from kernel.clock import local_date
from kernel.identifiers import InvalidIdentifier, check_citizen_id, check_organisation_code, check_uscc

HALL, WINDOW = "test-hall", "test-hall-1"
CLERK = Caller(by="clerk-7", org="zwzx", hall=HALL, window=WINDOW, roles=("clerk",))
PERSON, FIRM = "990102199001010015", "91990102MA0000015T"
EVIDENCE = "档案号-{item}"

VALUES: Mapping[str, str] = {
    "citizen_id": PERSON,
    "uscc": FIRM,
    "mobile": "13800000000",
    "date": "2024-07-01",
    "number": "3",
    "bank_account": "6217000010001234567",
    "address": "云岭县城关街道1号",
    "text": "云岭",
}

FITTING: Mapping[str, str] = {"born_on": "1990-01-01", "mother_id": "990102199202150022"}
"""Values of fields that other fields of the form speak of: the person's day of birth, the mother's own number."""

SIGNED = Signed(document="sha256:" + "cd" * 32)

OUTCOMES = ("granted", "underway", "denied")

ATTEMPTS = 40

PATIENCE = 60.0
"""Seconds in which the case comes on; patience bounds the wait, it decides nothing."""


class Stuck(Exception):
    """Something that was to happen did not happen in time."""


def a_person(number: int) -> str:
    """The identifier of a person who does not exist: a fictional region, a day, a sequence, the check digit."""
    born = date(1960, 1, 1) + timedelta(days=number % 15_000)
    return _checked(f"990102{born:%Y%m%d}{number // 15_000 % 1000:03d}", check_citizen_id)


def a_firm(number: int) -> str:
    """The unified social credit code of a firm that does not exist."""
    organisation = _checked(f"MA{number % 1_000_000:06d}", check_organisation_code)
    return _checked(f"91990102{organisation}", check_uscc)


def _checked(body: str, check: Callable[[str], str]) -> str:
    """The body with the one character that makes it right."""
    for character in "0123456789ABCDEFGHJKLMNPQRTUWXY":
        try:
            return check(body + character)
        except InvalidIdentifier:
            continue
    raise ValueError(body)


class Time:
    """The time of a release that can be moved forward: all services' clocks at once."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def now(self) -> datetime:
        """Where the release's clock stands. Raises Invalid where it is nobody's to move."""
        return datetime.fromisoformat(self._client.operate("intake", "advance", to="", attempts=ATTEMPTS))

    def today(self) -> date:
        """The day in China."""
        return local_date(self.now())

    def advance(self, step: timedelta) -> None:
        """Moves on."""
        to = (self.now() + step).isoformat()
        for service in INSIDE:
            self._client.operate(service, "advance", to=to, attempts=ATTEMPTS)
        with suppress(Unavailable):  # a release may do without a door for others
            self._client.operate("gateway", "advance", to=to)


def furnish(client: Client, catalogue: Catalogue, clerk: Caller = CLERK) -> None:
    """A clerk's hall with one window that every organisation of the catalogue lets accept its items, and the clerk,
    qualified."""
    office = client.as_(Caller(by="office", org="zwzx", hall=clerk.hall, roles=("manager",)))
    office.command(
        RegisterHall(hall=clerk.hall, name="试验大厅", kind="county", region=catalogue.region),
        id=f"hall-{clerk.hall}",
        attempts=ATTEMPTS,
    )
    office.command(
        InstallWindow(window=clerk.window, hall=clerk.hall, name="1号窗口"),
        id=f"window-{clerk.window}",
        attempts=ATTEMPTS,
    )
    client.as_(clerk).command(OpenWindow(window=clerk.window), id=f"open-{clerk.window}", attempts=ATTEMPTS)
    for org in catalogue.organisations:
        grant = f"{org}-to-{clerk.hall}"
        client.as_(Caller(by="head", org=org, roles=("approver",))).command(
            MakeGrant(
                grant=grant,
                legal_form="hall_practice",
                grantor=org,
                grantee=clerk.hall,
                grantee_kind="administrative_organ",
                items=("*",),
                powers=("receive", "accept"),
                valid_from=date(2024, 7, 1),
                document=f"{org}委字〔2024〕1号",
            ),
            id=f"make-{grant}",
            attempts=ATTEMPTS,
        )
        client.as_(Caller(by="publisher", org=org, roles=("publisher",))).command(
            PublishGrant(grant=grant, publication=f"{org}公告〔2024〕1号"),
            id=f"publish-{grant}",
            attempts=ATTEMPTS,
        )
    for qualification in sorted({theme.qualification for theme in catalogue.themes.values()} - {""}):
        _qualify(client, clerk.by, qualification)


def _qualify(client: Client, staff: str, qualification: str) -> None:
    """Somebody was trained, and another person found them qualified."""
    trainer = client.as_(Caller(by="trainer", org="zwzx", roles=("trainer",)))
    training = f"training-{qualification}"
    for command in (
        HoldTraining(training=training, qualification=qualification, held_on=date(2024, 7, 1), trainer="trainer"),
        RecordAttendance(staff=staff, training=training),
        GrantQualification(
            staff=staff, qualification=qualification, exam=f"{training}-{staff}", valid_until=date(2049, 12, 31)
        ),
    ):
        trainer.command(command, id=f"{type(command).__name__}-{qualification}-{staff}", attempts=ATTEMPTS)


class Journey:
    """One case from the window to the hand-over. Its parts can be left out or changed to see them refused."""

    def __init__(
        self,
        client: Client,
        catalogue: Catalogue,
        theme: Theme,
        answers: Mapping[str, str],
        time: Time | None = None,
        *,
        satisfied: Mapping[str, str] | None = None,
        origins: tuple[Origin, ...] = (),
        paper: Collection[str] = (),
    ) -> None:
        self.client = client
        self.clerk = client.as_(CLERK)
        self.catalogue = catalogue
        self.theme = theme
        self.answers = dict(answers)
        self.time = time or Time(client)
        self.satisfied = dict(satisfied or {})
        self.origins = origins
        self.paper = paper
        self.case_id = str(uuid.uuid4())
        self.number = uuid.UUID(self.case_id).int
        """Every case has an applicant of its own: what bars one from a privilege bars no other."""

    @property
    def selection(self) -> Selection:
        """What the catalogue says about these answers and what was done before."""
        of = {outcome: [each.item for each in self.origins if each.outcome == outcome] for outcome in OUTCOMES}
        everything = self.theme.select(
            self.answers, satisfied=self.satisfied | self.done, underway=tuple(of["underway"])
        )
        if not of["denied"]:
            return everything
        with suppress(NotSelectable):  # others need what was denied: the case will be refused, whatever is brought
            return self.theme.select(
                self.answers,
                chosen=tuple(each for each in everything.selected if each not in of["denied"]),
                satisfied=self.satisfied | self.done,
                underway=tuple(of["underway"]),
            )
        return everything

    @property
    def done(self) -> dict[str, str]:
        """What was granted elsewhere, with its evidence."""
        return {each.item: each.number for each in self.origins if each.outcome == "granted"}

    # intake

    def registration(self, **changes: Any) -> Register:
        """The window's command with everything in it that the case needs."""
        parts: dict[str, Any] = {
            "case_id": self.case_id,
            "theme": self.theme.id,
            "applicant": self.applicant(),
            "answers": self.answers,
            "values": self.values(),
            "materials": self.materials(),
            "satisfied": self.satisfied,
            "origins": self.origins,
            "allow_duplicate": True,
        }
        return Register(**{**parts, **changes})

    def applicant(self) -> Applicant:
        """Somebody of the kind that the theme is for."""
        firm = self.theme.applicant == "legal"
        return Applicant(
            name="云岭某公司" if firm else "云岭某人",
            identifier=a_firm(self.number) if firm else a_person(self.number),
            kind="legal" if firm else "natural",
        )

    def values(self, selection: Selection | None = None) -> dict[str, str]:
        """Every field of the one form, filled."""
        return {
            field.key: field.choices[0].value if field.choices else FITTING.get(field.key, VALUES[field.type])
            for field in (selection or self.selection).fields
        }

    def materials(
        self, selection: Selection | None = None, *, without: Collection[str] = ()
    ) -> tuple[BroughtMaterial, ...]:
        """Every material that the applicant or the data exchange owes."""
        return tuple(
            self.brought(needed.material)
            for needed in (selection or self.selection).materials
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
            digest="sha256:" + uuid.uuid5(uuid.NAMESPACE_OID, material.id).hex * 2,
            size=1024,
            media_type="application/pdf",
        )

    def register(self, *, id: str = "", **changes: Any) -> Any:
        """Opens, fills, receives and accepts in one go; ``id`` as with any command."""
        return self.clerk.command(self.registration(**changes), id=id, attempts=ATTEMPTS).value

    def register_only(self, item: str) -> Any:
        """The same for one item of the theme alone."""
        alone = self.theme.select(self.answers, chosen=(item,), satisfied=self.satisfied | self.done)
        return self.register(chosen=(item,), values=self.values(alone), materials=self.materials(alone))

    def register_tolerant(self, *materials: str) -> Any:
        """Registers with secondary materials missing, against a signed commitment (容缺受理)."""
        return self.register(materials=self.materials(without=materials), tolerate=materials, signed=SIGNED)

    def register_promising(self, item: Item) -> Any:
        """Registers with a promise in place of an item's materials (告知承诺)."""
        promised = item.commitment.materials if item.commitment else ()
        alone = [
            needed.material.id
            for needed in self.selection.materials
            if needed.material.id in promised and needed.items == (item.id,)
        ]
        return self.register(materials=self.materials(without=alone), promise=(item.id,), signed=SIGNED)

    def open(self) -> Any:
        """Opens the case, and nothing else."""
        whole = self.registration()
        return self.clerk.command(
            OpenCase(
                case_id=self.case_id,
                theme=self.theme.id,
                applicant=whole.applicant,
                answers=self.answers,
                satisfied=self.satisfied,
                origins=self.origins,
                allow_duplicate=True,
            ),
            attempts=ATTEMPTS,
        ).value

    def supply(self, *materials: str) -> Any:
        """Brings what was missing."""
        late = [each for each in self.materials() if each.material in materials]
        return self.clerk.command(
            ReceiveMaterials(case_id=self.case_id, materials=tuple(late)), attempts=ATTEMPTS
        ).value

    def join(self, items: tuple[str, ...]) -> None:
        """Takes more items into the case, with what they need beyond what is here, and accepts them (接续受理).

        Returns once approval expects them: a verdict before that is one over the case without them.
        """
        if not items:
            return
        here = {copy["material"] for copy in self.case()["materials"]}
        filled = self.case()["fields"]
        self.clerk.command(JoinItems(case_id=self.case_id, items=items), attempts=ATTEMPTS)
        values = {key: value for key, value in self.values().items() if key not in filled}
        if values:
            self.clerk.command(FillForm(case_id=self.case_id, values=values), attempts=ATTEMPTS)
        missing = tuple(each for each in self.materials() if each.material not in here)
        if missing:
            self.clerk.command(ReceiveMaterials(case_id=self.case_id, materials=missing), attempts=ATTEMPTS)
        self.clerk.command(AcceptItems(case_id=self.case_id), attempts=ATTEMPTS)
        for item in items:
            self.review(item)

    def conclude_origin(self, item: str, outcome: str) -> None:
        """The result of what was underway elsewhere comes in."""
        self.clerk.command(
            RecordOrigin(
                case_id=self.case_id,
                item=item,
                outcome=outcome,  # type: ignore[arg-type]
                number=EVIDENCE.format(item=item),
                concluded_on=self.time.today(),
            ),
            attempts=ATTEMPTS,
        )

    def withdraw(self) -> None:
        """The applicant takes everything back."""
        self.clerk.command(WithdrawCase(case_id=self.case_id, reason="另有安排"), attempts=ATTEMPTS)

    def withdraw_item(self, item: str) -> None:
        """The applicant takes one item back."""
        self.clerk.command(WithdrawItem(case_id=self.case_id, item=item, reason="另有安排"), attempts=ATTEMPTS)

    def case(self) -> dict[str, Any]:
        """The case as intake sees it."""
        found: dict[str, Any] = self.client.ask(GetCase(case_id=self.case_id), attempts=ATTEMPTS)
        return found

    def item_state(self, item: str) -> str:
        """What the item is to intake."""
        return str(self.case()["items"][item])

    def closed(self) -> dict[str, Any]:
        """The case, once it is closed."""
        return dict(self.patiently(lambda: (case := self.case())["status"] == "closed" and case))

    # approval

    def bundle(self) -> dict[str, Any]:
        """The reviews as approval sees them now."""
        found: dict[str, Any] = self.client.ask(GetBundle(case_id=self.case_id), attempts=ATTEMPTS)
        return found

    def reviews(self) -> dict[str, dict[str, Any]]:
        """item → its review."""
        return {review["item"]: review for review in self.bundle()["reviews"]}

    def review(self, item: str) -> dict[str, Any]:
        """The review of one item, once there is one."""
        return dict(self.patiently(lambda: self.reviews().get(item)))

    def reviewer(self, item: str, by: str = "reviewer") -> Client:
        """Somebody at the organisation that decides an item."""
        handler = self.review(item)["handler"]
        return self.client.as_(Caller(by=f"{by}-{handler}", org=handler, roles=("reviewer", "approver")))

    def decide(self, *, deny: Collection[str] = ()) -> str:
        """Lets every organisation decide what it can, until the verdict stands; returns the verdict."""
        return str(self.decide_until(lambda: self.bundle().get("verdict"), deny=deny))

    def decide_until(self, done: Callable[[], Any], *, deny: Collection[str] = ()) -> Any:
        """Lets every organisation decide what it can, until something is so."""

        def step() -> Any:
            if found := done():
                return found
            if self.paper:
                self.deliver_paper()
            for review in self.bundle()["reviews"]:
                if review["state"] == "ready":
                    self._decide(review["item"], deny)
            return done()

        return self.patiently(step)

    def _decide(self, item: str, deny: Collection[str]) -> None:
        reviewer = self.reviewer(item)
        command = (
            DenyReview(case_id=self.case_id, item=item, reasons="不符合条件")
            if item in deny
            else GrantReview(case_id=self.case_id, item=item)
        )
        try:
            reviewer.command(command, attempts=ATTEMPTS)
        except OneThingError as refusal:
            self._clear(item, refusal)

    def _clear(self, item: str, refusal: OneThingError) -> None:
        """Does what a decision still needs; any other refusal is one."""
        match refusal.code:
            case "wait-running":
                until = date.fromisoformat(str(refusal.data["until"]))
                self.time.advance(timedelta(days=(until - self.time.today()).days + 1))
            case "hearing-right-untold":
                self.reviewer(item).command(TellHearingRight(case_id=self.case_id, item=item), attempts=ATTEMPTS)
                self.clerk.command(WaiveHearing(case_id=self.case_id, item=item), attempts=ATTEMPTS)
            case _:
                raise refusal

    def due_on(self, item: str, limit: str = "promised") -> str:
        """The last day of one of the item's limits."""
        clocks = self.review(item)["clocks"]
        return str((clocks.get(limit) or clocks["statutory"])["due_on"])

    def suspend(self, item: str, procedure: str, days: int) -> None:
        """A special procedure begins."""
        self.reviewer(item).command(
            SuspendReview(
                case_id=self.case_id, item=item, procedure=procedure, reason="需现场核实", expected_days=days
            ),
            attempts=ATTEMPTS,
        )

    def resume(self, item: str, procedure: str) -> None:
        """A special procedure ends."""
        self.reviewer(item).command(
            ResumeReview(case_id=self.case_id, item=item, procedure=procedure, result="符合"), attempts=ATTEMPTS
        )

    def extend(self, item: str) -> None:
        """The statutory limit is extended, by two people."""
        self.reviewer(item).command(
            RequestExtension(case_id=self.case_id, item=item, reasons="案情复杂"), attempts=ATTEMPTS
        )
        self.reviewer(item, "head").command(ApproveExtension(case_id=self.case_id, item=item), attempts=ATTEMPTS)

    def revoke(self, item: str, ground: str) -> None:
        """A grant is taken back, by two people."""
        self.reviewer(item).command(
            ProposeRevocation(case_id=self.case_id, item=item, ground=ground, reasons="经核查不符合条件"),  # type: ignore[arg-type]
            attempts=ATTEMPTS,
        )
        self.reviewer(item, "head").command(ApproveProposal(case_id=self.case_id, item=item), attempts=ATTEMPTS)

    # routing

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
        return (
            self.clerk
            if place == HALL
            else self.client.as_(Caller(by=f"desk-{place}", org=place, hall=place, roles=("courier",)))
        )

    # certificate

    def certificates(self) -> list[dict[str, Any]]:
        """What was issued."""
        try:
            found: list[dict[str, Any]] = self.client.ask(GetOutput(case_id=self.case_id))["certificates"]
        except NotFound:
            return []
        return found

    def certificate_states(self, item: str) -> set[str]:
        """The states of the certificates of an item, once none is valid any more."""

        def states() -> set[str] | None:
            found = {each["state"] for each in self.certificates() if each["issued"]["item"] == item}
            return None if not found or "valid" in found else found

        return set(self.patiently(states))

    def output(self) -> dict[str, Any]:
        """Certificates and packages."""
        found: dict[str, Any] = self.client.ask(GetOutput(case_id=self.case_id), attempts=ATTEMPTS)
        return found

    def hand_over(self) -> None:
        """Hands over what is ready until nothing is left."""

        def step() -> bool:
            output = self.output()
            if output["status"] == "completed":
                return True
            if any(package["state"] == "ready" for package in output["packages"]):
                self.clerk.command(HandOverPackages(case_id=self.case_id), attempts=ATTEMPTS)
            return False

        self.patiently(step)

    def patiently(self, step: Callable[[], Any]) -> Any:
        """Repeats a step until it gives something; facts take a moment from service to service. Raises Stuck where it
        gave nothing and the case did not come on."""
        end, stood = monotonic() + PATIENCE, ""
        problem = "not yet"
        while True:
            try:
                if found := step():
                    return found
            except (NotFound, Unavailable) as error:
                problem = str(error)
            if monotonic() > end:
                if (stands := self.standing()) == stood:
                    raise Stuck(f"nothing came on within {PATIENCE} s: {problem}; {stands}")
                end, stood = monotonic() + PATIENCE, stands
            eventlet.sleep(0.02)

    def standing(self) -> str:
        """Where the case stands in each service, for whoever looks for what holds it up."""
        looks: dict[str, Callable[[], Any]] = {
            "intake": lambda: (self.case()["status"], self.case()["items"]),
            "approval": lambda: (
                self.bundle().get("verdict"),
                {i: each["state"] for i, each in self.reviews().items()},
            ),
            "certificate": lambda: {each["package"]: each["state"] for each in self.output()["packages"]},
        }
        seen = []
        for service, look in looks.items():
            try:
                seen.append(f"{service} {look()}")
            except OneThingError as error:
                seen.append(f"{service} {error}")
        return ", ".join(seen)
