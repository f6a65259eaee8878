"""The output: certificates, packages, the one exit."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from certificate.domain import AlreadyConcluded, IdentityUnchecked, Mark, NothingToHandOver, sealed_data
from certificate.policies import REACTIONS
from certificate.projections import certificate_rows, pickup_rows
from certificate.signing import Signer, verify_seal
from contracts.approval import BundleConcluded, BundleOpened, ReviewGranted
from contracts.certificate import (
    CertificateIssued,
    CertificateRendered,
    OutputCompleted,
    OutputPlanned,
    PackageAssembled,
    PackageHandedOver,
)
from eventing.errors import NotFound
from kernel.digests import digest
from kernel.identifiers import check_certificate_id
from testkit.facts import fact, facts, given, names, refused

from .mothers import AUTHORITY, CATALOGUE, ITEMS, MARKET, NUMBER, Exit, a_catalogue

TEN_DAYS = {"due_on": date(2026, 8, 6), "remind_on": date(2026, 8, 6)}
"""Ten working days after the day of the tests (行政许可法 第44条, 第82条)."""

AT = datetime(2026, 7, 23, 4, tzinfo=UTC)


def an_exit(mode="itemised", *issued) -> Exit:
    """Taken up, these items issued; what comes now counts."""
    leaving = Exit(mode).plans().issues(*issued)
    given(leaving.output)
    return leaving


class TestPlanning:
    def test_takes_up_the_case_once(self):
        leaving = Exit("integrated").plans().plans()

        assert facts(leaving.output) == [
            fact(
                OutputPlanned,
                number=NUMBER,
                theme="CY",
                catalogue="v1",
                region="990102",
                mode="integrated",
                items=tuple(ITEMS),
                hall="county",
            )
        ]


class TestAGrant:
    def test_yields_a_certificate_with_number_identifier_digest_and_seal(self):
        leaving = an_exit("integrated")

        leaving.issues("FOOD")

        ((name, body),) = facts(leaving.output)
        assert name == "CertificateIssued"
        assert body["digest"].startswith("sha256:")
        assert body["seal"].startswith("sealed ")
        assert {k: v for k, v in body.items() if k not in {"digest", "seal", "identifier"}} == {
            "key": "key of scjg",
            "decision": "准1号",
            "certificate": "FOOD.food_permit",
            "item": "FOOD",
            "output": "food_permit",
            "kind": "certificate",
            "title": "食品经营许可证",
            "number": "2026072300000101",
            "issuer": "scjg",
            "issued_on": "2026-07-23",
        }

    def test_yields_one_number_for_each_of_its_results(self):
        leaving = an_exit("integrated").issues("OPEN", "FOOD")

        numbers = [body["number"] for _, body in facts(leaving.output)]
        assert numbers == ["2026072300000101", "2026072300000102", "2026072300000201"]

    def test_that_yields_nothing_records_nothing(self):
        leaving = an_exit("itemised").issues("CHECK")

        assert facts(leaving.output) == []

    def test_again_is_no_news(self):
        leaving = an_exit("itemised", "FOOD", "OPEN")

        leaving.issues("FOOD").issues("OPEN")

        assert facts(leaving.output) == []

    def test_after_the_conclusion_is_refused(self):
        leaving = Exit().plans().issues("SIGN").concludes("partly")

        with refused(AlreadyConcluded, item="FOOD"):
            leaving.issues("FOOD")


class TestTheIdentifier:
    def identifier(self, item, catalogue=CATALOGUE):
        leaving = Exit("integrated", catalogue).plans().issues(item)
        return next(iter(leaving.output.certificates.values())).issued.identifier

    def test_names_type_issuer_serial_and_version_and_checks(self):
        found = self.identifier("FOOD")

        assert check_certificate_id(found) == found
        assert found.startswith(f"1.2.156.3005.2.{AUTHORITY}002.{MARKET}.2026072300000101.001.")

    def test_has_a_fictional_type_where_the_catalogue_names_no_kind(self):
        assert self.identifier("OPEN").startswith(f"1.2.156.3005.2.{MARKET}001.{MARKET}.")

    def test_names_the_region_where_the_issuer_has_no_code(self):
        found = self.identifier("FOOD", a_catalogue(uscc=None))

        assert found.startswith(f"1.2.156.3005.2.{AUTHORITY}002.990102.")

    @pytest.mark.parametrize(
        ("item", "catalogue"),
        [("SIGN", CATALOGUE), ("OPEN", a_catalogue(type_authority=None, uscc=None))],
        ids=["a document", "nobody has a code"],
    )
    def test_is_empty_where_there_can_be_none(self, item, catalogue):
        assert self.identifier(item, catalogue) == ""


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    return Signer.development(tmp_path_factory.mktemp("keys") / "signing")


class TestTheSeal:
    def issued(self, signer) -> CertificateIssued:
        leaving = Exit().plans().issues("FOOD", seal=lambda _, text: Mark(signer.key_id, signer.seal(text)))
        return leaving.output.certificates["FOOD.food_permit"].issued

    def test_verifies_over_what_the_fact_says(self, signer):
        issued = self.issued(signer)

        assert verify_seal(signer.public_key, sealed_data("case-1", issued), issued.seal)
        assert issued.digest == digest(sealed_data("case-1", issued))

    @pytest.mark.parametrize(
        ("field", "other"),
        [
            ("number", "2026072300000102"),
            ("title", "营业执照"),
            ("issuer", "xzsp"),
            ("issued_on", date(2026, 7, 24)),
            ("identifier", ""),
            ("kind", "document"),
            ("item", "OPEN"),
            ("output", "licence"),
            ("certificate", "OPEN.licence"),
            ("edition", 2),
            ("decision", "准9号"),
            ("replaces", "FOOD.other"),
            ("parts", ("OPEN.licence",)),
            ("reasons", "none"),
            ("remedy", "none"),
            ("correction", "none"),
        ],
    )
    def test_breaks_with_any_other_word(self, signer, field, other):
        issued = self.issued(signer)
        changed = msgspec.structs.replace(issued, **{field: other})

        assert getattr(changed, field) != getattr(issued, field)
        assert not verify_seal(signer.public_key, sealed_data("case-1", changed), issued.seal)

    def test_breaks_in_another_case(self, signer):
        issued = self.issued(signer)

        assert not verify_seal(signer.public_key, sealed_data("case-2", issued), issued.seal)


class TestItemised:
    def test_every_grant_is_a_package_at_once(self):
        leaving = an_exit("itemised").issues("OPEN", "SIGN")

        assert [f for f in facts(leaving.output) if f[0] == "PackageAssembled"] == [
            fact(PackageAssembled, package="OPEN", certificates=("OPEN.licence", "OPEN.stamp"), **TEN_DAYS),
            fact(PackageAssembled, package="SIGN", certificates=("SIGN.opinion",), **TEN_DAYS),
        ]

    def test_what_is_ready_leaves_before_the_case_is_over(self):
        leaving = an_exit("itemised", "FOOD").hands_over()

        assert facts(leaving.output) == [
            fact(PackageHandedOver, package="FOOD", method="window", identity_check="identity document seen")
        ]

    def test_the_denial_of_one_item_delivers_the_others(self):
        leaving = an_exit("itemised", "FOOD").concludes("partly")

        leaving.hands_over()

        assert names(leaving.output) == ["VerdictNoted", "PackageHandedOver", "OutputCompleted"]
        assert facts(leaving.output)[-1] == fact(OutputCompleted, verdict="partly")

    def test_the_verdict_completes_what_was_handed_over_before(self):
        leaving = an_exit("itemised", "FOOD").hands_over()
        given(leaving.output)

        leaving.concludes()

        assert names(leaving.output) == ["VerdictNoted", "OutputCompleted"]

    def test_an_ordinary_case_is_told_in_no_more_facts_than_it_needs(self):
        leaving = Exit().plans("FOOD", "SIGN").issues("FOOD", "SIGN").concludes().hands_over()

        assert names(leaving.output) == [
            "OutputPlanned",
            *["CertificateIssued", "PackageAssembled"] * 2,
            "VerdictNoted",
            *["PackageHandedOver"] * 2,
            "OutputCompleted",
        ]


class TestIntegrated:
    def test_nothing_is_ready_before_the_verdict(self):
        leaving = an_exit("integrated").issues("FOOD")
        assert names(leaving.output) == ["CertificateIssued"]

        with refused(NothingToHandOver, number=NUMBER):
            leaving.hands_over()

    def test_everything_that_was_granted_is_one_package_with_the_verdict(self):
        leaving = an_exit("integrated", "FOOD", "OPEN")

        leaving.concludes("partly")

        assert facts(leaving.output)[1:] == [
            fact(
                PackageAssembled,
                package="CY",
                certificates=("FOOD.food_permit", "OPEN.licence", "OPEN.stamp"),
                **TEN_DAYS,
            )
        ]

    def test_the_hand_over_completes_the_output(self):
        leaving = Exit("integrated").plans().issues("FOOD").concludes()
        given(leaving.output)

        leaving.hands_over()

        assert names(leaving.output) == ["PackageHandedOver", "OutputCompleted"]


@pytest.mark.parametrize("mode", ["itemised", "integrated"])
class TestEitherWay:
    def test_a_case_without_results_completes_with_its_verdict(self, mode):
        leaving = an_exit(mode).concludes("denied")

        assert names(leaving.output) == ["VerdictNoted", "OutputCompleted"]

    def test_concluded_again_is_no_news(self, mode):
        leaving = an_exit(mode, "FOOD").concludes()
        given(leaving.output)

        leaving.concludes()

        assert facts(leaving.output) == []

    def test_handed_over_again_is_no_news(self, mode):
        leaving = an_exit(mode, "FOOD").concludes().hands_over()
        given(leaving.output)

        leaving.hands_over().hands_over(next(iter(leaving.output.packages)))

        assert facts(leaving.output) == []

    def test_nothing_leaves_unless_somebody_looked_who_takes_it(self, mode):
        leaving = Exit(mode).plans().issues("FOOD").concludes()

        with refused(IdentityUnchecked):
            leaving.hands_over(identity_check=" ")

    def test_an_unknown_package_is_not_found(self, mode):
        leaving = Exit(mode).plans().issues("FOOD").concludes()

        with refused(NotFound, what="package", id="TOBACCO"):
            leaving.hands_over("TOBACCO")

    def test_nothing_can_be_handed_over_where_there_are_no_results(self, mode):
        with refused(NothingToHandOver):
            an_exit(mode).concludes("denied").hands_over()


class TestTheHandOver:
    def test_of_a_named_package_leaves_the_others(self):
        leaving = an_exit("itemised", "FOOD", "OPEN").concludes()
        given(leaving.output)

        leaving.hands_over("OPEN", "OPEN", method="post", receipt="EMS-1")

        assert facts(leaving.output) == [
            fact(
                PackageHandedOver,
                package="OPEN",
                method="post",
                identity_check="identity document seen",
                receipt="EMS-1",
            )
        ]


class TestARendering:
    def test_is_recorded(self):
        leaving = an_exit("itemised", "FOOD").renders("FOOD.food_permit")

        assert facts(leaving.output) == [
            fact(
                CertificateRendered,
                certificate="FOOD.food_permit",
                digest="d1",
                size=9,
                media_type="application/pdf",
                signer="s",
                key_id="k",
            )
        ]

    def test_by_two_counts_once(self):
        leaving = an_exit("itemised", "FOOD").renders("FOOD.food_permit").renders("FOOD.food_permit", "d2")

        assert names(leaving.output) == ["CertificateRendered"]
        assert leaving.output.certificates["FOOD.food_permit"].rendering.digest == "d1"

    def test_may_come_after_everything_was_handed_over(self):
        leaving = an_exit("itemised", "FOOD").concludes().hands_over()
        given(leaving.output)

        leaving.renders("FOOD.food_permit")

        assert names(leaving.output) == ["CertificateRendered"]

    def test_of_something_that_was_not_issued_is_not_found(self):
        with refused(NotFound):
            an_exit("itemised").renders("FOOD.food_permit")


def test_the_queue_is_what_is_issued_and_not_rendered():
    output = Exit().plans().issues("FOOD", "OPEN").renders("OPEN.licence").output

    rows = {row["certificate"]: row["state"] for row in certificate_rows(output)}
    assert rows == {"FOOD.food_permit": "issued", "OPEN.licence": "rendered", "OPEN.stamp": "issued"}


class TestTheLedgerOfPickups:
    """领取台账: since when a result is where it is, and who brought it there."""

    def on(self, leaving: Exit, day: date, by: str) -> Exit:
        leaving.on(day)
        leaving.act = msgspec.structs.replace(leaving.act, by=by)
        return leaving

    def told(self, leaving: Exit, certificate: str):
        (row,) = [row for row in pickup_rows(leaving.output) if row["certificate"] == certificate]
        return row["place"], row["since"].date(), row["by"]

    def test_says_who_called_back_what_lost_its_force_before_it_left(self):
        leaving = self.on(an_exit("itemised", "FOOD"), date(2026, 7, 24), "reviewer-3").voids("FOOD")

        assert self.told(leaving, "FOOD.food_permit") == ("called_back", date(2026, 7, 24), "reviewer-3")

    def test_says_who_called_back_what_lost_its_force_on_its_way_and_when_it_was_back(self):
        leaving = an_exit("itemised", "FOOD").puts_into_locker("FOOD")
        self.on(leaving, date(2026, 7, 24), "reviewer-3").voids("FOOD")
        assert self.told(leaving, "FOOD.food_permit")[0] == "on_the_way"

        self.on(leaving, date(2026, 7, 27), "clerk-8").recalls("FOOD")

        assert self.told(leaving, "FOOD.food_permit") == ("called_back", date(2026, 7, 27), "clerk-8")

    def test_says_who_called_back_what_is_in_force(self):
        leaving = an_exit("itemised", "FOOD").puts_into_locker("FOOD")
        self.on(leaving, date(2026, 7, 24), "clerk-8").recalls("FOOD")

        assert self.told(leaving, "FOOD.food_permit") == ("called_back", date(2026, 7, 24), "clerk-8")


class TestPolicies:
    @pytest.mark.parametrize(
        ("happened", "expected"),
        [
            (
                BundleOpened(
                    case_id="case-1",
                    at=AT,
                    by="system",
                    number=NUMBER,
                    theme="CY",
                    catalogue="v1",
                    region="990102",
                    standings={"FOOD": "selected"},
                    expected=("FOOD",),
                    output_mode="integrated",
                ),
                {"number": NUMBER, "mode": "integrated", "items": ("FOOD",), "catalogue": "v1"},
            ),
            (
                ReviewGranted(case_id="case-1", at=AT, by="r", item="FOOD", handler="scjg", decision="n"),
                {"item": "FOOD", "issuer": "scjg"},
            ),
            (
                BundleConcluded(case_id="case-1", at=AT, by="r", verdict="partly"),
                {"verdict": "partly"},
            ),
        ],
        ids=["opened", "granted", "concluded"],
    )
    def test_one_fact_is_one_command(self, happened, expected):
        (command,) = REACTIONS.commands("approval", happened.TOPIC, happened)

        assert command.case_id == "case-1"
        assert {name: getattr(command, name) for name in expected} == expected
