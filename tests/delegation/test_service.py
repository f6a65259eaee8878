"""Grants, mandates and qualifications are recorded; what may be done is answered from the registers as they are now."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

import catalogue
from catalogue.model import Catalogue
from contracts.delegation import (
    AffectedBy,
    Authorise,
    AuthorityRequest,
    CanAccept,
    CheckMandates,
    EndMandate,
    GetGrant,
    GetMandate,
    GetQualifications,
    GetTraining,
    GrantMade,
    GrantRevoked,
    ListGrants,
    ListMandates,
    ListQualified,
    ListTrainings,
    MandateRequest,
    PauseMandate,
    PublishGrant,
    RecordAttendance,
    RenewGrant,
    ResumeMandate,
    RevokeGrant,
    WithdrawQualification,
)
from contracts.language import Caller
from delegation.domain import (
    HelperCannotAct,
    NoteRenewal,
    NotTheGrantor,
    PrincipalInvalid,
    PublisherMustDiffer,
    SubDelegationForbidden,
)
from delegation.policies import REACTIONS
from delegation.service import Delegation
from eventing.errors import NotFound
from eventing.keyring import KeyRing
from eventing.mapper import decode
from eventing.scoping import OutOfScope
from testkit.facts import NOON, refused
from testkit.replica import DATABASES, Replica, replica

from .mothers import DIGEST, asked, entrusting, giving, qualifying, renewal, session, terms

DIRECTOR, SECRETARY = (
    Caller(by="director", org="market", roles=("approver", "publisher")),
    Caller(by="secretary", org="market", roles=("approver", "publisher")),
)
MANAGER, HELPER = (
    Caller(by="manager", org="zwzx", roles=("clerk", "approver", "publisher", "trainer")),
    Caller(by="helper-1", org="zwzx", roles=("helper",)),
)

RESTAURANTS = "restaurants"


def the_catalogue() -> Catalogue:
    """The county's, where restaurants take somebody who is qualified."""
    county = catalogue.load("990102")
    theme = msgspec.structs.replace(county.themes["CY"], qualification=RESTAURANTS)
    return msgspec.structs.replace(county, themes={**county.themes, "CY": theme})


COUNTY = the_catalogue()
KEYRING = KeyRing(lambda query: [], b"i" * 32, purpose="delegation")


class Shelf:
    """Knows one catalogue."""

    def current(self) -> Catalogue:
        return COUNTY


@pytest.fixture(params=DATABASES)
def delegation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(Delegation, request, tmp_path, catalogues=Shelf(), keyring=KEYRING) as running:
        yield running


def grant(delegation: Replica, **changes: Any) -> None:
    """A grant is signed and published."""
    signed = terms(**changes)
    delegation.command(signed, caller=Caller(by="director", org=signed.grantor, roles=("approver", "publisher")))
    delegation.command(
        PublishGrant(grant=signed.grant, publication=f"P-{signed.grant}"),
        caller=Caller(by="secretary", org=signed.grantor, roles=("approver", "publisher")),
    )


def authorise(delegation: Replica, *requests: AuthorityRequest) -> list[Any]:
    answers: list[Any] = delegation.ask(Authorise(requests=requests or (asked(),)))
    return answers


def topics(delegation: Replica) -> list[str]:
    return [fact.topic.removeprefix("onething.").removesuffix(".v1") for fact in delegation.log()]


def deadlines(delegation: Replica) -> None:
    """Everything that is due happens."""
    delegation.engine.fire(delegation.store.due(delegation.clock.now(), range(16), 100))


def react(delegation: Replica) -> None:
    """The service follows its own log."""
    for stored in delegation.log():
        delegation.follow("delegation", (stored.stream, stored.version, decode(stored.topic, stored.state)))


class TestAuthority:
    def test_it_follows_every_step_of_a_grant(self, delegation: Replica) -> None:
        answers = []
        for step in (
            terms(),
            PublishGrant(grant="g-1", publication="P-1"),
            RevokeGrant(grant="g-1", reason="faults"),
        ):
            answers.append(authorise(delegation)[0])
            delegation.command(step, caller=SECRETARY if isinstance(step, PublishGrant) else DIRECTOR)
        answers.append(authorise(delegation)[0])

        at = NOON.isoformat().replace("+00:00", "Z")
        assert answers == [
            ["", 0, "", at, "no-grant"],
            ["", 0, "", at, "not-published"],
            ["g-1", 2, "market", at, ""],
            ["", 0, "", at, "revoked"],
        ]

    def test_there_is_one_answer_for_each_request_in_order(self, delegation: Replica) -> None:
        grant(delegation)

        answers = authorise(delegation, asked(item="baths"), asked(), asked(power="decide"), asked())

        assert [(answer[0], answer[4]) for answer in answers] == [
            ("", "no-grant"),
            ("g-1", ""),
            ("", "power-not-granted"),
            ("g-1", ""),
        ]

    def test_a_batch_takes_one_small_statement_while_nothing_changes(self, delegation: Replica) -> None:
        grant(delegation)
        authorise(delegation)
        statements: list[Any] = []
        select = delegation.service.store.select

        def counted(statement: Any) -> Any:
            statements.append(statement)
            return select(statement)

        delegation.service.store.select = counted

        authorise(delegation, *[asked(item=str(n)) for n in range(500)])

        assert len(statements) == 1
        assert "sum" in str(statements[0])

    def test_the_day_is_the_day_in_china(self, delegation: Replica) -> None:
        grant(delegation, valid_from=date(2026, 8, 1))

        delegation.clock.set(datetime(2026, 7, 31, 15, 59, tzinfo=UTC))
        before = authorise(delegation)[0][4]
        delegation.clock.set(datetime(2026, 7, 31, 16, 0, tzinfo=UTC))
        after = authorise(delegation)[0][4]

        assert (before, after) == ("not-yet-valid", "")

    def test_a_qualification_counts_from_when_it_is_granted_until_it_is_withdrawn(self, delegation: Replica) -> None:
        grant(delegation)
        question = asked(staff="clerk-7", qualification=RESTAURANTS)
        answers = [authorise(delegation, question)[0][4]]

        for step in (
            session(),
            RecordAttendance(staff="clerk-7", training="t-1"),
            qualifying(),
            WithdrawQualification(staff="clerk-7", qualification=RESTAURANTS, reason="moved away"),
        ):
            delegation.command(step, caller=MANAGER)
            answers.append(authorise(delegation, question)[0][4])

        assert answers == ["not-qualified", "not-qualified", "not-qualified", "", "not-qualified"]


class TestGrants:
    def test_what_was_lent_is_not_given_further(self, delegation: Replica) -> None:
        grant(delegation, grant="g-0", grantor="health", grantee="market")

        with refused(SubDelegationForbidden, grant="g-0"):
            delegation.command(terms(), caller=DIRECTOR)

    def test_a_lending_that_ended_hinders_nobody(self, delegation: Replica) -> None:
        delegation.clock.set(datetime(2026, 7, 1, 4, tzinfo=UTC))
        grant(delegation, grant="g-0", grantor="health", grantee="market", valid_until=date(2026, 7, 22))
        grant(delegation, grant="g-2", grantor="health", grantee="market")
        delegation.clock.set(NOON)
        delegation.command(
            RevokeGrant(grant="g-2", reason="faults"),
            caller=Caller(by="director", org="health", roles=("approver", "publisher")),
        )

        delegation.command(terms(), caller=DIRECTOR)

        assert delegation.ask(GetGrant(grant="g-1"))["status"] == "made"

    def test_the_signer_cannot_publish_and_a_stranger_can_do_nothing(self, delegation: Replica) -> None:
        delegation.command(terms(), caller=DIRECTOR)

        with refused(PublisherMustDiffer):
            delegation.command(PublishGrant(grant="g-1", publication="P-1"), caller=DIRECTOR)
        with refused(OutOfScope):
            delegation.command(PublishGrant(grant="g-1", publication="P-1"), caller=MANAGER)
        with refused(OutOfScope):
            delegation.command(RevokeGrant(grant="g-1", reason="?"), caller=MANAGER)
        with refused(NotTheGrantor):
            delegation.command(terms(grant="g-2"), caller=MANAGER)

    def test_a_grant_is_shown_with_its_history(self, delegation: Replica) -> None:
        grant(delegation)

        shown = delegation.ask(GetGrant(grant="g-1"))

        assert shown["terms"]["items"] == ["food"]
        assert shown["position"] == 2
        assert [(step["status"], step["by"], step["reference"]) for step in shown["history"]] == [
            ("made", "director", "W-2026-1"),
            ("published", "secretary", "P-g-1"),
        ]
        with refused(NotFound):
            delegation.ask(GetGrant(grant="g-9"))

    def test_grants_are_listed_by_what_they_say(self, delegation: Replica) -> None:
        grant(delegation, grant="a", items=("food",))
        grant(delegation, grant="b", items=("*",), valid_until=None)
        grant(delegation, grant="c", grantee="street-hall", items=("baths",), powers=("receive",))
        grant(delegation, grant="d", grantor="health", valid_until=date(2026, 8, 31))
        delegation.command(entrusting(grant="e"), caller=DIRECTOR)

        def listed(**question: Any) -> list[str]:
            return [row["grant"] for row in delegation.ask(ListGrants(**question))["grants"]]

        assert listed() == ["a", "b", "c", "d", "e"]
        assert listed(grantee="county-hall") == ["a", "b", "d"]
        assert listed(grantor="health") == ["d"]
        assert listed(item="baths") == ["b", "c"]
        assert listed(power="accept", grantor="market") == ["a", "b", "e"]
        assert listed(status="made") == ["e"]
        assert listed(ending_before=date(2026, 12, 31)) == ["d"]
        assert listed(ending_before=date(2027, 1, 1), grantor="market") == ["a", "c", "e"]
        assert listed(limit=1) == ["a"]


class TestTime:
    def test_a_grant_is_reminded_of_and_ends_and_nobody_waits_for_that(self, delegation: Replica) -> None:
        grant(delegation)
        delegation.clock.set(datetime(2026, 12, 15, 16, tzinfo=UTC))
        deadlines(delegation)
        delegation.clock.set(datetime(2026, 12, 31, 16, tzinfo=UTC))

        before = authorise(delegation)[0][4]
        deadlines(delegation)
        after = authorise(delegation)[0][4]

        assert topics(delegation) == ["grant.made", "grant.published", "grant.renewal-due", "grant.expired"]
        assert before == after == "expired"

    def test_a_renewal_goes_on_without_a_gap(self, delegation: Replica) -> None:
        grant(delegation)
        delegation.command(renewal(), caller=DIRECTOR)
        delegation.command(PublishGrant(grant="g-2", publication="P-2"), caller=SECRETARY)
        react(delegation)

        delegation.clock.set(datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
        last = authorise(delegation)[0]
        delegation.clock.set(datetime(2026, 12, 31, 16, tzinfo=UTC))
        first = authorise(delegation)[0]
        deadlines(delegation)

        assert (last[0], first[0]) == ("g-1", "g-2")
        assert delegation.ask(GetGrant(grant="g-1"))["successor"] == "g-2"
        assert "grant.renewal-due" not in topics(delegation)

    def test_a_renewal_that_is_revoked_is_none(self, delegation: Replica) -> None:
        grant(delegation)
        delegation.command(renewal(), caller=DIRECTOR)
        delegation.command(RevokeGrant(grant="g-2", reason="mistake"), caller=DIRECTOR)

        react(delegation)

        assert delegation.ask(GetGrant(grant="g-1"))["successor"] == ""

    def test_what_is_not_there_is_not_renewed(self, delegation: Replica) -> None:
        with refused(NotFound, id="g-9"):
            delegation.command(renewal(renews="g-9"), caller=DIRECTOR)

    def test_the_region_says_how_early(self, delegation: Replica) -> None:
        grant(delegation)
        delegation.command(
            RenewGrant(grant="g-2", renews="g-1", valid_until=date(2027, 12, 31), document="W-2"), caller=DIRECTOR
        )

        days = timedelta(days=COUNTY.rules.grant_renewal.days)
        assert delegation.ask(GetGrant(grant="g-2"))["renew_by"] == (date(2027, 12, 31) - days).isoformat()

    def test_mandates_and_qualifications_end_by_themselves(self, delegation: Replica) -> None:
        for step in (giving(), session(), RecordAttendance(staff="clerk-7", training="t-1"), qualifying()):
            delegation.command(step, caller=MANAGER)

        delegation.clock.set(datetime(2027, 7, 23, 4, tzinfo=UTC))
        deadlines(delegation)

        assert {"mandate.expired", "qualification.expired"} <= set(topics(delegation))


@pytest.mark.parametrize("undone", [False, True])
def test_only_renewals_are_noted_at_the_grant_before(undone: bool) -> None:
    body: dict[str, Any] = {"at": NOON, "by": "director", "grant": "g-2", "renews": "g-1"}
    made = {field: getattr(terms(), field) for field in terms().__struct_fields__ if field != "grant"}
    fact = GrantRevoked(reason="?", **body) if undone else GrantMade(**made, **body)

    wanted = REACTIONS.commands("delegation", fact.TOPIC, fact)
    alone = REACTIONS.commands("delegation", fact.TOPIC, msgspec.structs.replace(fact, renews=""))

    assert wanted == [NoteRenewal(grant="g-1", successor="g-2", undone=undone)]
    assert alone == []


class TestWhatAWindowCanAccept:
    def test_it_is_told_item_by_item_with_the_reasons(self, delegation: Replica) -> None:
        grant(delegation, grantor="scjg", items=("*",))

        answer = delegation.ask(CanAccept(hall="county-hall", theme="CY", staff="clerk-7"))

        assert (answer["theme"], answer["accepts"]) == ("CY", "none")
        assert {each["refusal"] for each in answer["items"]} == {"not-qualified", "no-grant"}
        assert {each["handler"] for each in answer["items"] if each["refusal"] == "not-qualified"} == {"scjg"}

    def test_with_a_qualification_what_is_granted_can_be_accepted(self, delegation: Replica) -> None:
        grant(delegation, grantor="scjg", items=("*",))
        for step in (session(), RecordAttendance(staff="clerk-7", training="t-1"), qualifying()):
            delegation.command(step, caller=MANAGER)

        answer = delegation.ask(CanAccept(hall="county-hall", theme="CY", staff="clerk-7"))

        assert answer["accepts"] == "some"
        assert {each["handler"]: each["grant"] for each in answer["items"] if not each["refusal"]} == {"scjg": "g-1"}

    def test_where_several_serve_each_has_its_own_answer(self, delegation: Replica) -> None:
        grant(delegation, grantor="sw-east", items=("*",))

        answer = delegation.ask(CanAccept(hall="county-hall", theme="SDQ"))
        water = {each["handler"]: each["refusal"] for each in answer["items"] if each["handler"].startswith("sw-")}

        assert water == {"sw-east": "", "sw-west": "no-grant"}

    def test_an_unknown_theme_is_not_found(self, delegation: Replica) -> None:
        with refused(NotFound, what="theme"):
            delegation.ask(CanAccept(hall="county-hall", theme="XX"))


class TestWhatHangsOnAGrant:
    def test_every_power_over_every_item_is_told(self, delegation: Replica) -> None:
        grant(delegation, items=("food", "baths"))
        grant(delegation, grant="g-2", items=("food",), powers=("accept",))

        affected = delegation.ask(AffectedBy(grant="g-1"))

        assert [(each["item"], each["power"], each["otherwise"], each.get("refusal", "")) for each in affected] == [
            ("food", "receive", "", "power-not-granted"),
            ("food", "accept", "g-2", ""),
            ("baths", "receive", "", "no-grant"),
            ("baths", "accept", "", "no-grant"),
        ]

    def test_every_item_of_a_grantor_is_that_of_the_catalogue(self, delegation: Replica) -> None:
        grant(delegation, grantor="scjg", items=("*",), powers=("receive",))

        items = {each["item"] for each in delegation.ask(AffectedBy(grant="g-1"))}
        serves = COUNTY.organisations["scjg"].serves

        assert "CY03" in items
        assert items == {
            item.id
            for theme in COUNTY.themes.values()
            for item in theme.items
            if item.adopted and (item.department == "scjg" if item.service is None else item.service in serves)
        }

    def test_of_a_group_of_windows_the_one_worst_off_is_told(self, delegation: Replica) -> None:
        grant(delegation, windows=("w-1", "w-2"), powers=("accept",))
        grant(delegation, grant="g-2", windows=("w-1",), powers=("accept",))

        [affected] = delegation.ask(AffectedBy(grant="g-1"))

        assert affected["refusal"] == "no-grant"

    def test_a_power_by_law_is_that_of_all_who_handle_the_item(self, delegation: Replica) -> None:
        grant(
            delegation,
            grantor="county",
            legal_form="statutory",
            items=("CY03",),
            powers=("accept",),
        )

        [affected] = delegation.ask(AffectedBy(grant="g-1"))

        assert (affected["item"], affected["handler"]) == ("CY03", "county")

    def test_what_gives_no_power_affects_nothing(self, delegation: Replica) -> None:
        delegation.command(terms(), caller=DIRECTOR)

        assert delegation.ask(AffectedBy(grant="g-1")) == []
        with refused(NotFound):
            delegation.ask(AffectedBy(grant="g-9"))


def check(delegation: Replica, **changes: Any) -> str:
    """What delegation says to the helper who submits for the applicant."""
    request = {
        "mandate": "m-1",
        "agent": "helper-1",
        "principal": KEYRING.blind("990102199001010015"),
        "theme": "CY",
        "act": "submit",
        **changes,
    }
    [[mandate, _, *refusal]] = delegation.ask(CheckMandates(requests=(MandateRequest(**request),)))
    assert mandate == request["mandate"]
    return str(refusal[0])


class TestMandates:
    def test_a_mandate_is_followed_through_every_step(self, delegation: Replica) -> None:
        answers = [check(delegation)]
        for step in (
            giving(),
            PauseMandate(mandate="m-1", reason="away"),
            ResumeMandate(mandate="m-1", document="XB-1", digest=DIGEST),
            EndMandate(mandate="m-1", because="completed"),
        ):
            delegation.command(step, caller=MANAGER)
            answers.append(check(delegation))

        assert answers == ["no-mandate", "", "paused", "", "ended"]

    def test_the_check_knows_each_reason(self, delegation: Replica) -> None:
        delegation.command(giving(), caller=MANAGER)

        assert check(delegation, agent="helper-2") == "not-the-agent"
        assert check(delegation, principal=KEYRING.blind("990102199202150022")) == "not-the-principal"
        assert check(delegation, theme="XSE") == "out-of-scope"
        assert check(delegation, act="collect") == "out-of-scope"

    def test_a_batch_takes_one_statement(self, delegation: Replica) -> None:
        delegation.command(giving(), caller=MANAGER)
        statements: list[Any] = []
        select = delegation.service.store.select

        def counted(statement: Any) -> Any:
            statements.append(statement)
            return select(statement)

        delegation.service.store.select = counted

        requests = tuple(
            MandateRequest(f"m-{n}", "helper-1", KEYRING.blind("990102199001010015"), "CY", "submit") for n in range(3)
        )
        answers = delegation.ask(CheckMandates(requests=requests))

        assert [each[2] for each in answers] == ["no-mandate", "", "no-mandate"]
        assert len(statements) == 1

    def test_the_principals_number_is_kept_nowhere(self, delegation: Replica) -> None:
        delegation.command(giving(principal="990102 199001 010015"), caller=MANAGER)

        kept = b"".join(stored.state for stored in delegation.log())
        kept += msgspec.json.encode(delegation.ask(GetMandate(mandate="m-1")))
        kept += msgspec.json.encode(delegation.ask(ListMandates()))
        assert b"0101001" not in kept
        assert check(delegation) == ""

    def test_a_number_that_cannot_be_is_refused(self, delegation: Replica) -> None:
        with refused(PrincipalInvalid, reason="check"):
            delegation.command(giving(principal="990102199001010016"), caller=MANAGER)
        with refused(PrincipalInvalid):
            delegation.command(giving(principal_kind="legal"), caller=MANAGER)

    def test_a_helper_does_not_submit(self, delegation: Replica) -> None:
        with refused(HelperCannotAct, acts=["submit"]):
            delegation.command(giving(kind="assist"), caller=MANAGER)

    def test_mandates_are_listed_by_agent_and_organisation(self, delegation: Replica) -> None:
        delegation.command(giving(), caller=MANAGER)
        delegation.command(giving(mandate="m-2", agent="helper-2"), caller=MANAGER)
        delegation.command(giving(mandate="m-3", kind="private", agent="cousin", organisation=""), caller=MANAGER)
        delegation.command(EndMandate(mandate="m-2", because="completed"), caller=MANAGER)

        def listed(**question: Any) -> list[str]:
            return [row["mandate"] for row in delegation.ask(ListMandates(**question))["mandates"]]

        assert listed() == ["m-1", "m-2", "m-3"]
        assert listed(agent="cousin") == ["m-3"]
        assert listed(organisation="zwzx") == ["m-1", "m-2"]
        assert listed(organisation="zwzx", status="given") == ["m-1"]
        assert listed(limit=2) == ["m-1", "m-2"]


def test_what_staff_were_trained_in_is_shown(delegation: Replica) -> None:
    for step in (session(), RecordAttendance(staff="clerk-7", training="t-1"), qualifying()):
        delegation.command(step, caller=MANAGER)

    shown = delegation.ask(GetQualifications(staff="clerk-7"))

    assert shown["attended"]["t-1"]["held_on"] == "2026-07-20"
    assert shown["standing"][RESTAURANTS]["exam"] == "E-1"
    listed = delegation.ask(ListQualified(qualification=RESTAURANTS))["qualified"]
    assert [(each["staff"], each["ended"]) for each in listed] == [("clerk-7", "")]
    with refused(NotFound):
        delegation.command(RecordAttendance(staff="clerk-7", training="t-9"), caller=MANAGER)


def test_trainings_are_listed_with_who_took_part(delegation: Replica) -> None:
    later = session(training="t-2", held_on=date(2026, 7, 21), subject="fire")
    for step in (session(), later, session(training="t-3", qualification="newborns", held_on=date(2026, 7, 21))):
        delegation.command(step, caller=MANAGER)
    for staff in ("clerk-8", "clerk-7"):
        delegation.command(RecordAttendance(staff=staff, training="t-2"), caller=MANAGER)

    found = delegation.ask(ListTrainings(limit=2))
    assert [(each["training"], each["attended"]) for each in found["trainings"]] == [("t-3", 0), ("t-2", 2)]
    rest = delegation.ask(ListTrainings(limit=2, after=found["after"]))
    assert [each["training"] for each in rest["trainings"]] == ["t-1"]
    narrowed = delegation.ask(ListTrainings(qualification="restaurants", since=date(2026, 7, 21)))
    assert [each["subject"] for each in narrowed["trainings"]] == ["fire"]

    assert delegation.ask(GetTraining(training="t-2"))["staff"] == ["clerk-7", "clerk-8"]
    with pytest.raises(NotFound):
        delegation.ask(GetTraining(training="t-9"))
