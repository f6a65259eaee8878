"""Every act of the reviewer's desk, played from its form: refused it costs nothing, done it leaves its fact.

The acts are those of ``gateway.pages.review.acts``: one that is added there is played in ``acts.py``, or this fails.
"""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import catalogue
import console
from console.journey import furnish
from console.services import SERVICES, service
from contracts.casefile import Timeline
from gateway.pages.review.acts import DEEDS
from kernel.clock import ShiftedClock, SystemClock
from testkit.house import House, eventually

from .acts import PLAYED, Played, Stage, person, values
from .filling import Form, forms_of, send

W1 = str(Path(console.__file__).parent / "w1")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The county, with a clock that can be moved on: a hearing has its day."""
    with House(
        [service(name) for name in SERVICES],
        tmp_path_factory.mktemp("desk"),
        rendering="on-demand",
        clock=ShiftedClock(SystemClock()),
        catalogue_dirs=(W1,),
        http_requests_per_second=0.0,
        http_requests_per_address=0.0,
    ) as opened:
        furnish(opened.client(), catalogue.load("990102"))
        yield opened


def read(web: Any, path: str, caller: str) -> str:
    """A page, once the services behind it have heard of what was done."""
    answer = eventually(lambda: (got := web("GET", path, caller=caller, Accept="text/html")).status != 503 and got)
    assert answer.status == 200, answer.body.decode()
    return str(answer.body.decode())


def form_of(web: Any, stage: Stage, name: str, played: Played) -> Form:
    """The form of an act, once it is offered to whoever plays it."""
    path, who = stage.path, played.person(stage)
    return stage.journey.patiently(lambda: forms_of(read(web, path, who)).get(f"do-{name}"))  # type: ignore[no-any-return]


def play(web: Any, stage: Stage, name: str) -> None:
    """Does an act."""
    played = PLAYED[name]
    form = form_of(web, stage, name, played)
    answer = send(web, form, played.person(stage), values(played.typed, stage, form))
    assert answer.status == 303, answer.body.decode()


def facts(stage: Stage, played: Played) -> list[dict[str, Any]]:
    """What the case's history knows of the act."""
    entries = stage.journey.client.ask(Timeline(case_id=stage.journey.case_id))["entries"]
    return [each for each in entries if each["topic"] == played.fact.TOPIC]


def refused(web: Any, stage: Stage, form: Form, played: Played) -> Any:
    """The answer to what cannot be: something wrong is typed, or somebody plays who may not."""
    typed = {**values(played.typed, stage, form), **values(played.wrong, stage, form)}
    if not played.refused:
        return send(web, form, played.person(stage), typed, script=True)
    who = person(played.refused, stage)
    token = next(each.values["_csrf"][0] for each in forms_of(read(web, "/review", who)).values() if each.values)
    return send(web, form, who, {**typed, "_csrf": token, "_key": str(uuid.uuid4())}, script=True)


def test_every_act_is_played_and_nothing_else() -> None:
    assert set(PLAYED) == {deed.name for deed in DEEDS}


@pytest.mark.parametrize("name", [deed.name for deed in DEEDS])
def test_an_act_that_is_refused_costs_nothing_and_one_that_is_done_leaves_its_fact(
    house: House, web: Any, name: str
) -> None:
    played = PLAYED[name]
    stage = played.stage(house)
    for each in played.before:
        play(web, stage, each) if isinstance(each, str) else each(stage)
    form = form_of(web, stage, name, played)

    answer = refused(web, stage, form, played)

    assert 400 <= answer.status < 500, answer.body.decode()
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = answer.json
    assert problem["code"] == played.code
    assert not played.beside or played.beside in problem["data"]["errors"]

    play(web, stage, name)

    who = played.person(stage)
    stage.journey.patiently(lambda: [each for each in facts(stage, played) if each["by"] == who])
    assert read(web, stage.path, f"{stage.org}-reviewer")
