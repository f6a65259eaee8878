"""One story, performed: what people do through public commands, and what is known to have followed.

Nothing is staged: every line that is told is a fact that a service recorded and casefile remembers.
"""

from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import eventlet
from msgspec import Struct

from catalogue import Standing
from console.county import County, Person
from console.history import Happened, facts_of, replayed, state_hash
from console.journey import Stuck
from console.simulator import Departments
from console.stories import Step, Story
from console.telling import Teller, words
from contents import Contents
from contracts.approval import BundleConcluded, ReviewsPlanned
from contracts.casefile import VerifyCase
from contracts.certificate import GetDocument, GetOutput, HandOverPackages, OutputPlanned
from contracts.intake import (
    AcceptItems,
    BroughtMaterial,
    CaseClosed,
    CaseOpened,
    FillForm,
    GetNotice,
    ItemsAccepted,
    OpenCase,
    ReceiveMaterials,
    Register,
    RequestCorrection,
)
from contracts.language import Command, Fact, Position
from contracts.routing import DispatchPackets, DistributionPlanned, GetDistribution, ReceivePackets
from documents import Document, render
from eventing.client import Client
from eventing.errors import Refused
from kernel.clock import local_date

PATIENCE = 20.0
"""Seconds in which a step's consequences are expected."""

LOOK = 0.05
"""Seconds between two looks at the history."""

THINKING = 0.25
"""Seconds that a department takes before it decides, where somebody watches."""


ACCEPTED: tuple[type[Fact], ...] = (DistributionPlanned, ReviewsPlanned, OutputPlanned)
"""What an acceptance leads to in the other services."""


class Told(Struct):
    """How a story ended."""

    story: Story
    case_id: str
    number: str = ""
    outcome: str = ""
    problem: str = ""
    files: list[Path] = []
    signers: list[str] = []
    verified: bool = False
    length: int = 0
    head: str = ""
    state: str = ""

    @property
    def is_well(self) -> bool:
        """Whether the case was closed and its history verifies."""
        return bool(self.outcome) and self.verified and not self.problem


class Performance:
    """One story in progress: what was done, and what is known to have happened."""

    def __init__(self, story: Story, *, client: Client, county: County, teller: Teller, contents: Contents) -> None:
        self.story = story
        self.county = county
        self.teller = teller
        self.client = client
        self.contents = contents
        self.case_id = str(uuid4())
        self.clerk = county.person(story.clerk)
        self.known: list[Happened] = []
        self.thinking = THINKING if teller.console.is_terminal else 0.0

    # what somebody does

    def play(self) -> None:
        """Does and tells every step. Raises OneThingError when one is refused, Stuck when nothing follows."""
        for step in self.story.steps:
            person = self.county.person(step.clerk) if step.clerk else self.clerk
            self.teller.step(step, *self._who_and_where(step, person))
            getattr(self, f"_{step.act}")(step, person)

    def _who_and_where(self, step: Step, person: Person) -> tuple[str, str]:
        teller = self.teller
        if step.act == "decide":
            handlers = dict.fromkeys(teller.place(handler) for handler in self._handlers())
            return words().phrases["departments"], "、".join(handlers)
        people = [person, *(self.county.person(carrier) for carrier in step.carriers)]
        return "、".join(map(teller.person, people)), teller.place(person.window or person.org)

    def _handlers(self) -> list[str]:
        opened = next(each.fact for each in self.known if isinstance(each.fact, CaseOpened))
        return [planned.handler for planned in opened.plan if planned.handler]

    def _notice(self, step: Step, _: Person) -> None:
        notice = self._ask_notice(self.story.answers)
        theme = self.teller.theme(self.story.theme)
        selection = theme.select(self.story.answers, satisfied=self.story.satisfied)
        phrases = words().phrases
        for question, answer in selection.answers.items():
            asked = next(each for each in theme.questions if each.id == question)
            chosen = next(each.name for each in asked.options if each.value == answer)
            self.teller.remark(f"? {asked.text} → {chosen}", style="dim")
        self.teller.remark(
            phrases["selected"].format(
                count=len(selection.selected),
                items=self.teller.items(selection.selected),
                materials=len(selection.materials),
                fields=len(selection.fields),
            )
        )
        for item, standing in selection.standings.items():
            if standing is Standing.SATISFIED:
                self.teller.remark(
                    phrases["satisfied"].format(item=self.teller.item(item), evidence=self.story.satisfied[item])
                )
        self.teller.remark(phrases["digest"].format(digest=notice["digest"]), style="dim")
        if step.compare:
            other = self.story.answers | step.compare
            for item_id in selection.selected:
                needed = theme.item(item_id)
                here, there = (
                    self.teller.catalogue.handler(needed, answers.get(needed.area_question or "") or None)
                    for answers in (self.story.answers, other)
                )
                if here != there:
                    self.teller.remark(
                        phrases["compare"].format(
                            item=self.teller.item(item_id),
                            here=self.teller.place(here),
                            there=self.teller.place(there),
                        )
                    )

    def _ask_notice(self, answers: dict[str, str]) -> dict[str, Any]:
        notice: dict[str, Any] = self.client.as_(self.clerk.caller).ask(
            GetNotice(theme=self.story.theme, answers=answers), attempts=5
        )
        return notice

    def _open(self, _: Step, person: Person) -> None:
        story = self.story
        self._do(
            person,
            OpenCase(
                case_id=self.case_id,
                theme=story.theme,
                applicant=story.applicant,
                answers=story.answers,
                satisfied=story.satisfied,
                output_mode=story.output_mode,
                allow_duplicate=True,
            ),
        )

    def _fill(self, _: Step, person: Person) -> None:
        self._do(
            person,
            FillForm(case_id=self.case_id, values=self._form(), provenance=self.story.provenance),
        )

    def _receive(self, step: Step, person: Person) -> None:
        self._do(person, ReceiveMaterials(case_id=self.case_id, materials=self._brought(step.materials)))

    def _correct(self, _: Step, person: Person) -> None:
        self._do(person, RequestCorrection(case_id=self.case_id))

    def _accept(self, _: Step, person: Person) -> None:
        self._do(person, AcceptItems(case_id=self.case_id), leads_to=ACCEPTED)
        self._tell_authorities()

    def _register(self, _: Step, person: Person) -> None:
        story = self.story
        self._do(
            person,
            Register(
                case_id=self.case_id,
                theme=story.theme,
                applicant=story.applicant,
                answers=story.answers,
                values=self._form(),
                provenance=story.provenance,
                materials=self._brought(story.materials),
                satisfied=story.satisfied,
                output_mode=story.output_mode,
                allow_duplicate=True,
            ),
            leads_to=ACCEPTED,
        )
        self._tell_authorities()

    def _tell_authorities(self) -> None:
        accepted = next(each.fact for each in self.known if isinstance(each.fact, ItemsAccepted))
        for each in accepted.items:
            self.teller.remark(
                words()
                .phrases["accepted" if each.grant else "accepted_by_right"]
                .format(
                    item=self.teller.item(each.item),
                    name=self.teller.place(each.in_name_of),
                    grant=each.grant,
                    position=each.grant_position,
                    notice=each.notice,
                ),
                style="dim",
            )

    def _carry(self, step: Step, person: Person) -> None:
        """Paper goes from the window through the carriers' hands to whom it is for."""
        packets = [
            packet
            for packet in self.client.ask(GetDistribution(case_id=self.case_id), attempts=5)["packets"]
            if packet["medium"] == "paper" and packet["state"] == "planned"
        ]
        hands = [person, *(self.county.person(carrier) for carrier in step.carriers)]
        for packet in packets:
            for giver, taker in pairwise(hands):
                self._do(
                    giver,
                    DispatchPackets(
                        case_id=self.case_id,
                        packets=(packet["packet"],),
                        carrier=taker.id,
                        manifest=f"{self.number}/{packet['packet']}",
                    ),
                )
            receiver = Departments(self.client).reviewer(packet["to"])
            self._do(
                Person(id=receiver.by, name=receiver.by, name_en=receiver.by, org=packet["to"], roles=receiver.roles),
                ReceivePackets(
                    case_id=self.case_id,
                    packets=(packet["packet"],),
                    signature=f"{receiver.by} {packet['packet']}",
                ),
            )

    def _decide(self, step: Step, _: Person) -> None:
        departments = Departments(self.client, denials=step.deny, thinking=lambda: self.thinking)
        for _decision in departments.conclude(
            self.case_id,
            self._handlers(),
            is_over=self._is_concluded,
            patience=PATIENCE,
        ):
            self._news()
        self._follow((BundleConcluded,))

    def _is_concluded(self) -> bool:
        """Looks again: casefile may hear of the verdict a moment after the last decision."""
        self._news()
        return self._has_happened(BundleConcluded)

    def _hand_over(self, step: Step, person: Person) -> None:
        """What is ready is handed over until nothing is left; the last result may still be on its way."""
        until = monotonic() + PATIENCE
        while not self._has_happened(CaseClosed):
            if monotonic() > until:
                raise Stuck(CaseClosed.TOPIC)
            try:
                self._do(person, HandOverPackages(case_id=self.case_id, method=step.method))
            except Refused as error:
                if error.code != "nothing-to-hand-over":
                    raise
            eventlet.sleep(LOOK)
            self._news()

    # what follows

    @property
    def number(self) -> str:
        """The case's number, once it is open."""
        return next((each.fact.number for each in self.known if isinstance(each.fact, CaseOpened)), "")

    def _do(self, person: Person, command: Command, *, leads_to: Sequence[type[Fact]] = ()) -> None:
        answer = self.client.as_(person.caller).command(command, id=str(uuid4()), attempts=5)
        self._news((answer.position,) if answer.position else ())
        self._follow(leads_to)

    def _news(self, since: Sequence[Position] = ()) -> None:
        """Tells what casefile learned since the last look; ``since`` waits for what a command recorded."""
        happened = facts_of(self.client, self.case_id, since=since)
        # casefile learns from all services at once; a reader wants the order of time
        self.teller.facts(sorted(happened[len(self.known) :], key=lambda each: each.fact.at))
        self.known = happened

    def _follow(self, kinds: Sequence[type[Fact]]) -> None:
        until = monotonic() + PATIENCE
        while missing := [kind for kind in kinds if not self._has_happened(kind)]:
            if monotonic() > until:
                raise Stuck(missing[0].TOPIC)
            eventlet.sleep(LOOK)
            self._news()

    def _has_happened(self, kind: type[Fact]) -> bool:
        return any(isinstance(each.fact, kind) for each in self.known)

    # what is brought

    def _form(self) -> dict[str, str]:
        return self.story.form(local_date(datetime.now(UTC)))

    def _brought(self, materials: Iterable[str]) -> tuple[BroughtMaterial, ...]:
        return tuple(self._material(material) for material in materials)

    def _material(self, material: str) -> BroughtMaterial:
        """One material; a digital one is a small real file in the contents store, nothing personal in it."""
        brought = self.story.materials[material]
        if brought.medium != "digital":
            return BroughtMaterial(material=material, medium=brought.medium, provenance=brought.provenance)
        name = self.teller.material(material)
        about = words().phrases["sample_file"].format(theme=self.teller.theme(self.story.theme).name, case=self.case_id)
        sheet = Document(
            kind="receipt",
            title=name,
            number=self.case_id,
            issuer="onething",
            issued_on=local_date(datetime.now(UTC)),
            body=tuple(about.splitlines()),
            fictional=True,
        )
        stored = self.contents.put([render(sheet)])
        return BroughtMaterial(
            material=material,
            medium="digital",
            provenance=brought.provenance,
            digest=stored.digest,
            size=stored.size,
            media_type="application/pdf",
        )

    # what remains

    def result(self, folder: Path) -> Told:
        """How it ended: documents saved, history verified and replayed."""
        told = Told(story=self.story, case_id=self.case_id, number=self.number)
        closed = [each.fact for each in self.known if isinstance(each.fact, CaseClosed)]
        told.outcome = closed[0].outcome if closed else ""
        verdict = self.client.ask(VerifyCase(case_id=self.case_id), attempts=5)
        told.verified, told.length, told.head = verdict["verified"], verdict["length"], verdict["head"]
        told.files = list(self._documents(folder))
        output = self.client.ask(GetOutput(case_id=self.case_id), attempts=5)
        told.signers = sorted({each["rendering"]["signer"] for each in output["certificates"] if each["rendering"]})
        told.state = state_hash(replayed(self.known))
        return told

    def _documents(self, folder: Path) -> Iterator[Path]:
        """The PDF of every result but objects, as the case's window gets it."""
        clerk = self.client.as_(self.clerk.caller)
        for certificate in clerk.ask(GetOutput(case_id=self.case_id), attempts=5)["certificates"]:
            issued = certificate["issued"]
            if issued["kind"] == "object":
                continue
            document = clerk.ask(
                GetDocument(case_id=self.case_id, certificate=issued["certificate"]),
                attempts=5,
                timeout=PATIENCE,
            )
            file = folder / self.number / f"{issued['certificate']}.pdf"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b64decode(document["pdf"]))
            yield file
