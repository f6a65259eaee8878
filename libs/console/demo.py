"""``onething demo``: theme cases told as they happen, on services that run in this process.

What people do is done through public commands; what departments do, by the department simulator.
"""

import shutil
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import eventlet
import msgspec
from rich.console import Console

import catalogue
import contents
from console.configuration import log_to
from console.county import county, load
from console.house import House, started
from console.journey import Stuck
from console.output import WIDE
from console.performance import Performance, Told
from console.services import SERVICES
from console.stories import TOLD, story
from console.telling import Teller, words
from eventing.errors import OneThingError
from eventing.settings import Settings
from kernel.clock import local_date


def tell(settings: Settings, *, once: bool) -> bool:
    """Tells all stories; returns whether every case was closed and verifies.

    On a terminal, and unless it is for ``once``, the services then stay up until Ctrl-C.
    """
    began = monotonic()
    settings = _with_a_free_port(settings)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    stays = console.is_terminal and not once
    phrases = words().phrases
    place = county(settings.region)
    console.print(f"[bold]onething · 高效办成一件事[/] {place.name} [dim]{place.name_en}[/]")
    directory = Path(settings.data_dir)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / "onething.log").open("a", encoding="utf-8") as log:
        log_to(log, settings)
        console.print(phrases["starting"].format(directory=directory), soft_wrap=True)
        with started(
            settings, say=lambda name: console.print(f"  · {words().services[name]} {name}"), names=tuple(SERVICES)
        ) as house:
            console.print(phrases["ready"].format(seconds=monotonic() - began))
            commands = load(place, house.client)
            console.print(phrases["county"].format(county=place.name, halls=len(place.halls), commands=commands))
            told = [_perform(name, number, house, console) for number, name in enumerate(TOLD, start=1)]
            _conclude(told, console, directory, monotonic() - began)
            if stays:
                console.print(phrases["stays"].format(address=_address(house)), style="bold", soft_wrap=True)
                _stay()
    return all(each.is_well for each in told)


def _perform(name: str, number: int, house: House, console: Console) -> Told:
    settings = house.settings
    phrases = words().phrases
    current = catalogue.load(
        settings.region,
        on=local_date(datetime.now(UTC)),
        extra=[Path(each) for each in settings.catalogue_dirs],
    )
    teller = Teller(console, county(settings.region), current)
    performance = Performance(
        story(name),
        client=house.client,
        county=county(settings.region),
        teller=teller,
        contents=contents.open_contents(settings.contents_url),
    )
    teller.story(number, performance.story)
    try:
        performance.play()
        told = performance.result(Path(settings.data_dir) / "documents")
    except (OneThingError, Stuck) as error:
        problem = f"{type(error).__name__}: {error}"
        told = Told(performance.story, performance.case_id, performance.number, problem=problem)
        console.print(f"   ✗ {told.problem}", style="red", markup=False, soft_wrap=True)
    else:
        teller.result(told.number, told.outcome, len(told.files), told.verified, told.length)
        if told.signers:
            teller.remark(phrases["signed"].format(signers="、".join(told.signers)))
    return told


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
                "     " + phrases["verified"].format(length=each.length, head=each.head[:16], state=each.state[7:23]),
                style="dim",
                soft_wrap=True,
            )
        for file in each.files:
            console.print(f"     {file}", style="dim", markup=False, soft_wrap=True)
    console.print()
    number = next((each.number for each in told if each.is_well), "CASE")
    further = phrases["further"].format(onething=as_typed(Path(sys.argv[0])), number=number, directory=directory)
    console.print(further, soft_wrap=True)
    console.print(phrases["took"].format(seconds=seconds, closed=sum(each.is_well for each in told), all=len(told)))


def as_typed(program: Path) -> str:
    """What to type for this command line from here: its name where a shell finds it, else its path."""
    found = shutil.which("onething")
    if program.name != "onething" or (found and Path(found).resolve() == program.resolve()):
        return "onething"
    below = str(program.relative_to(Path.cwd())) if program.is_relative_to(Path.cwd()) else ""
    return below if "/" in below else str(program)


def _with_a_free_port(settings: Settings) -> Settings:
    """The same, and where somebody has the port of the pages already, any other."""
    with socket.socket() as probe:
        try:
            probe.bind((settings.http_host, settings.http_port))
        except OSError:
            return msgspec.structs.replace(settings, http_port=0)
    return settings


def _address(house: House) -> str:
    """Where the pages are."""
    hosts: list[Any] = [] if house.runner is None else [*house.runner.replicas()]
    return next((str(host.instance.edge.address) for host in hosts if host.service_name == "gateway"), "")


def _stay() -> None:
    """Until Ctrl-C or SIGTERM."""
    with suppress(KeyboardInterrupt):
        while True:
            eventlet.sleep(3600)
