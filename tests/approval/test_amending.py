"""更正, 作废, 删除, 撤销, 注销: one person proposes, another approves (行政许可法 第69、70条)."""

from datetime import date

import msgspec
import pytest

from approval.domain.refusals import (
    NoDecision,
    NotCorrectable,
    NothingProposed,
    NotYours,
    ProposalPending,
    ReviewLocked,
    TwoPeopleNeeded,
)
from catalogue.model import Trigger
from contracts.approval import (
    CorrectionProposed,
    DecisionCorrected,
    DecisionRevoked,
    DecisionVoided,
    ProposalDropped,
    ReviewsRelocked,
    RevocationProposed,
    VoidingProposed,
)
from testkit.facts import fact, facts, given, names, refused

from .mothers import NUMBER, PAIR, SHOP, Office, a_theme, an_item, needs
from .people import noon, of

LATER = date(2026, 9, 1)


def decided(*granted: str, deny: tuple[str, ...] = (), theme=SHOP) -> Office:
    office = Office(theme).accepts().supplies()
    for item in granted:
        office.grants(item)
    for item in deny:
        office.denies(item)
    given(office.bundle)
    return office


def corrects(office, item="LICENCE", correction="No. 7, not 1", by="wang"):
    office.bundle.propose_correction(item, correction, office.law(), act=of(item, by))
    return office


def voids(office, item="LICENCE", ground="wrong case", result="voided", by="wang"):
    office.bundle.propose_voiding(item, ground, result, office.law(), act=of(item, by))
    return office


def revokes(office, item="LICENCE", ground="fraud", reasons="forged lease", by="wang"):
    office.bundle.propose_revocation(item, ground, reasons, office.law(), act=of(item, by))
    return office


def approves(office, item="LICENCE", by="li", on=LATER):
    law = office.law(noon(on))
    office.bundle.approve_proposal(item, law, remedy="appeal", act=of(item, by, noon(on)))
    return office


def drops(office, item="LICENCE", by="li"):
    office.bundle.drop_proposal(item, "mistaken", office.law(), act=of(item, by))
    return office


TOLD = {"item": "LICENCE", "handler": "dept-LICENCE", "decision": f"{NUMBER}-LICENCE"}


class TestProposing:
    @pytest.mark.parametrize(
        ("proposes", "expected"),
        [
            (corrects, fact(CorrectionProposed, **TOLD, correction="No. 7, not 1")),
            (voids, fact(VoidingProposed, **TOLD, ground="wrong case", result="voided")),
            (revokes, fact(RevocationProposed, **TOLD, ground="fraud", reasons="forged lease")),
        ],
    )
    def test_is_recorded_once(self, proposes, expected):
        office = proposes(proposes(decided("LICENCE")))

        assert facts(office.bundle) == [expected]

    @pytest.mark.parametrize("proposes", [corrects, voids, revokes])
    def test_is_for_the_handler(self, proposes):
        office = decided("LICENCE")
        office.bundle.reviews["LICENCE"] = msgspec.structs.replace(office.bundle.reviews["LICENCE"], handler="other")

        with refused(NotYours):
            proposes(office)

    @pytest.mark.parametrize("proposes", [corrects, voids, revokes])
    def test_needs_a_decision(self, proposes):
        with refused(NoDecision, status="open"):
            proposes(decided())

    def test_to_revoke_needs_a_grant(self):
        with refused(NoDecision, status="denied"):
            revokes(decided(deny=("LICENCE",)))

    def test_waits_for_what_another_person_proposed(self):
        with refused(ProposalPending, proposal="correction", by="wang"):
            voids(corrects(decided("LICENCE")), by="li")

    def test_to_correct_is_refused_where_the_catalogue_says_so(self):
        theme = a_theme(msgspec.structs.replace(an_item("LICENCE"), correctable=False))

        with refused(NotCorrectable):
            corrects(decided("LICENCE", theme=theme))


class TestApproving:
    @pytest.mark.parametrize("proposes", [corrects, voids, revokes])
    def test_takes_another_person(self, proposes):
        with refused(TwoPeopleNeeded, by="wang"):
            approves(proposes(decided("LICENCE")), by="wang")
        with refused(TwoPeopleNeeded, by="wang"):  # a service is nobody
            approves(proposes(decided("LICENCE")), by="service:desk")
        with refused(TwoPeopleNeeded, by="service:desk"):
            approves(proposes(decided("LICENCE"), by="service:desk"), by="li")

    def test_takes_a_proposal(self):
        with refused(NothingProposed):
            approves(decided("LICENCE"))

    def test_again_is_no_news(self):
        office = approves(corrects(decided("LICENCE")))
        given(office.bundle)

        assert facts(approves(office).bundle) == []

    def test_is_for_the_handler(self):
        office = corrects(decided("LICENCE"))

        with refused(NotYours):
            office.bundle.approve_proposal("LICENCE", office.law(), remedy="", act=of("CHECK"))


class TestDropping:
    def test_leaves_the_decision_as_it_is(self):
        office = corrects(decided("LICENCE"))
        given(office.bundle)

        drops(office)

        dropped = {"item": "LICENCE", "handler": "dept-LICENCE", "proposal": "correction", "reason": "mistaken"}
        assert facts(office.bundle) == [fact(ProposalDropped, **dropped)]
        with refused(NothingProposed):
            approves(office)

    def test_without_a_proposal_is_no_news(self):
        assert facts(drops(decided("LICENCE")).bundle) == []


class TestACorrection:
    def test_names_both_people_and_leaves_the_decision(self):
        office = corrects(decided("LICENCE"))
        given(office.bundle)

        approves(office)

        assert facts(office.bundle) == [
            fact(DecisionCorrected, **TOLD, correction="No. 7, not 1", approved_by="li", proposed_by="wang")
        ]
        assert office.status()["LICENCE"] == "granted"

    def test_may_follow_another_and_concern_a_denial(self):
        office = decided(deny=("LICENCE",))

        approves(corrects(approves(corrects(office)), correction="No. 8"))

        assert [each.words for each in office.bundle.amendments["LICENCE"]] == ["No. 7, not 1", "No. 8"]


class TestVoiding:
    def test_opens_the_review_again(self):
        office = voids(decided("ONE", theme=PAIR), "ONE")
        given(office.bundle)

        approves(office, "ONE")

        assert facts(office.bundle)[0] == fact(
            DecisionVoided,
            item="ONE",
            handler="dept-ONE",
            decision=f"{NUMBER}-ONE",
            ground="wrong case",
            result="voided",
            approved_by="li",
            proposed_by="wang",
        )
        review = office.bundle.reviews["ONE"]
        assert (review.status.value, review.decision, review.decided_at) == ("open", "", None)

    def test_reopens_a_concluded_bundle_until_it_is_decided_anew(self):
        office = decided("ONE", "TWO", theme=PAIR)
        assert office.bundle.verdict == "granted"

        approves(voids(office, "ONE", result="deleted"), "ONE")
        assert office.bundle.verdict is None
        office.denies("ONE")

        assert office.bundle.verdict == "partly"
        assert names(office.bundle).count("BundleConcluded") == 1

    def test_gives_the_next_decision_a_number_of_its_own(self):
        office = decided("ONE", theme=PAIR)
        for expected in ("ONE-2", "ONE-3"):
            approves(voids(office, "ONE"), "ONE")
            office.grants("ONE")

            assert office.bundle.reviews["ONE"].decision == f"{NUMBER}-{expected}"

    def test_keeps_the_clocks_and_their_lateness(self):
        office = decided("ONE", theme=PAIR)
        before = office.bundle.reviews["ONE"].clocks

        approves(voids(office, "ONE"), "ONE")

        assert office.bundle.reviews["ONE"].clocks == before
        assert office.bundle.timers()["warning"] < noon(LATER)

    def test_puts_the_review_back_on_the_common_list(self):
        office = Office(PAIR).accepts().supplies()
        office.bundle.claim("ONE", office.law(), act=of("ONE", "reviewer-1"))
        office.grants("ONE")

        approves(voids(office, "ONE"), "ONE")

        assert office.bundle.holder("ONE") == ""

    def test_makes_what_was_begun_on_it_wait_again(self):
        office = voids(decided("LICENCE"))
        given(office.bundle)

        approves(office)

        assert facts(office.bundle)[1] == fact(ReviewsRelocked, items=("CHECK",), because=("LICENCE",))
        assert office.status() == {"LICENCE": "open", "CHECK": "locked", "FOOD": "locked", "SIGN": "locked"}
        with refused(ReviewLocked):
            office.grants("CHECK")
        assert office.grants("LICENCE").grants("CHECK").status()["FOOD"] == "open"

    def test_names_what_was_granted_on_it_and_leaves_that(self):
        office = voids(decided("LICENCE", "CHECK", "FOOD"), "CHECK")
        given(office.bundle)

        approves(office, "CHECK")

        assert facts(office.bundle)[0][1]["dependants"] == ("FOOD",)
        assert office.status()["FOOD"] == "granted"
        assert office.status()["SIGN"] == "locked"

    def test_of_a_denial_gives_back_hope_to_all_that_failed_by_it(self):
        office = decided(deny=("LICENCE",))
        assert office.bundle.verdict == "denied"
        voids(office)
        given(office.bundle)

        approves(office)
        assert set(office.status().values()) == {"open", "locked"}

        for item in ("LICENCE", "CHECK", "FOOD", "SIGN"):
            office.grants(item)
        assert office.bundle.verdict == "granted"

    def test_of_a_denial_knows_what_routing_delivered_meanwhile(self):
        office = Office(SHOP).accepts()
        office.supplies("LICENCE")
        office.denies("LICENCE")
        office.supplies("CHECK")

        approves(voids(office))

        assert office.grants("LICENCE").grants("CHECK").status()["CHECK"] == "granted"

    def test_of_a_denial_knows_what_was_accepted_meanwhile(self):
        office = Office(SHOP).accepts("LICENCE").supplies().denies("LICENCE")
        office.accepts("CHECK")
        assert office.status()["CHECK"] == "blocked"

        approves(voids(office))

        assert office.status() == {"LICENCE": "open", "CHECK": "locked", "FOOD": "awaited", "SIGN": "awaited"}

    def test_opens_nothing_whose_own_ground_has_fallen_meanwhile(self):
        office = decided("LICENCE", deny=("CHECK",))
        approves(voids(voids(office, "CHECK"), "LICENCE"), "LICENCE")

        approves(office, "CHECK")

        assert office.status() == {"LICENCE": "open", "CHECK": "locked", "FOOD": "locked", "SIGN": "locked"}

    def test_leaves_alone_what_needed_only_the_acceptance(self):
        theme = a_theme(an_item("A"), an_item("B", needs("A", trigger=Trigger.ACCEPTED)))
        office = decided("A", theme=theme)

        approves(voids(office, "A"), "A")

        assert office.status() == {"A": "open", "B": "open"}


class TestARevocation:
    def test_takes_the_grant_back_with_reasons_and_remedy(self):
        office = revokes(decided("LICENCE", "CHECK", "FOOD", "SIGN"), "CHECK")
        given(office.bundle)

        approves(office, "CHECK")

        assert facts(office.bundle) == [
            fact(
                DecisionRevoked,
                item="CHECK",
                handler="dept-CHECK",
                decision=f"{NUMBER}-CHECK",
                ground="fraud",
                reasons="forged lease",
                remedy="appeal",
                approved_by="li",
                proposed_by="wang",
                dependants=("FOOD", "SIGN"),
            )
        ]
        assert office.status()["CHECK"] == "revoked"
        assert office.status()["FOOD"] == "granted"

    def test_leaves_the_verdict_of_a_concluded_case(self):
        office = decided("ONE", "TWO", theme=PAIR)

        approves(revokes(office, "ONE"), "ONE")

        assert office.bundle.verdict == "granted"

    def test_ends_what_cannot_be_without_it(self):
        office = decided("LICENCE", "CHECK")

        approves(revokes(office, "CHECK"), "CHECK")

        assert office.status() == {"LICENCE": "granted", "CHECK": "revoked", "FOOD": "blocked", "SIGN": "blocked"}
        assert office.bundle.verdict == "partly"
        concluded = facts(office.bundle)[-1]
        assert (concluded[0], concluded[1]["revoked"]) == ("BundleConcluded", ("CHECK",))

    def test_of_the_only_grant_leaves_none(self):
        office = approves(revokes(decided("ONE", theme=PAIR), "ONE"), "ONE")

        office.denies("TWO")

        assert office.bundle.verdict == "denied"

    def test_names_no_item_that_has_another_way(self):
        theme = a_theme(an_item("A"), an_item("B"), an_item("C", needs("A", "B")))
        office = revokes(decided("A", "B", "C", theme=theme), "A")

        assert "dependants" not in facts(approves(office, "A").bundle)[-1][1]

    def test_is_the_end(self):
        office = approves(revokes(decided("ONE", theme=PAIR), "ONE"), "ONE")

        for proposes in (corrects, voids, revokes):
            with refused(NoDecision, status="revoked"):
                proposes(office, "ONE")

    def test_comes_long_after_the_case_was_concluded(self):
        office = decided("ONE", "TWO", theme=PAIR)

        approves(revokes(office, "ONE", ground="holder_request"), "ONE", on=date(2028, 3, 1))

        assert office.status()["ONE"] == "revoked"


def test_a_proposal_about_a_decision_that_fell_is_none():
    office = revokes(decided("ONE", theme=PAIR), "ONE")
    office.bundle.proposals["ONE"] = msgspec.structs.replace(office.bundle.proposals["ONE"], decision="another")

    with refused(NothingProposed):
        approves(office, "ONE")
