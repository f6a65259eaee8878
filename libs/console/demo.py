"""``onething demo``: theme cases told as they happen, on services that run in this process.

What people do is done here through public commands; what departments do, by the department simulator. Nothing is
staged: every line that is told is a fact that a service recorded and casefile remembers.
"""

import signal
import sys
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any, NoReturn
from uuid import uuid4

import eventlet
from msgspec import Struct
from rich.console import Console

import catalogue
import contents
from console.configuration import log_to
from console.county import County, Person, county, load
from console.history import Happened, facts_of, replayed, state_hash
from console.house import House, started
from console.output import WIDE
from console.simulator import Departments
from console.stories import TOLD, Step, Story, story
from console.telling import Teller, words
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
from eventing.client import Client
from eventing.errors import OneThingError, Refused
from eventing.settings import Settings
from kernel.clock import local_date

PATIENCE = 20.0
"""Seconds in which a step's consequences are expected."""

LOOK = 0.05
"""Seconds between two looks at the history."""

THINKING = 0.25
"""Seconds that a department takes before it decides, where somebody watches."""


ACCEPTED: tuple[type[Fact], ...] = (DistributionPlanned, ReviewsPlanned, OutputPlanned)
"""What an acceptance leads to in the other services."""


class Stuck(Exception):
    """What had to follow did not follow in time; the argument is the topic of the fact that is missing."""


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

    def __init__(self, story: Story, *, client: Client, county: County, teller: Teller, contents: Any) -> None:
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
            if standing is catalogue.Standing.SATISFIED:
                self.teller.remark(
                    phrases["satisfied"].format(item=self.teller.item(item), evidence=self.story.satisfied[item])
                )
        self.teller.remark(phrases["digest"].format(digest=notice["digest"]), style="dim")
        if step.compare:
            other = self.story.answers | step.compare
            for item_id in selection.selected:
                item = theme.item(item_id)
                here, there = (
                    self.teller.catalogue.handler(item, answers.get(item.area_question or "") or None)
                    for answers in (self.story.answers, other)
                )
                if here != there:
                    self.teller.remark(
                        phrases["compare"].format(
                            item=self.teller.item(item_id), here=self.teller.place(here), there=self.teller.place(there)
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
                words().phrases["accepted" if each.grant else "accepted_by_right"].format(
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
                Person(id=receiver.by, name=receiver.by, name_en=receiver.by, org=packet["to"]),
                ReceivePackets(
                    case_id=self.case_id, packets=(packet["packet"],), signature=f"{receiver.by} {packet['packet']}"
                ),
            )

    def _decide(self, step: Step, _: Person) -> None:
        departments = Departments(self.client, denials=step.deny, thinking=lambda: self.thinking)
        for _decision in departments.conclude(
            self.case_id, self._handlers(), is_over=lambda: self._has_happened(BundleConcluded), patience=PATIENCE
        ):
            self._news()
        self._follow((BundleConcluded,))

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
        """Tells what casefile has learned since the last look; ``since`` waits for what a command recorded."""
        happened = facts_of(self.client, self.case_id, since=since)
        self.teller.facts(happened[len(self.known) :])
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
        """One material; a digital one is a small real file in the contents store, with nothing personal in it."""
        brought = self.story.materials[material]
        if brought.medium != "digital":
            return BroughtMaterial(material=material, medium=brought.medium, provenance=brought.provenance)
        text = words().phrases["sample_file"].format(
            material=self.teller.material(material), theme=self.teller.theme(self.story.theme).name, case=self.case_id
        )
        stored = self.contents.put([text.encode()])
        return BroughtMaterial(
            material=material,
            medium="digital",
            provenance=brought.provenance,
            digest=stored.digest,
            size=stored.size,
            media_type="text/plain; charset=utf-8",
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
                GetDocument(case_id=self.case_id, certificate=issued["certificate"]), attempts=5, timeout=PATIENCE
            )
            file = folder / self.number / f"{issued['certificate']}.pdf"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b64decode(document["pdf"]))
            yield file


def tell(settings: Settings, *, once: bool) -> bool:
    """Tells all stories; returns whether every case was closed and verifies.

    On a terminal, and unless it is for ``once``, the services then stay up until Ctrl-C.
    """
    began = monotonic()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    stays = console.is_terminal and not once
    phrases = words().phrases
    place = county(settings.region)
    console.print(f"[bold]onething · 高效办成一件事[/] {place.name} [dim]{place.name_en}[/]")
    signal.signal(signal.SIGTERM, _interrupt)
    directory = Path(settings.data_dir)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / "onething.log").open("a", encoding="utf-8") as log:
        log_to(log, settings)
        console.print(phrases["starting"].format(directory=directory), soft_wrap=True)
        with started(settings, say=lambda name: console.print(f"  · {words().services[name]} {name}")) as house:
            console.print(phrases["ready"].format(seconds=monotonic() - began))
            commands = load(place, house.client)
            console.print(phrases["county"].format(county=place.name, halls=len(place.halls), commands=commands))
            told = [_perform(name, number, house, console) for number, name in enumerate(TOLD, start=1)]
            _conclude(told, console, directory, monotonic() - began)
            if stays:
                console.print(phrases["stays"], style="bold")
                _stay()
    return all(each.is_well for each in told)


def _perform(name: str, number: int, house: House, console: Console) -> Told:
    settings = house.settings
    place = county(settings.region)
    phrases = words().phrases
    current = catalogue.load(settings.region, on=local_date(datetime.now(UTC)), extra=_extra(settings))
    teller = Teller(console, place, current)
    performance = Performance(
        story(name),
        client=house.client,
        county=place,
        teller=teller,
        contents=contents.open_contents(settings.contents_url),
    )
    teller.story(number, performance.story)
    try:
        performance.play()
        told = performance.result(Path(settings.data_dir) / "documents")
    except (OneThingError, Stuck) as error:
        told = Told(performance.story, performance.case_id, performance.number, problem=f"{type(error).__name__}: {error}")
        console.print(f"   ✗ {told.problem}", style="red", markup=False, soft_wrap=True)
    else:
        teller.result(told.number, told.outcome, len(told.files), told.verified, told.length)
        if told.signers:
            teller.remark(phrases["signed"].format(signers="、".join(told.signers)))
    return told


def _extra(settings: Settings) -> list[Path]:
    return [Path(each) for each in settings.catalogue_dirs]


def _conclude(told: list[Told], console: Console, directory: Path, seconds: float) -> None:
    phrases = words().phrases
    console.print()
    console.print(f"━ {phrases['end']} ━━━━━━━━━━", style="bold")
    for each in told:
        mark = "[green]✓[/]" if each.is_well else "[red]✗[/]"
        outcome = words().values.get(each.outcome, each.outcome) or each.problem
        console.print(f" {mark} [bold]{each.number or each.case_id}[/] {each.story.title} · {outcome}", soft_wrap=True)
        if each.verified:
            console.print(
                f"     {phrases['verified'].format(length=each.length, head=each.head[:16], state=each.state[7:23])}",
                style="dim",
                soft_wrap=True,
            )
        for file in each.files:
            console.print(f"     {file}", style="dim", markup=False, soft_wrap=True)
    console.print()
    number = next((each.number for each in told if each.is_well), "CASE")
    console.print(phrases["further"].format(number=number, directory=directory), soft_wrap=True)
    console.print(phrases["took"].format(seconds=seconds, closed=sum(each.is_well for each in told), all=len(told)))


def _stay() -> None:
    while True:
        eventlet.sleep(3600)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
