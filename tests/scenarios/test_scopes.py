"""Nobody is told of, or does anything to, a case beyond their scope: by no question and no command, with no parameter.

Every message of the published language is sent, filled with ids, halls, organisations, cursors and oddities that mean
something in this town, by people with any roles. What comes back must name no case and no person beyond the asker. The
rules are written from docs/explanation/access.md; what a message says is found by looking at it, so no query can be
forgotten here.
"""

import http.client
import random
import time
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints
from urllib.parse import quote, unquote

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from catalogue import Catalogue
from contracts.casefile import ListCaseFiles, Timeline
from contracts.certificate import GetAddress, GetDocument, GetManifest, GetSigned
from contracts.credit import GetCredit
from contracts.drafts import GetDraft
from contracts.feed import ReadFeed
from contracts.halls import ListCaseMessages
from contracts.intake import GetCase, GetPaper, PrefillForm
from contracts.language import Caller, Command, Query
from contracts.outreach import GetConsultation, GetRatings
from contracts.published import published
from contracts.readings import PersonalDataRead, ReadMaterial
from eventing.errors import Forbidden, OneThingError
from eventing.schema import SEGMENTS
from gateway.identity import Identity
from testkit.facts import refused
from testkit.house import eventually
from testkit.strangers import callers

from .conftest import OpenHouse
from .filling import Filling
from .rules import brought, confided, follows, is_confided_in, knows_of, may_act, told_of
from .town import APPLICANTS, ASKED, HALL, HELPER, OTHER, Town


@pytest.fixture(scope="module")
def town(open_house: OpenHouse, county: Catalogue) -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Identity, "process_request", believe)
        with open_house("embedded", http_requests_per_second=0.0, http_requests_per_address=0.0) as opened:
            yield Town(opened, county)


WHO = callers(
    by=["li", HELPER, "clerk-7", "clerk-9"],
    orgs=["zwzx", ASKED, "rsj", "wsjk", "gaj", "pcs", "water-east"],
    halls=[HALL, OTHER, "rsj"],
    subjects=[*APPLICANTS],
)
SCOPES = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example asks 45 questions: shrinking takes minutes
)

QUERIES: list[Any] = sorted(published(Query), key=lambda each: (each.SERVICE, each.__name__))
COMMANDS: list[Any] = sorted(published(Command), key=lambda each: (each.SERVICE, each.__name__))


def signed(town: Town, who: Caller) -> Caller:
    return msgspec.structs.replace(who, subject=town.index.get(who.subject, who.subject))


@SCOPES
@given(who=WHO, chance=st.randoms(use_true_random=False))
def test_no_answer_names_a_case_or_a_person_beyond_its_reader(town: Town, who: Caller, chance: random.Random) -> None:
    client = town.client.as_(signed(town, who))
    filling = Filling(town, chance)
    for kind in chance.sample(QUERIES, 45):
        asked = filling.message(kind)
        if asked is None:
            continue
        try:
            answer = client.ask(asked)
        except OneThingError as error:
            text = str(error)
            if isinstance(error, Forbidden):
                continue
        else:
            text = msgspec.json.encode(answer).decode()
        said = msgspec.json.encode(asked).decode()
        beyond = {
            name for name in told_of(town, text) - told_of(town, said) if not knows_of(who, town.cases[name], kind)
        }
        assert not beyond, (kind.__name__, asked, beyond, text[:600])
        private = {
            name
            for name in confided(text) - confided(said)
            if not is_confided_in(who, town.cases[name], kind) and not brought(asked, who, name)
        }
        assert not private, (kind.__name__, asked, private, text[:600])


@SCOPES
@given(who=WHO, chance=st.randoms(use_true_random=False))
def test_no_command_moves_a_case_beyond_its_sender(town: Town, who: Caller, chance: random.Random) -> None:
    client = town.client.as_(signed(town, who))
    filling = Filling(town, chance)
    spared = {name: case for name, case in town.cases.items() if not may_act(who, case)}
    if not spared:
        return
    before = town.versions(spared)
    for kind in chance.sample(COMMANDS, 45):
        sent = filling.message(kind)
        if sent is None:
            continue
        try:
            client.command(sent)
        except OneThingError:
            continue
    assert town.versions(spared) == before


# over HTTP: what only the edge adds


def believe(_identity: Any, req: Any, _resp: Any) -> None:
    """Whoever asks is who they say, for a moment."""
    req.context.caller = msgspec.json.decode(unquote(req.get_header("Caller")), type=Caller)
    req.context.until = time.time() + MOMENT


MOMENT = 0.05
"""Seconds that a live feed lasts here."""

EDGE = settings(SCOPES, max_examples=15)


def get(town: Town, who: Caller, path: str, **headers: str) -> tuple[int, str, str]:
    """Status, tag and body of what somebody gets."""
    edge = town.house.host("gateway").instance.edge
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    said["Caller"] = quote(msgspec.json.encode(signed(town, who)).decode())
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=120)
    try:
        connection.request("GET", path, headers=said)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("ETag", ""), answer.read().decode()
    finally:
        connection.close()


def told_in(body: str) -> list[Any]:
    """The facts in a live feed."""
    return [
        msgspec.json.decode(line.removeprefix("data: "))
        for event in body.split("\n\n")
        if event.startswith("event: fact")
        for line in event.split("\n")
        if line.startswith("data: ")
    ]


PLACES = ("after=0", "", f"after={HALL}:0,{OTHER}:0")


@EDGE
@given(
    who=WHO,
    halls=st.lists(st.sampled_from([HALL, OTHER, "", "%", f"{HALL},{OTHER}"]), min_size=1, max_size=3),
    place=st.tuples(st.sampled_from(PLACES), st.sampled_from(["", f"{HALL}:0,{OTHER}:0", "0"])),
)
def test_no_live_feed_tells_of_a_hall_beyond_its_reader(
    town: Town, who: Caller, halls: list[str], place: tuple[str, str]
) -> None:
    query = "&".join([*(f"hall={quote(hall)}" for hall in halls), place[0]])
    status, _, body = get(town, who, f"/api/v1/feed?{query}", Last_Event_ID=place[1])

    followed = {hall for hall in (HALL, OTHER) if follows(who, hall)}
    assert status != 200 or {HALL, OTHER} & {*halls} <= followed
    assert status == 200 or not told_of(town, body)
    assert {fact["hall"] for fact in told_in(body)} <= followed & {*halls}
    assert confided(body) == set()


@EDGE
@given(who=WHO, place=st.sampled_from(PLACES), by_number=st.booleans())
def test_no_live_feed_tells_of_a_case_beyond_its_reader(town: Town, who: Caller, place: str, by_number: bool) -> None:
    for name, case in town.cases.items():
        asked = case.number if by_number else case.case_id
        status, _, body = get(town, who, f"/api/v1/cases/{asked}/feed?{place}")

        assert status != 200 or knows_of(who, case)
        assert {fact["case_id"] for fact in told_in(body)} <= {case.case_id}
        assert told_of(town, body) <= {name}
        assert confided(body) == set()


def test_those_who_may_follow_hear_what_happened(town: Town) -> None:
    """So that the two above have something to find."""
    auditor, li = Caller(by="a", roles=("auditor",)), Caller(by="li", roles=("applicant",), subject="li")
    for hall in (HALL, OTHER):
        eventually(lambda hall=hall: told_in(get(town, auditor, f"/api/v1/feed?hall={hall}&after=0")[2]))  # type: ignore[misc]
    for who in (auditor, li):
        path = f"/api/v1/cases/{town.cases['li'].case_id}/feed?after=0"
        eventually(lambda who=who, path=path: told_in(get(town, who, path)[2]))  # type: ignore[misc]


OF_A_CASE = ("", "/bill", "/bundle", "/distribution", "/output", "/readings", "/timeline", "/correspondence")


@EDGE
@example(who=Caller(by="m", roles=("manager",), hall="rsj"), tail="/distribution", brought="another")
@given(who=WHO, tail=st.sampled_from(OF_A_CASE), brought=st.sampled_from(["the tag", "*", "a list", "another"]))
def test_no_tag_tells_of_what_its_reader_may_not_read(town: Town, who: Caller, tail: str, brought: str) -> None:
    """Who brings the tag of what stands there is told "not modified" where they may read it, and else nothing more."""
    for name, case in town.cases.items():
        path = f"/api/v1/cases/{case.case_id}{tail}"
        right = get(town, Caller(by="a", roles=("auditor",)), path)
        if right[0] == 404 and name != "li":  # nothing was accepted yet
            continue
        assert right[0] == 200, right
        tags = {"the tag": right[1], "*": "*", "a list": f'"x", {right[1]}', "another": '"x"'}

        plain, tagged = get(town, who, path), get(town, who, path, If_None_Match=tags[brought])

        assert plain[0] != 200 or knows_of(who, case)
        if plain[0] == 200:
            is_had = brought == "*" or (brought != "another" and plain[1] == right[1])
            assert tagged == ((304, plain[1], "") if is_had else plain)
        else:
            assert (tagged[0], tagged[1]) == (plain[0], "")


# every reading leaves a record


def reading(town: Town, kind: type[Any]) -> Any:
    """A question of this kind about Li that is answered with something personal."""
    li = town.cases["li"].case_id
    asked: dict[type[Any], Query] = {
        GetCase: GetCase(case_id=li, personal=True),
        GetPaper: GetPaper(case_id=li, number=town.papers[0]),
        PrefillForm: PrefillForm(theme="SBK", answers=town.answers, case_id=li),
        GetDraft: GetDraft(draft="draft-li"),
        ReadMaterial: ReadMaterial(case_id=li, copy=town.copies[0]),
        GetAddress: GetAddress(case_id=li),
        GetDocument: GetDocument(case_id=li, certificate=town.certificates[0]),
        GetSigned: GetSigned(case_id=li, certificate=town.certificates[0]),
        GetManifest: GetManifest(case_id=li, package=town.packages[0]),
        GetConsultation: GetConsultation(consultation="consultation-li", personal=True),
        GetRatings: GetRatings(case_id=li, personal=True),
        ListCaseMessages: ListCaseMessages(case_id=li),
        GetCredit: GetCredit(identifier=APPLICANTS["li"].identifier),
    }
    return asked[kind]


CONFIDING = [each for each in QUERIES if each.CONFIDES]


def readings_recorded(town: Town) -> list[tuple[str, bytes]]:
    """Every reading that intake has recorded."""
    store = town.house.host("intake").store
    return [
        (fact.stream, fact.state)
        for segment in range(SEGMENTS)
        for fact in store.read_log(segment, 0, 100_000)
        if fact.topic == PersonalDataRead.TOPIC
    ]


@pytest.mark.parametrize("kind", CONFIDING, ids=lambda each: each.__name__)
def test_whoever_reads_something_personal_is_recorded_with_what_for(town: Town, kind: type[Any]) -> None:
    """The list is the contracts' own: a query that is marked and leaves no record fails here."""
    clerk = Caller(by="clerk-reading", org="zwzx", hall=HALL, window=f"{HALL}-1", roles=("clerk",))
    before = readings_recorded(town)

    answer = town.client.as_(clerk).ask(msgspec.structs.replace(reading(town, kind), purpose=kind.__name__))

    assert answer
    [(stream, state)] = [each for each in readings_recorded(town) if each not in before]
    said = msgspec.json.decode(state)
    assert (said["by"], said["hall"], said["purpose"]) == ("clerk-reading", HALL, kind.__name__)
    assert tuple(said["classes"]) == kind.CONFIDES
    assert stream in {
        f"readings-{town.cases['li'].case_id}",
        "readings.draft-draft-li",
        "readings.consultation-consultation-li",
        f"readings.credit-{town.index['li']}",
    }


PERSONAL_FIELDS = {"applicant", "asked", "comment", "identifier", "mobile", "pdf", "values", "form", "stored", "sealed"}
"""Names of fields that hold something personal wherever they stand."""

NOT_PERSONAL = {
    "VerifyCertificate": "the identifier is the certificate's",
    "FindCertificates": "the identifier is the certificate's",
    "GetOutput": "the identifier is the certificate's",
    "Consultations": "asked is the organisation that was asked",
    "GetMandate": "the form is of the paper it was given on",
    "GetHolder": "for the house's services alone, sealed",
    "ImportedCaseAt": "values are codes, numbers and days: ADR 40",
    "ExportLog": "values are what a fact's type lets leave: ADR 38",
}


def personal_fields(kind: Any, seen: frozenset[Any] = frozenset()) -> set[str]:
    """The fields of an answer, however deep, whose name says that they hold something personal."""
    found: set[str] = set()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in seen:
        for name, of in get_type_hints(kind).items():
            if name in PERSONAL_FIELDS:
                found.add(name)
            found |= personal_fields(of, seen | {kind})
    for each in get_args(kind):
        found |= personal_fields(each, seen)
    return found


@pytest.mark.parametrize("kind", QUERIES, ids=lambda each: f"{each.SERVICE}.{each.__name__}")
def test_an_answer_that_holds_something_personal_is_marked(kind: type[Any]) -> None:
    if kind.__name__ in NOT_PERSONAL:
        assert not kind.CONFIDES
    elif personal_fields(kind.ANSWER):
        assert kind.CONFIDES, personal_fields(kind.ANSWER)


# each of these was a hole


def test_comments_on_a_handling_are_read_by_the_halls_clerks_alone(town: Town) -> None:
    li = town.cases["li"].case_id
    for role in ("subscriber", "courier", "trainer", "hotline", "auditor", "manager", "applicant"):
        with refused(Forbidden):
            town.as_(by="x", hall=HALL, roles=(role,)).ask(GetRatings(case_id=li, personal=True))


def test_what_somebody_asked_is_read_by_those_who_come_back_to_it_alone(town: Town) -> None:
    for role in ("auditor", "manager"):
        with refused(Forbidden):
            town.as_(by="x", hall=HALL, roles=(role,)).ask(
                GetConsultation(consultation="consultation-li", personal=True)
            )


def test_an_applicant_reads_no_draft_of_others_by_standing_in_the_hall_or_knowing_a_number(town: Town) -> None:
    other = town.as_(by="x", hall=HALL, roles=("applicant",), subject=town.index["wang"])
    for identifier in ("", APPLICANTS["li"].identifier):
        with refused(Forbidden):
            other.ask(GetDraft(draft="draft-li", identifier=identifier))
    own = town.as_(by="y", roles=("applicant",), subject=town.index["li"])
    assert own.ask(GetDraft(draft="draft-li"))["applicant"]["name"] == APPLICANTS["li"].name


def test_reading_a_case_elsewhere_does_not_bring_it_into_the_feed_there(town: Town) -> None:
    li = town.cases["li"]
    handler = next(org for org in li.handlers if org)
    town.as_(by="sits-elsewhere", org=handler, hall=OTHER, roles=("reviewer",)).ask(
        GetCase(case_id=li.case_id, personal=True)
    )
    intake, halls = town.house.host("intake").store, town.house.host("halls").store
    eventually(lambda: all(halls.positions(["intake"])["intake", s] >= p for s, p in intake.heads().items()))
    told = town.client.ask(ReadFeed(hall=OTHER))["events"]
    assert li.case_id not in msgspec.json.encode(told).decode()
    assert "onething.reading" not in msgspec.json.encode(town.client.ask(ReadFeed(hall=HALL))["events"]).decode()


def test_who_read_what_is_not_told_by_the_timeline_to_whom_the_list_is_not(town: Town) -> None:
    li = town.cases["li"]
    town.as_(by="clerk-1", hall=HALL, roles=("clerk",)).ask(GetCase(case_id=li.case_id, personal=True, purpose="why"))
    auditor = town.as_(by="a", roles=("auditor",))

    def topics(client: Any) -> set[str]:
        return {each["topic"] for each in client.ask(Timeline(case_id=li.case_id, limit=2000))["entries"]}

    eventually(lambda: PersonalDataRead.TOPIC in topics(auditor))
    assert PersonalDataRead.TOPIC in topics(town.as_(by="li", roles=("applicant",), subject=town.index["li"]))
    for role in ("clerk", "manager", "hotline"):
        assert PersonalDataRead.TOPIC not in topics(town.as_(by="x", hall=HALL, roles=(role,)))


def test_a_list_of_nothing_is_asked_for_without_a_fault(town: Town) -> None:
    for asked in (Timeline(case_id=town.cases["li"].case_id, limit=0), ListCaseFiles(limit=-1)):
        assert town.client.ask(asked)
