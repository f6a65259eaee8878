"""A catalogue is published while cases run: new ones are opened under it, old ones keep theirs, nobody restarts."""

import uuid
from collections.abc import Iterator

import pytest

from catalogue import Catalogue
from catalogue.examples import happy_answers
from console.journey import CLERK, Journey, Time
from contracts.approval import GetBundle
from contracts.certificate import GetOutput
from contracts.editions import (
    DraftEdition,
    GetImpact,
    GetSchedule,
    ListEditions,
    MigrateCase,
    ProposeEdition,
    PublishEdition,
)
from contracts.intake import GetCase
from contracts.language import Caller
from eventing.scoping import NotYourRole
from intake.domain.edition import AuthorPublishes
from intake.domain.migrating import NotMigratable
from testkit.facts import refused
from testkit.house import House, eventually

from .conftest import OpenHouse

AUTHOR = Caller(by="author-1", org="zwzx", roles=("manager", "publisher"))
PUBLISHER = Caller(by="publisher-2", org="zwzx", roles=("publisher",))


@pytest.fixture(scope="module", params=["embedded", pytest.param("cluster", marks=pytest.mark.cluster)])
def house(request: pytest.FixtureRequest, open_house: OpenHouse) -> Iterator[House]:
    """A house of its own: what is in force in it changes."""
    with open_house(request.param) as opened:
        yield opened


def test_draft_impact_publication_new_cases_and_old_ones(house: House, county: Catalogue) -> None:
    client, mark = house.client(), uuid.uuid4().hex[:6]
    theme = county.theme("CY")
    answers = happy_answers(theme)
    item = next(each for each in theme.select(answers).selected if (p := theme.item(each).promised) and p.days > 1)
    text = (
        f"amends: {theme.id}\neffective: {{from: '2026-01-01'}}\n"
        f"override: {{items: {{{item}: {{promised: {{days: 1, placeholder: true}}}}}}}}\n"
    )
    old, waiting = (Journey(client, county, theme, answers, Time(client)) for _ in range(2))
    old.register()
    waiting.open()

    edition = f"edition-{mark}"
    drafted = client.as_(AUTHOR).command(
        DraftEdition(edition=edition, title="餐饮提速", documents={"faster.yaml": text})
    )
    version = drafted.value["version"]
    impact = client.as_(AUTHOR).ask(GetImpact(edition=edition, theme=theme.id))
    told = {each["case_id"]: each for each in impact["cases"]}
    assert told[old.case_id]["fixed_by"] == "accepted"
    assert told[waiting.case_id]["fixed_by"] == ""
    assert told[waiting.case_id]["moved"]["limits"][f"{item}/promised"][1] == "1"

    client.as_(AUTHOR).command(ProposeEdition(edition=edition))
    with refused(AuthorPublishes):
        client.as_(AUTHOR).command(PublishEdition(edition=edition, version=version))
    with refused(NotYourRole, verb="PublishEdition"):
        client.as_(CLERK).command(PublishEdition(edition=edition, version=version))
    client.as_(PUBLISHER).command(PublishEdition(edition=edition, version=version))
    eventually(lambda: client.as_(AUTHOR).ask(ListEditions())["in_force"] == version)

    assert client.as_(CLERK).ask(GetCase(case_id=old.case_id))["catalogue"] == county.version
    with refused(NotMigratable, reason="accepted"):
        client.as_(CLERK).command(MigrateCase(case_id=old.case_id))
    client.as_(CLERK).command(MigrateCase(case_id=waiting.case_id, version=version))
    assert client.as_(CLERK).ask(GetCase(case_id=waiting.case_id))["catalogue"] == version

    new = Journey(client, county, theme, answers, Time(client))
    new.register()
    assert client.as_(CLERK).ask(GetCase(case_id=new.case_id))["catalogue"] == version
    assert new.decide() == "granted"
    new.hand_over()
    assert new.closed()["catalogue"] == version
    assert eventually(lambda: client.ask(GetBundle(case_id=new.case_id)))["catalogue"] == version
    assert eventually(lambda: client.ask(GetOutput(case_id=new.case_id)))["status"] == "completed"
    for name in ("approval", "routing", "certificate"):
        assert eventually(lambda name=name: house.host(name).store.catalogue(version)) is not None
    for name in ("delegation", "halls", "routing", "outreach"):
        assert eventually(lambda name=name: house.host(name).instance.catalogues.current().version == version)
    assert [each["version"] for each in client.ask(GetSchedule())["editions"]][-1] == version

    assert old.decide() == "granted"
    old.hand_over()
    assert old.closed()["catalogue"] == county.version
