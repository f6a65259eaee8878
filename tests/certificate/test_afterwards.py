"""After the decision: editions, void and revoked results, and the comprehensive licence that follows its parts."""

from datetime import date

import pytest

from certificate.domain import (
    CODES,
    FALLS_TO,
    STATUS_CODES,
    AlreadyConcluded,
    Place,
    ReopenOutput,
    Status,
    sealed_data,
)
from certificate.policies import REACTIONS
from contracts.approval import (
    BundleConcluded,
    BundleExtended,
    DecisionCorrected,
    DecisionRevoked,
    DecisionVoided,
    ReviewConfirmed,
    ReviewDenied,
    ReviewGranted,
    ReviewsRelocked,
)
from contracts.certificate import CertificateRevoked, OutputCompleted, OutputReopened
from kernel.digests import digest
from kernel.identifiers import check_certificate_id
from testkit.facts import NOON, fact, facts, given, names, refused

from .mothers import TRADE, Exit, a_catalogue


def an_exit(mode="itemised", *issued, catalogue=None) -> Exit:
    """Taken up, these items issued; what comes now counts."""
    leaving = (Exit(mode, catalogue) if catalogue else Exit(mode)).plans().issues(*issued)
    given(leaving.output)
    return leaving


def standings(leaving: Exit) -> dict[str, str]:
    return {name: result.standing for name, result in leaving.output.certificates.items()}


def bodies(leaving: Exit, kind: str) -> list[dict]:
    return [body for name, body in facts(leaving.output) if name == kind]


class TestCorrected:
    """更正: the document is issued again as its next edition; the e-certificate's version counts on."""

    def test_a_certificate_keeps_its_number_and_gets_the_next_version(self):
        leaving = an_exit("itemised", "FOOD").corrects("FOOD")

        (issued,) = bodies(leaving, "CertificateIssued")
        before = leaving.output.certificates["FOOD.food_permit"].issued
        assert (issued["certificate"], issued["edition"], issued["replaces"]) == (
            "FOOD.food_permit.2",
            2,
            "FOOD.food_permit",
        )
        assert issued["number"] == before.number
        assert (issued["decision"], issued["correction"]) == ("更1号", "字号更正")
        assert check_certificate_id(issued["identifier"]).split(".")[:-2] == before.identifier.split(".")[:-2]
        assert issued["identifier"].split(".")[-2] == "002"

    def test_its_digest_is_over_the_new_edition(self):
        leaving = an_exit("itemised", "FOOD").corrects("FOOD")

        issued = leaving.output.certificates["FOOD.food_permit.2"].issued
        assert issued.digest == digest(sealed_data("case-1", issued))

    def test_the_earlier_edition_is_replaced(self):
        leaving = an_exit("itemised", "FOOD").corrects("FOOD")

        assert bodies(leaving, "CertificateRevoked") == [
            fact(
                CertificateRevoked,
                certificate="FOOD.food_permit",
                item="FOOD",
                status="replaced",
                ground="corrected",
                replaced_by="FOOD.food_permit.2",
            )[1]
        ]

    def test_an_edition_that_did_not_leave_leaves_no_more(self):
        leaving = an_exit("itemised", "FOOD").corrects("FOOD")

        assert {name: p.certificates for name, p in leaving.output.packages.items()} == {
            "FOOD": (),
            "FOOD.2": ("FOOD.food_permit.2",),
        }
        assert [body["package"] for body in bodies(leaving.hands_over(), "PackageHandedOver")] == ["FOOD.2"]

    def test_again_leads_to_the_third_edition(self):
        leaving = an_exit("itemised", "FOOD").corrects("FOOD").corrects("FOOD", "更2号")

        assert standings(leaving) == {
            "FOOD.food_permit": "replaced",
            "FOOD.food_permit.2": "replaced",
            "FOOD.food_permit.3": "valid",
        }
        assert leaving.output.certificates["FOOD.food_permit.3"].issued.identifier.split(".")[-2] == "003"

    def test_an_object_is_not_made_again(self):
        leaving = an_exit("itemised", "OPEN").corrects("OPEN")

        assert [body["certificate"] for body in bodies(leaving, "CertificateIssued")] == ["OPEN.licence.2"]
        assert standings(leaving)["OPEN.stamp"] == "valid"

    def test_a_denial_is_corrected_likewise_under_the_new_number(self):
        leaving = an_exit().denies("FOOD")
        given(leaving.output)

        (issued,) = bodies(leaving.corrects("FOOD"), "CertificateIssued")

        assert (issued["certificate"], issued["number"], issued["reasons"]) == ("FOOD.denial.2", "更1号", "场所不符")

    def test_of_what_was_not_issued_nothing_is_corrected(self):
        assert facts(an_exit().corrects("FOOD").output) == []

    def test_an_integrated_package_waits_for_the_verdict(self):
        leaving = an_exit("integrated", "FOOD", "SIGN").corrects("FOOD")
        assert leaving.output.packages == {}

        assert leaving.concludes().output.packages["CY"].certificates == ("SIGN.opinion", "FOOD.food_permit.2")

    def test_after_the_case_is_complete_the_new_edition_still_leaves(self):
        leaving = an_exit("integrated", "FOOD").concludes().hands_over().corrects("FOOD")

        leaving.hands_over("FOOD")

        assert leaving.output.packages["FOOD"].place is Place.HANDED_OVER
        assert names(leaving.output).count("OutputCompleted") == 1


class TestVoid:
    """作废: the decision never counted; another one will come."""

    def test_results_are_void_and_the_item_can_be_granted_again(self):
        leaving = an_exit("itemised", "FOOD").voids("FOOD").issues("FOOD")

        assert standings(leaving) == {"FOOD.food_permit": "void", "FOOD.food_permit.2": "valid"}
        first, second = (each.issued for each in leaving.output.certificates.values())
        assert (second.edition, second.replaces) == (1, "")
        assert first.number != second.number

    def test_a_concluded_output_is_open_again(self):
        leaving = an_exit("itemised", "FOOD", "SIGN").concludes().hands_over()
        given(leaving.output)

        leaving.voids("FOOD")

        assert names(leaving.output) == ["CertificateRevoked", "OutputReopened"]
        assert leaving.output.status is Status.PLANNED
        leaving.denies("FOOD").concludes("partly").hands_over()
        assert leaving.output.status is Status.COMPLETED

    def test_an_open_one_stays_open_without_a_word(self):
        assert names(an_exit("itemised", "FOOD").voids("FOOD").output) == ["CertificateRevoked"]

    def test_of_an_item_without_results_opens_the_output_for_its_next_decision(self):
        leaving = an_exit("itemised", "CHECK", "SIGN").concludes("granted", "CHECK", "SIGN").hands_over()
        given(leaving.output)

        leaving.voids("CHECK").denies("CHECK").concludes("partly", "CHECK", "SIGN").hands_over()

        assert names(leaving.output)[0] == "OutputReopened"
        assert standings(leaving)["CHECK.denial"] == "valid"
        assert (leaving.output.status, leaving.output.verdict) == (Status.COMPLETED, "partly")

    def test_again_is_no_news(self):
        leaving = an_exit("itemised", "FOOD").voids("FOOD")
        given(leaving.output)

        assert facts(leaving.voids("FOOD").output) == []


class TestRevoked:
    """撤销 (行政许可法 第69条), 注销 (第70条)."""

    @pytest.mark.parametrize(("ground", "status"), sorted(FALLS_TO.items()))
    def test_what_was_issued_falls(self, ground, status):
        leaving = an_exit("itemised", "OPEN").revokes("OPEN", ground)

        assert facts(leaving.output) == [
            fact(CertificateRevoked, certificate=name, item="OPEN", status=status, ground=ground)
            for name in ("OPEN.licence", "OPEN.stamp")
        ]

    def test_again_is_no_news(self):
        leaving = an_exit("itemised", "OPEN").revokes("OPEN")
        given(leaving.output)

        assert facts(leaving.revokes("OPEN").output) == []

    def test_what_did_not_leave_leaves_no_more_and_may_complete_the_output(self):
        leaving = an_exit("itemised", "FOOD").concludes("granted", "FOOD")
        given(leaving.output)

        leaving.revokes("FOOD")

        assert facts(leaving.output)[-1] == fact(OutputCompleted, verdict="granted", items=("FOOD",))

    def test_after_the_case_is_closed_too(self):
        leaving = an_exit("itemised", "FOOD").concludes().hands_over()
        given(leaving.output)

        leaving.revokes("FOOD")

        assert names(leaving.output) == ["CertificateRevoked"]
        assert leaving.output.packages["FOOD"].place is Place.HANDED_OVER

    def test_on_its_way_it_is_taken_out_when_it_comes_back(self):
        leaving = an_exit("integrated", "FOOD", "SIGN").concludes().puts_into_locker("CY").revokes("FOOD")
        assert leaving.output.packages["CY"].certificates == ("FOOD.food_permit", "SIGN.opinion")

        leaving.recalls("CY", "uncollected")

        assert leaving.output.packages["CY"].certificates == ("SIGN.opinion",)

    def test_coming_back_empty_it_completes_the_output(self):
        leaving = an_exit("itemised", "FOOD").concludes().puts_into_locker("FOOD").revokes("FOOD")
        assert leaving.output.status is Status.CONCLUDED

        assert leaving.recalls("FOOD", "uncollected").output.status is Status.COMPLETED

    def test_so_it_does_when_a_locker_is_emptied_by_its_deadline(self):
        leaving = an_exit("itemised", "FOOD").concludes().puts_into_locker("FOOD").revokes("FOOD")

        leaving.on(date(2026, 7, 31)).waits()

        assert leaving.output.status is Status.COMPLETED
        assert leaving.output.timers() == {}


class TestJoined:
    """接续: items joined to a case whose output was concluded, or even completed."""

    def test_items_open_the_output_again(self):
        leaving = an_exit("itemised", "FOOD").concludes("granted", "FOOD").hands_over()
        given(leaving.output)

        leaving.reopens("FOOD", "SIGN")

        assert facts(leaving.output) == [
            fact(OutputReopened, items=("OPEN", "FOOD", "SIGN", "SMOKE", "CHECK")),
        ]
        leaving.issues("SIGN").concludes("granted", "FOOD", "SIGN").hands_over()
        assert facts(leaving.output)[-1] == fact(OutputCompleted, verdict="granted", items=("FOOD", "SIGN"))

    def test_the_same_again_is_no_news(self):
        leaving = an_exit("itemised", "FOOD").reopens("FOOD", "NEW")
        given(leaving.output)

        assert facts(leaving.reopens("NEW").output) == []

    def test_it_is_said_of_which_items_a_completion_counts_no_more(self):
        leaving = an_exit("itemised").denies("OPEN").concludes("denied", "OPEN", "FOOD").hands_over()
        given(leaving.output)

        leaving.voids("OPEN").reopens("FOOD", "SIGN", again=("FOOD", "SIGN"))

        told = [body.get("again") for body in bodies(leaving, "OutputReopened")]
        assert told == [("OPEN",), ("FOOD",)]
        given(leaving.output)
        assert facts(leaving.reopens("FOOD", again=("FOOD",)).output) == []

    def test_the_next_completion_says_what_was_decided_again_and_the_one_after_it_does_not(self):
        leaving = an_exit("itemised").denies("OPEN").concludes("denied", "OPEN").hands_over().voids("OPEN")

        leaving.denies("OPEN").concludes("denied", "OPEN").hands_over()
        leaving.reopens("SIGN").issues("SIGN").concludes("partly", "OPEN", "SIGN").hands_over()

        told = [body.get("again") for body in bodies(leaving, "OutputCompleted")]
        assert told == [None, ("OPEN",), None]

    def test_a_second_verdict_makes_a_second_package(self):
        leaving = an_exit("integrated", "FOOD").concludes().hands_over().reopens("SIGN").issues("SIGN").concludes()

        assert {name: p.certificates for name, p in leaving.output.packages.items()} == {
            "CY": ("FOOD.food_permit",),
            "CY.2": ("SIGN.opinion",),
        }

    def test_between_the_verdicts_nothing_comes_unasked(self):
        with refused(AlreadyConcluded):
            an_exit("itemised", "FOOD").concludes().denies("SIGN")


class TestTheComprehensiveLicence:
    """综合许可证 (S61a)."""

    def test_comes_with_the_verdict_over_two_granted_parts(self):
        leaving = an_exit("integrated", "OPEN", "FOOD", "SIGN", catalogue=TRADE).concludes()

        (licence,) = [b for b in bodies(leaving, "CertificateIssued") if b["kind"] == "comprehensive"]
        assert (licence["certificate"], licence["title"], licence["issuer"]) == (
            "CY.trade_licence",
            "行业综合许可证",
            "scjg",
        )
        assert licence["parts"] == ("OPEN.licence", "FOOD.food_permit")
        assert check_certificate_id(licence["identifier"]).split(".")[5].endswith("009")

    def test_leaves_the_single_permits_as_they_are(self):
        leaving = an_exit("integrated", "OPEN", "FOOD", catalogue=TRADE).concludes()

        assert set(standings(leaving).values()) == {"valid"}
        assert leaving.output.packages["CY"].certificates == (
            "OPEN.licence",
            "OPEN.stamp",
            "FOOD.food_permit",
            "CY.trade_licence",
        )

    def test_is_a_package_of_its_own_where_results_leave_one_by_one(self):
        leaving = an_exit("itemised", "OPEN", "FOOD", catalogue=TRADE).concludes()

        assert leaving.output.packages["CY"].certificates == ("CY.trade_licence",)

    @pytest.mark.parametrize("granted", [(), ("FOOD",), ("FOOD", "SIGN"), ("SIGN", "CHECK")])
    def test_is_not_made_of_fewer_than_two_parts(self, granted):
        leaving = an_exit("integrated", *granted, catalogue=TRADE).concludes()

        assert "CY.trade_licence" not in leaving.output.certificates

    def test_is_not_made_where_the_theme_has_none(self):
        assert len(an_exit("integrated", "OPEN", "FOOD").concludes().output.certificates) == 3

    def test_can_be_asked_for_more_than_two_but_never_for_fewer(self):
        for least, expected in ((3, False), (1, False), (2, False)):
            catalogue = a_catalogue(comprehensive=with_least(least))
            leaving = an_exit("integrated", "FOOD", catalogue=catalogue).concludes()
            assert ("CY.trade_licence" in leaving.output.certificates) is expected
        three = an_exit("integrated", "OPEN", "FOOD", catalogue=a_catalogue(comprehensive=with_least(3)))
        assert "CY.trade_licence" not in three.concludes().output.certificates

    def test_gets_its_next_edition_with_a_part_that_was_corrected(self):
        leaving = an_exit("integrated", "OPEN", "FOOD", catalogue=TRADE).concludes().hands_over()
        given(leaving.output)

        leaving.corrects("FOOD")

        later = leaving.output.certificates["CY.trade_licence.2"].issued
        assert (later.edition, later.parts) == (2, ("OPEN.licence", "FOOD.food_permit.2"))
        assert later.identifier.split(".")[-2] == "002"
        assert standings(leaving)["CY.trade_licence"] == "replaced"
        assert leaving.output.packages["FOOD"].certificates == ("FOOD.food_permit.2", "CY.trade_licence.2")

    def test_gets_its_next_edition_without_a_part_that_was_revoked(self):
        leaving = an_exit("itemised", "OPEN", "FOOD", "SMOKE", catalogue=TRADE).concludes().hands_over()
        given(leaving.output)

        leaving.revokes("SMOKE")

        assert names(leaving.output) == [
            "CertificateRevoked",
            "CertificateIssued",
            "CertificateRevoked",
            "PackageAssembled",
        ]
        assert leaving.output.certificates["CY.trade_licence.2"].issued.parts == ("OPEN.licence", "FOOD.food_permit")

    @pytest.mark.parametrize("step", ["revokes", "voids"])
    def test_falls_with_the_last_part_but_one(self, step):
        leaving = an_exit("itemised", "OPEN", "FOOD", catalogue=TRADE).concludes().hands_over()
        given(leaving.output)

        getattr(leaving, step)("FOOD")

        assert bodies(leaving, "CertificateRevoked")[-1] == {
            "certificate": "CY.trade_licence",
            "item": "",
            "status": "revoked",
            "ground": "parts",
        }

    def test_comes_again_when_its_parts_do(self):
        leaving = an_exit("itemised", "OPEN", "FOOD", catalogue=TRADE).concludes().voids("FOOD").issues("FOOD")
        leaving.concludes()

        again = leaving.output.certificates["CY.trade_licence.2"].issued
        assert (again.edition, again.parts) == (1, ("OPEN.licence", "FOOD.food_permit.2"))

    def test_takes_up_a_part_that_is_joined_later(self):
        """Holders are re-issued only where a part is newly made (S61a)."""
        leaving = an_exit("itemised", "OPEN", "FOOD", catalogue=TRADE).concludes().reopens("MORE")
        leaving.issues("SIGN").concludes()
        assert "CY.trade_licence.2" not in leaving.output.certificates

        leaving.reopens("EVEN MORE").issues("SMOKE").concludes()

        assert len(leaving.output.certificates["CY.trade_licence.2"].issued.parts) == 3


def with_least(least: int):
    from msgspec.structs import replace

    from .mothers import COMPREHENSIVE

    return replace(COMPREHENSIVE, least=least)


def test_every_standing_has_a_code_of_the_table():
    """证照状态 01..99 (S68b)."""
    assert set(CODES.values()) <= STATUS_CODES.keys()
    assert set(FALLS_TO.values()) <= CODES.keys()
    assert {standing: code for standing, code in CODES.items() if STATUS_CODES[code] != standing} == {"replaced": "05"}


class TestPolicies:
    @pytest.mark.parametrize(
        ("kind", "body", "expected"),
        [
            (ReviewGranted, {"handler": "scjg", "decision": "n", "tolerant": True}, None),
            (ReviewGranted, {"handler": "scjg", "decision": "n"}, {"item": "FOOD", "issuer": "scjg", "decision": "n"}),
            (
                ReviewConfirmed,
                {"handler": "scjg", "decision": "n"},
                {"item": "FOOD", "issuer": "scjg", "decision": "n"},
            ),
            (
                ReviewDenied,
                {"handler": "scjg", "decision": "n", "reasons": "r", "remedy": "m"},
                {"item": "FOOD", "issuer": "scjg", "decision": "n", "reasons": "r", "remedy": "m"},
            ),
            (
                DecisionCorrected,
                {"handler": "scjg", "decision": "n", "correction": "c", "approved_by": "b"},
                {"item": "FOOD", "decision": "n", "correction": "c"},
            ),
            (
                DecisionVoided,
                {"handler": "scjg", "decision": "n", "ground": "g", "result": "voided", "approved_by": "b"},
                {"item": "FOOD", "ground": "g"},
            ),
            (
                DecisionRevoked,
                {
                    "handler": "scjg",
                    "decision": "n",
                    "ground": "fraud",
                    "reasons": "r",
                    "remedy": "m",
                    "approved_by": "b",
                },
                {"item": "FOOD", "ground": "fraud"},
            ),
        ],
        ids=lambda value: getattr(value, "__name__", ""),
    )
    def test_one_fact_over_an_item_is_at_most_one_command(self, kind, body, expected):
        happened = kind(case_id="case-1", at=NOON, by="r", item="FOOD", **body)

        commands = REACTIONS.commands("approval", kind.TOPIC, happened)

        assert len(commands) == (expected is not None)
        for command in commands:
            assert {name: getattr(command, name) for name in expected} == expected

    def test_the_verdict_covers_every_item_that_came_to_an_end(self):
        happened = BundleConcluded(
            case_id="case-1",
            at=NOON,
            by="r",
            verdict="partly",
            granted=("A",),
            denied=("B",),
            gone=("C",),
            blocked=("D",),
            revoked=("E",),
        )

        (command,) = REACTIONS.commands("approval", happened.TOPIC, happened)

        assert command.items == ("A", "B", "C", "D", "E")

    def test_joined_items_open_the_output(self):
        happened = BundleExtended(case_id="case-1", at=NOON, by="r", standings={}, expected=("A", "B"))

        (command,) = REACTIONS.commands("approval", happened.TOPIC, happened)

        assert command.items == ("A", "B")

    def test_a_plan_that_changed_without_new_reviews_leaves_the_output_as_it_is(self):
        """Approval keeps its verdict then, so no other one would ever close it again."""
        happened = BundleExtended(case_id="case-1", at=NOON, by="r", standings={"A": "satisfied"}, expected=())

        assert list(REACTIONS.commands("approval", happened.TOPIC, happened)) == []

    def test_reviews_that_wait_again_reopen_the_output(self):
        """An item joined as done elsewhere frees what was blocked for want of it, after the verdict too."""
        happened = ReviewsRelocked(case_id="case-1", at=NOON, by="r", items=("B",), because=("A",))

        (command,) = REACTIONS.commands("approval", happened.TOPIC, happened)
        assert isinstance(command, ReopenOutput)
        assert (command.items, command.again) == (("B",), ("B",))
