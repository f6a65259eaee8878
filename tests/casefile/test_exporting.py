"""What leaves the ledger: every fact once, the same again, nothing that anybody typed."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
import sqlalchemy as sa

import catalogue
from casefile.exporting.mentions import mentions
from casefile.exporting.national import national
from casefile.exporting.pages import LEFT_OUT
from casefile.exporting.pseudonyms import pseudonyms
from casefile.exporting.saying import NAMES, values
from casefile.service import CaseFile
from contracts import delegation, halls
from contracts.approval import (
    ReviewGranted,
    ReviewResumed,
    ReviewsUnlocked,
    ReviewSuspended,
    Unlocked,
)
from contracts.certificate import CertificateIssued, PackageAssembled, PackageHandedOver
from contracts.exports import ExportLog, ExportTables
from contracts.intake import Acceptance, CaseOpened, ItemsAccepted, MaterialCopy, MaterialsReceived, PlannedItem
from contracts.language import Caller, Fact, Sealed
from contracts.outreach import RatingGiven
from contracts.published import published
from contracts.readings import PersonalDataRead
from contracts.routing import DistributionPlanned, PacketsDispatched, PlannedPacket
from eventing.scoping import NotYourRole
from testkit.facts import NOON, refused
from testkit.replica import DATABASES, Replica, replica

from .mothers import SIGNING, closed, filled, opened, reopened

CY = catalogue.load("990102")
PEOPLE = pseudonyms(b"0123456789abcdef")
AUDITOR = Caller(by="auditor-shi", roles=("auditor",))
WHO: dict[str, Any] = {"at": NOON, "by": "clerk-7"}


class Shelf:
    """The catalogue of every version."""

    def at(self, _version: str) -> catalogue.Catalogue:
        return CY


@pytest.fixture(params=DATABASES)
def casefile(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(CaseFile, request, tmp_path, signing=SIGNING, pseudonyms=PEOPLE, catalogues=Shelf()) as running:
        yield running


def a_long_case(casefile: Replica, case_id: str = "case-1", hall: str = "county") -> None:
    """One item on its whole way, with a special procedure and a rating."""
    case: dict[str, Any] = {"case_id": case_id, **WHO}
    clocks = Unlocked(item="CY03", started_on=NOON.date(), statutory_due=None, promised_due=date(2026, 8, 7))
    suspended: dict[str, Any] = {"item": "CY03", "handler": "scjg", "procedure": "inspection", "clocks": clocks}
    copy = MaterialCopy(copy="lease-1", material="food_application", medium="paper", provenance="applicant", digest="d")
    facts: list[tuple[str, Fact]] = [
        ("intake", msgspec.structs.replace(
            opened(case_id), hall=hall,
            plan=(PlannedItem("CY03", "selected", "scjg"), PlannedItem("CY09", "not_needed")),
        )),
        ("intake", filled(case_id)),
        ("intake", MaterialsReceived(**case, materials=(copy,), items=("CY03",))),
        ("intake", PersonalDataRead(**case, org="scjg", hall=hall, classes=("form",), purpose="handling", what="form")),
        ("intake", ItemsAccepted(
            **case, number="N", theme="CY", catalogue="c", region="990102", hall=hall, window="w1", plan=(),
            materials=(copy,), items=(Acceptance(
                item="CY03", handler="scjg", grant="g1", grant_position=1, in_name_of="scjg", notice="受字1号",
                materials=("lease-1",),
            ),),
        )),
        ("routing", DistributionPlanned(
            **case, items=("CY03",), packets=(PlannedPacket("p1", "CY03", "scjg", "paper", ("lease-1",)),)
        )),
        ("routing", PacketsDispatched(**case, packets=("p1",))),
        ("approval", ReviewsUnlocked(**case, reviews=(clocks,))),
        ("approval", ReviewSuspended(
            **case, **suspended, reason="r", notice="n", started_on=NOON.date(), expected_days=3,
            expected_on=NOON.date(),
        )),
        ("approval", ReviewResumed(**case, **suspended, result="r", resumed_on=NOON.date())),
        ("approval", ReviewGranted(**case, acting_as="g1", item="CY03", handler="scjg", decision="D")),
        ("certificate", CertificateIssued(
            **case, certificate="cert-1", item="CY03", output="food_licence", kind="certificate",
            title="食品经营许可证", number="JY1", issuer="scjg", issued_on=NOON.date(),
        )),
        ("certificate", PackageAssembled(**case, package="pk", certificates=("cert-1",))),
        ("certificate", PackageHandedOver(**case, package="pk", method="window", identity_check="x", receipt="")),
        ("outreach", RatingGiven(**case, handling="CY03", grade=2, channel="web", on_site=False)),
        ("intake", closed(case_id)),
    ]  # fmt: skip
    versions: Counter[str] = Counter()
    for service, fact in facts:
        versions[service] += 1
        casefile.follow(service, (case_id, versions[service], fact))


def a_county(casefile: Replica) -> None:
    """Two cases in two halls, a grant, a window, and a hall that is nothing to the log."""
    a_long_case(casefile, "case-1", "county")
    a_long_case(casefile, "case-2", "street")
    granted = delegation.GrantMade(
        **WHO, legal_form="hall_practice", grantor="scjg", grantee="county", grantee_kind="public_institution",
        items=("*",), powers=("accept",), valid_from=NOON.date(), valid_until=None, document="d", windows=("w1",),
    )  # fmt: skip
    casefile.follow("delegation", ("g1", 1, granted))
    casefile.follow("halls", ("w1", 1, halls.WindowInstalled(**WHO, hall="county", name="1", zone="a", themes=())))
    casefile.follow("halls", ("w1", 2, halls.WindowOpened(**WHO, staff="clerk-7", hall="county", window="w1")))
    casefile.follow(
        "halls", ("county", 1, halls.HallRegistered(**WHO, name="n", kind="county", region="990102", parent=""))
    )


def exported(casefile: Replica, caller: Caller = AUDITOR, **wanted: Any) -> tuple[list[Any], list[Any]]:
    """All objects and events, read in pages of one."""
    objects, events = [], []
    page = casefile.ask(ExportLog(limit=1, **wanted), caller)
    while page["after"] is not None:
        objects += page["objects"]
        events += page["events"]
        page = casefile.ask(ExportLog(limit=1, **wanted | {"size": page["size"], "after": page["after"]}), caller)
    return objects, events


def test_a_case_is_open_again_until_it_is_closed_once_more(casefile: Replica) -> None:
    a_long_case(casefile, "case-1", "county")
    casefile.follow("intake", ("case-1", 9, reopened()))

    objects, _ = exported(casefile)

    (case,) = [each for each in objects if each["kind"] == "case"]
    assert [said[2] for said in case["values"] if said[0] == "state"] == ["open", "closed", "open"]


def test_every_fact_of_a_case_a_grant_or_a_window_is_one_event(casefile: Replica) -> None:
    a_county(casefile)

    _, events = exported(casefile)

    with casefile.store.reading() as connection:
        counted = connection.execute(
            sa.text(
                "SELECT topic, count(*) FROM ledger WHERE topic <> 'onething.reading.personal-data-read.v1' "
                "AND case_id IN (SELECT case_id FROM ledger WHERE topic IN ('onething.case.opened.v1', "
                "'onething.grant.made.v1', 'onething.window.installed.v1')) GROUP BY topic"
            )
        ).fetchall()
        positions = connection.execute(sa.text("SELECT service, segment, position FROM ledger")).fetchall()
    assert Counter(each["topic"] for each in events) == dict(map(tuple, counted))
    assert len({each["event"] for each in events}) == len(events) == 33
    assert {each["event"] for each in events} < {"/".join(map(str, place)) for place in positions}
    assert not {each["topic"] for each in events} & LEFT_OUT


def test_objects_are_of_the_seven_kinds_and_know_what_they_belong_to(casefile: Replica) -> None:
    a_county(casefile)

    objects, events = exported(casefile, theme="CY")

    found = {each["object"]: each for each in objects}
    assert Counter(each["kind"] for each in objects if each["kind"] not in {"window", "grant"}) == {
        "case": 2, "item": 2, "material": 2, "packet": 2, "certificate": 2
    }  # fmt: skip
    packet = found["packet:case-1/p1"]
    assert sorted(packet["relations"]) == [
        ["case:case-1", "case"], ["item:case-1/CY03", "item"], ["material:case-1/lease-1", "copy"]
    ]  # fmt: skip
    states = [said[2] for said in found["item:case-1/CY03"]["values"] if said[0] == "state"]
    assert states == ["accepted", "in_review", "suspended", "in_review", "granted"]
    granted = next(each for each in events if each["activity"] == "ReviewGranted")
    assert ["grant:g1", "acting_as"] in granted["relations"]
    assert {to for each in events for to, _ in each["relations"]} <= found.keys()


def test_an_export_of_a_size_is_the_same_whatever_came_since(casefile: Replica) -> None:
    a_county(casefile)
    size = casefile.ask(ExportLog(), AUDITOR)["size"]
    before = exported(casefile)

    a_long_case(casefile, "case-0")
    casefile.follow("outreach", ("case-1", 9, RatingGiven(
        case_id="case-1", **WHO, handling="case", grade=1, channel="web", on_site=False
    )))  # fmt: skip

    assert exported(casefile, size=size) == before
    assert len(exported(casefile)[1]) > len(before[1])


def test_a_manager_exports_the_cases_of_their_hall_and_a_clerk_none(casefile: Replica) -> None:
    a_county(casefile)
    manager = Caller(by="m", hall="street", roles=("manager",))

    _, events = exported(casefile, manager)

    assert {each["case_id"] for each in events} == {"case-2"}
    with refused(NotYourRole):
        casefile.ask(ExportLog(), Caller(by="c", hall="street", roles=("clerk",)))
    page = casefile.ask(ExportTables(), manager)
    assert {row["project_no"] for row in page["rows"]["up_pro_accept"]} == {"YJS-case-2-CY03"}


def test_the_national_tables_have_their_columns_and_what_is_known(casefile: Replica) -> None:
    a_long_case(casefile)

    rows = casefile.ask(ExportTables(), AUDITOR)["rows"]

    assert {table: {tuple(row) for row in some} for table, some in rows.items()} == {
        table: {columns} for table, columns in national().tables.items()
    }
    (accepted,), (result,), (licence,) = rows["up_pro_accept"], rows["up_pro_result"], rows["up_lic_data"]
    assert (accepted["task_code"], accepted["accept_doc_no"]) == (CY.item("CY03").reference_code, "受字1号")
    assert (accepted["apply_type"], accepted["accept_date"], accepted["promise_date"]) == ("1", "20260723", "20260807")
    assert (result["result_type"], result["is_delivery_results"], result["satisfaction"]) == ("0", "1", "2")
    assert (licence["issue_date"], licence["area_code"]) == ("20260723", "990102")
    assert [row["process_name"] for row in rows["up_pro_process"]] == ["收件", "受理", "审查", "出证", "送达"]
    (procedure,) = rows["up_pro_special_procedure"]
    assert (procedure["special_type"], procedure["special_name"]) == ("2", "inspection")
    (material,) = rows["up_pro_material"]
    assert (material["get_type"], material["get_num"]) == ("纸质", "1")
    personal = ("applyer_name", "applyer_page_type", "applyer_page_code")
    assert all(accepted[column] == "" for column in personal)
    assert licence["holder"] == licence["holder_code"] == result["result_cetr_no"] == ""


def test_people_have_the_same_pseudonym_and_no_name(casefile: Replica) -> None:
    a_county(casefile)

    objects, events = exported(casefile)
    rows = casefile.ask(ExportTables(), AUDITOR)["rows"]

    assert {each["resource"] for each in events} == {PEOPLE("clerk-7"), PEOPLE("system")}
    assert "clerk-7" not in str(objects) + str(events) + str(rows)
    assert PEOPLE("") == ""


FACTS = sorted(published(Fact), key=lambda fact: fact.TOPIC)
TYPED = "typed by somebody"


def _made(type_: Any) -> Any:
    """A value of a type in which every text is what somebody typed."""
    origin = get_origin(type_)
    if origin is Annotated:
        return _made(get_args(type_)[0])
    if origin is Literal:
        return get_args(type_)[0]
    if origin in {Union, UnionType}:
        return _made(next(each for each in get_args(type_) if each is not NoneType))
    if origin is tuple:
        return (_made(get_args(type_)[0]),)
    if isinstance(origin, type) and hasattr(origin, "keys"):
        key, value = get_args(type_)
        return {_made(key): _made(value)}
    if type_ is Sealed:
        return Sealed("k", "p", TYPED.encode())
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return type_(**{field.name: _made(field.type) for field in msgspec.structs.fields(type_)})
    made: dict[Any, Any] = {
        str: TYPED, int: 7, float: 7.5, bool: True, bytes: TYPED.encode(), date: NOON.date(), datetime: NOON
    }  # fmt: skip
    return made[type_]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_nothing_that_anybody_typed_is_a_value(fact: type[Fact]) -> None:
    made = _made(fact)

    told = {each.name for each in values(made) if TYPED in str(each.value)}

    assert told <= NAMES, told - NAMES
    assert not told & {"reason", "explanation", "text", "name", "by"}
    list(mentions(made))  # a fact with a field of a new shape is still read


def test_names_of_facts_are_names_of_activities() -> None:
    assert len({fact.__name__.lower() for fact in FACTS}) == len(FACTS)
    assert CaseOpened in FACTS
