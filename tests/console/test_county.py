"""The fictional county: complete, lawful, and loaded as often as one likes."""

import pytest

import catalogue
from console.county import county, load
from console.standing import standing
from contracts.delegation import Authorise, AuthorityRequest, GetGrant
from contracts.halls import GetHall, GetTree
from contracts.language import Caller
from kernel.identifiers import check_citizen_id, check_uscc

REGION = "990102"


INTAKE = Caller(by="service:intake", roles=("service",))
"""Who asks delegation for authority: intake, and nobody else."""


@pytest.fixture(scope="module")
def place():
    return county(REGION)


@pytest.fixture(scope="module")
def current():
    return catalogue.load(REGION)


def test_there_is_one_county_hall_and_what_belongs_to_it(place):
    kinds = sorted(hall.kind for hall in place.halls)

    assert kinds == ["bank", "county", "hospital", "park", "post", "street", "street"]
    assert [hall.id for hall in place.halls if not hall.parent] == [place.halls[0].id]


def test_everybody_stands_where_the_county_says(place, current):
    windows = {window.id: hall for hall in place.halls for window in hall.windows}
    for person in place.staff:
        assert not person.window or windows[person.window].id == person.hall
        assert not person.org or person.org in current.organisations
    assert all(hall.org in current.organisations for hall in place.halls)


def test_every_grantor_is_an_organisation_with_a_short_name(place, current):
    grantors = {grantor for terms in place.grants for grantor in terms.grantors}

    assert grantors <= current.organisations.keys()
    assert grantors <= place.short_names.keys()


def test_all_codes_are_synthetic_and_valid(current):
    codes = [each.uscc for each in current.organisations.values() if each.uscc]

    assert all(check_uscc(code)[2:6] == "9901" for code in codes)
    assert check_citizen_id("990102199202150022")


def test_loading_it_again_changes_nothing(house, place):
    def heads():
        # halls notes what it can accept by itself, some time after the grants
        told = {each["service"]: each.get("heads") for each in standing(house.client) if each["service"] != "halls"}
        return told, [house.client.ask(GetHall(hall=hall.id)) | {"opening": None} for hall in place.halls]

    before = heads()

    load(place, house.client)

    assert heads() == before


def test_the_tree_stands_with_its_windows_open(house, place):
    tree = str(house.client.ask(GetTree()))

    assert all(hall.name in tree for hall in place.halls)


def test_the_county_hall_may_accept_every_item_for_its_authority(house, current):
    items = [
        (item.id, organisation)
        for theme in current.themes.values()
        for item in theme.items
        if item.adopted
        for organisation in handlers(current, item)
    ]
    requests = tuple(AuthorityRequest("yl-hall", item, handler, "accept") for item, handler in items)

    answers = house.client.as_(INTAKE).ask(Authorise(requests=requests))

    assert len(items) > 80
    assert [item for (item, _), answer in zip(items, answers, strict=True) if answer[4]] == []


def test_the_hospital_has_no_say_in_restaurants(house):
    asked = (AuthorityRequest("yl-hospital", "CY03", "scjg", "accept"),)

    [answer] = house.client.as_(INTAKE).ask(Authorise(requests=asked))

    assert answer[4] == "no-grant"


def test_nobody_published_what_they_signed(house):
    history = house.client.ask(GetGrant(grant="pcs-to-yl-hospital"))["history"]

    assert [step["status"] for step in history] == ["made", "published"]
    assert history[0]["by"] != history[1]["by"]


def handlers(current, item):
    """Whoever decides the item in some area."""
    if item.service is None:
        return [item.department]
    return [each.id for each in current.organisations.values() if item.service in each.serves]
