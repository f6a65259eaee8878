"""Items that data decide: a match grants, anything else leaves them to a person."""

import msgspec
import pytest

from approval.domain.comparing import Comparison
from approval.domain.refusals import (
    AlreadyCompared,
    AlreadyDecided,
    HeldByAnother,
    MaterialsOutstanding,
    NotAutomatic,
    NotYours,
    ReviewLocked,
)
from contracts.approval import DataCompared, FellBackToPerson, ReviewGranted
from testkit.facts import fact, facts, given, names, refused

from .mothers import NUMBER, Office, a_theme, an_item, needs
from .people import of

THEME = a_theme(
    msgspec.structs.replace(an_item("DATA"), automatic="compare"),
    an_item("PERSON"),
    msgspec.structs.replace(an_item("LATER", needs("DATA")), automatic="compare"),
)
MATCH = Comparison(True, "school register", "sha256:1")
NO_MATCH = Comparison(False, "school register", "sha256:2")


@pytest.fixture
def office():
    made = Office(THEME).accepts().supplies()
    given(made.bundle)
    return made


def compares(office, found=MATCH, item="DATA", org=None):
    act = of(org or item, "service:comparing")
    office.bundle.compare(item, found, office.law(), act=act)


def test_a_match_grants_in_the_name_of_the_handler(office):
    compares(office)

    told = {"item": "DATA", "handler": "dept-DATA"}
    compared, granted, _ = facts(office.bundle)
    assert compared == fact(DataCompared, **told, matched=True, source="school register", digest="sha256:1")
    assert granted == fact(ReviewGranted, **told, decision=f"{NUMBER}-DATA", automatic=True)
    assert {happened.in_name_of for happened in office.bundle.pending[:2]} == {"dept-DATA"}
    assert office.status()["LATER"] == "open"


def test_no_match_leaves_it_to_a_person(office):
    compares(office, NO_MATCH)

    assert names(office.bundle) == ["DataCompared", "FellBackToPerson"]
    assert facts(office.bundle)[1] == fact(FellBackToPerson, item="DATA", handler="dept-DATA", source="school register")
    assert office.grants("DATA").status()["DATA"] == "granted"


def test_the_same_comparison_again_is_no_news(office):
    compares(office, NO_MATCH)
    given(office.bundle)

    compares(office, NO_MATCH)

    assert facts(office.bundle) == []


def test_data_that_did_not_decide_once_do_not_decide_later(office):
    compares(office, NO_MATCH)

    with refused(AlreadyCompared):
        compares(office, MATCH)


def test_only_what_the_catalogue_leaves_to_data_is_decided_by_them(office):
    with refused(NotAutomatic, item="PERSON"):
        compares(office, item="PERSON")


def test_only_the_handler_compares(office):
    with refused(NotYours):
        compares(office, org="PERSON")


def test_data_decide_nothing_that_a_person_could_not(office):
    with refused(ReviewLocked):
        compares(office, item="LATER")
    with refused(MaterialsOutstanding):
        compares(Office(THEME).accepts())
    office.bundle.claim("DATA", office.law(), act=of("DATA", "wang"))
    with refused(HeldByAnother, holder="wang"):
        compares(office)


def test_what_a_person_denied_is_not_granted_by_data(office):
    office.denies("DATA")

    with refused(AlreadyDecided):
        compares(office)


def test_what_a_person_granted_needs_no_data(office):
    office.grants("DATA")
    given(office.bundle)

    compares(office)

    assert facts(office.bundle) == []
