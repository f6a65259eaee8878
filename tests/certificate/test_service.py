"""certificate running: it follows approval, makes documents in advance or on demand, and hands over."""

from base64 import b64decode
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import msgspec
import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp
from eventlet import patcher
from eventlet.greenpool import GreenPool
from pypdf import PdfReader

from catalogue import load
from certificate.domain import MandateRefused, NothingToVerify, RendererOnly
from certificate.projections import CERTIFICATES, PICKUPS
from certificate.service import Certificate
from certificate.signing import verify_signed
from contracts.approval import (
    BundleConcluded,
    BundleOpened,
    DecisionCorrected,
    DecisionRevoked,
    ReviewConfirmed,
    ReviewDenied,
    ReviewGranted,
)
from contracts.certificate import (
    AgreeOutput,
    ConfirmDelivery,
    DispatchPackage,
    FindCertificates,
    GetAddress,
    GetDocument,
    GetManifest,
    GetOutput,
    GetSigned,
    HandOverPackages,
    ListPickups,
    PickupLedger,
    RecallPackage,
    RecordRefusal,
    RecordRendering,
    VerifyCertificate,
)
from contracts.language import Caller
from contracts.vault import DestroyCaseKey
from contracts.words import entries
from eventing.errors import Forbidden, NotFound, OneThingError
from eventing.keyring import Erased
from eventing.rebuilding import rebuild
from kernel.clock import SimulatedClock, local_date
from testkit.facts import TESTER, refused
from testkit.house import House, eventually
from vault.service import Vault

from .neighbours import HOLDER, Approval, Delegation, Intake, OpenForHolder, Publish

CATALOGUE = load("990102")
NUMBER = "YJS-990102-XSE-20260723-000001-M"
CLERK = Caller(by="clerk-7", hall="county", window="w1", roles=("clerk",))


class County:
    """What people and the other services do."""

    def __init__(self, house: House, case: str) -> None:
        self.house = house
        self.client = house.client(CLERK)
        self.case = case

    def happens(self, kind, **body):
        fact = kind(case_id=self.case, at=datetime(2026, 7, 23, 2, tzinfo=UTC), by="someone", **body)
        cmd = Publish(case_id=self.case, topic=kind.TOPIC, body=msgspec.Raw(msgspec.json.encode(fact)))
        self.client.as_(TESTER).command(cmd, attempts=20)
        return self

    def begins(self, mode="itemised", *, theme="XSE", items=("XSE01", "XSE03"), hall="county"):
        self.client.as_(TESTER).command(OpenForHolder(case_id=self.case), attempts=20)
        return self.happens(
            BundleOpened,
            number=NUMBER,
            theme=theme,
            catalogue=CATALOGUE.version,
            region="990102",
            standings=dict.fromkeys(items, "selected"),
            expected=items,
            output_mode=mode,
            hall=hall,
        )

    def decides(self, kind, item, **body):
        handler = CATALOGUE.item(item).department
        return self.happens(kind, **{"item": item, "handler": handler, "decision": f"{NUMBER}-{item}", **body})

    def grants(self, item, **body):
        return self.decides(ReviewGranted, item, **body)

    def concludes(self, verdict):
        return self.happens(BundleConcluded, verdict=verdict)

    def output(self):
        answer = self.client.ask(GetOutput(case_id=self.case), attempts=10)
        certificates = {each["issued"]["certificate"]: each for each in answer["certificates"]}
        return answer | {"certificates": certificates}

    def has(self, *certificates):
        """Waits until these are issued."""
        eventually(lambda: set(certificates) <= self.output()["certificates"].keys())
        return self

    def document(self, certificate, caller=CLERK):
        return self.client.as_(caller).ask(GetDocument(case_id=self.case, certificate=certificate))

    def rendering(self, certificate):
        return self.output()["certificates"][certificate]["rendering"]


SERVICES = [Vault, Intake, Approval, Delegation, Certificate]


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    return tmp_path_factory.mktemp("houses")


@pytest.fixture(scope="module")
def on_demand(places):
    with House(SERVICES, places / "on-demand", rendering="on-demand") as house:
        yield house


@pytest.fixture
def county(on_demand, request):
    return County(on_demand, f"case of {request.node.name}")


def text_of(document):
    reader = PdfReader(BytesIO(b64decode(document["pdf"])))
    return "".join(page.extract_text() for page in reader.pages)


def test_a_case_goes_from_its_first_grant_to_its_last_package(county):
    county.begins().grants("XSE01").has("XSE01.birth_certificate")
    first = county.client.command(HandOverPackages(case_id=county.case)).value
    assert first == {"packages": ["XSE01"]}
    assert county.output()["status"] == "planned"

    county.grants("XSE03").concludes("granted").has("XSE03.household_register", "XSE03.citizen_number")
    eventually(lambda: county.output()["status"] == "concluded")
    county.client.command(HandOverPackages(case_id=county.case, method="post", receipt="EMS-1"))

    output = county.output()
    assert (output["status"], output["verdict"]) == ("completed", "granted")
    assert [p["method"] for p in output["packages"]] == ["window", "post"]


def test_an_integrated_case_is_one_package(county):
    county.begins("integrated").grants("XSE01").grants("XSE03").concludes("partly")

    eventually(lambda: county.output()["verdict"] == "partly")

    (package,) = county.output()["packages"]
    assert len(package["certificates"]) == 3


def test_a_document_is_made_when_somebody_asks_and_then_kept(county):
    county.begins().grants("XSE01").has("XSE01.birth_certificate")
    assert county.rendering("XSE01.birth_certificate") is None

    made = county.document("XSE01.birth_certificate")
    rendering = county.rendering("XSE01.birth_certificate")
    again = county.document("XSE01.birth_certificate")

    assert again == made
    assert rendering["size"] == made["size"] == len(b64decode(made["pdf"]))
    assert county.rendering("XSE01.birth_certificate") == rendering


def test_a_certificate_whose_document_does_not_come_in_time_is_counted_where_it_is_made_in_advance(
    county, on_demand, monkeypatch
):
    def late():
        (sample,) = service.samples()
        return sample.value

    county.begins().grants("XSE01").has("XSE01.birth_certificate")
    service = on_demand.host("certificate").instance
    clock = SimulatedClock(service.clock.now() + timedelta(minutes=11))
    monkeypatch.setattr(service, "clock", clock)
    assert late() == 0

    monkeypatch.setattr(service.share, "eager", True)
    before = late()
    county.document("XSE01.birth_certificate")

    assert before >= 1
    assert late() == before - 1
    clock.set(clock.now() - timedelta(minutes=11))
    assert late() == 0


def test_a_document_names_the_holder_and_its_identifier_and_is_signed(county):
    county.begins().grants("XSE01").has("XSE01.birth_certificate")

    document = county.document("XSE01.birth_certificate")

    issued = county.output()["certificates"]["XSE01.birth_certificate"]["issued"]
    words = text_of(document)
    assert HOLDER.name in words
    assert HOLDER.identifier in words
    assert issued["number"] in words
    assert issued["identifier"] in words
    assert b"/ByteRange" in b64decode(document["pdf"])


def test_a_document_lies_encrypted(county, on_demand):
    county.begins().grants("XSE01").has("XSE01.birth_certificate")
    pdf = b64decode(county.document("XSE01.birth_certificate")["pdf"])

    shelf = [path.read_bytes() for path in Path(on_demand.settings.data_dir, "contents").rglob("*") if path.is_file()]

    assert shelf
    assert not any(b"%PDF" in stored or pdf[100:200] in stored for stored in shelf)


def test_a_document_is_shown_at_its_hall_and_to_its_issuer(county):
    county.begins().grants("XSE01").has("XSE01.birth_certificate")

    assert county.document("XSE01.birth_certificate", Caller(by="r", org="zcjg", roles=("reviewer", "approver")))["pdf"]
    for stranger in (
        Caller(by="x", roles=("reviewer",)),
        Caller(by="x", hall="bank", roles=("clerk",)),
        Caller(by="x", org="scjg", roles=("reviewer", "approver")),
    ):
        with pytest.raises(Forbidden):
            county.document("XSE01.birth_certificate", stranger)
    with pytest.raises(NotFound):
        county.document("XSE03.citizen_number")


def test_nobody_else_can_say_that_a_document_stands(county):
    county.begins().grants("XSE01").has("XSE01.birth_certificate")

    with pytest.raises(RendererOnly):
        county.client.as_(TESTER).command(
            RecordRendering(
                case_id=county.case,
                certificate="XSE01.birth_certificate",
                digest="0" * 64,
                size=1,
                media_type="text/plain",
                signer="me",
                key_id="k",
            )
        )

    assert county.rendering("XSE01.birth_certificate") is None


def test_erasure_makes_documents_unreadable_and_leaves_their_facts(county, on_demand):
    county.begins().grants("XSE01").grants("XSE03").has("XSE01.birth_certificate", "XSE03.citizen_number")
    county.document("XSE01.birth_certificate")
    before = county.output()

    def destroyed():
        try:
            county.client.as_(TESTER).command(DestroyCaseKey(case_id=county.case, reason="retention has ended"))
        except NotFound:
            return False
        return True

    eventually(destroyed)
    on_demand.host("certificate").instance.keyring.forget(
        before["certificates"]["XSE01.birth_certificate"]["rendering"]["key_id"]
    )

    for certificate in ("XSE01.birth_certificate", "XSE03.citizen_number"):
        with pytest.raises(Erased):
            county.document(certificate)
    assert county.output() == before


def test_documents_are_made_in_advance_and_none_is_lost_with_the_process(places):
    place = places / "eager"
    with House(SERVICES, place, rendering="on-demand") as house:
        for n in range(3):
            County(house, f"case-{n}").begins().grants("XSE01").has("XSE01.birth_certificate")

    with House(SERVICES, place, rendering="eager") as house:
        cases = [County(house, f"case-{n}") for n in range(3)]
        eventually(lambda: all(case.rendering("XSE01.birth_certificate") for case in cases))
        late = County(house, "late").begins().grants("XSE03").has("XSE03.citizen_number")
        eventually(lambda: late.rendering("XSE03.citizen_number"))

        assert late.rendering("XSE03.household_register") or eventually(
            lambda: late.rendering("XSE03.household_register")
        )


def test_one_that_cannot_be_made_does_not_keep_the_others_from_being_made(places):
    with House(SERVICES, places / "poisoned", rendering="eager") as house:
        sound = County(house, "sound").begins()
        nobody = County(house, "nobody")
        nobody.happens(
            BundleOpened,
            number=NUMBER,
            theme="XSE",
            catalogue=CATALOGUE.version,
            region="990102",
            standings={"XSE01": "selected"},
            expected=("XSE01",),
            hall="county",
        ).grants("XSE01").has("XSE01.birth_certificate")

        sound.grants("XSE01").has("XSE01.birth_certificate")

        eventually(lambda: sound.rendering("XSE01.birth_certificate"))
        assert nobody.rendering("XSE01.birth_certificate") is None


def issued(county, certificate):
    return county.output()["certificates"][certificate]["issued"]


def verify(county, **claim):
    return county.client.as_(Caller(by="anybody")).ask(VerifyCertificate(**claim))


class TestHeldAndReleased:
    """容缺: the certificate is held until everything is there."""

    def test_a_tolerant_grant_issues_nothing_until_it_is_confirmed(self, county):
        county.begins().grants("XSE01", tolerant=True).grants("XSE03").has("XSE03.citizen_number")
        assert "XSE01.birth_certificate" not in county.output()["certificates"]

        county.decides(ReviewConfirmed, "XSE01").has("XSE01.birth_certificate")


class TestADenial:
    def test_has_a_document_with_reasons_and_remedies(self, county):
        county.begins().decides(ReviewDenied, "XSE01", reasons="材料与事实不符", remedy="可以申请行政复议")
        county.has("XSE01.denial")

        words = text_of(county.document("XSE01.denial"))

        assert "材料与事实不符" in words
        assert "可以申请行政复议" in words
        assert HOLDER.name in words
        assert issued(county, "XSE01.denial")["number"] in words


class TestWaysOut:
    def test_the_address_is_sealed_with_the_key_of_the_case(self, county, on_demand):
        county.begins().grants("XSE01").has("XSE01.birth_certificate")

        county.client.command(AgreeOutput(case_id=county.case, method="post", address="云岭县城关街道9号"))

        store = on_demand.host("certificate").store
        stored = store.load([(county.case, 0)])[county.case]
        assert [topic for _, topic, _ in stored][-1] == "onething.output.agreed.v1"
        assert not any("云岭县城关街道9号".encode() in state for _, _, state in stored)
        assert county.output()["method"] == "post"
        again = county.client.command(AgreeOutput(case_id=county.case, method="post", address="云岭县城关街道9号"))
        assert again.version == len(stored)

    def test_the_address_is_read_at_the_exit_by_who_sends_the_package(self, county):
        county.begins().grants("XSE01").has("XSE01.birth_certificate")
        assert county.client.as_(CLERK).ask(GetAddress(case_id=county.case))["address"] == ""

        county.client.command(AgreeOutput(case_id=county.case, method="post", address="云岭县城关街道9号"))

        assert county.client.as_(CLERK).ask(GetAddress(case_id=county.case))["address"] == "云岭县城关街道9号"
        with refused(Forbidden):
            county.client.as_(msgspec.structs.replace(CLERK, hall="hall-2")).ask(GetAddress(case_id=county.case))

    def test_a_package_goes_by_post_into_a_locker_and_to_whom_it_is_for(self, county):
        county.begins().grants("XSE01").has("XSE01.birth_certificate")
        county.client.command(AgreeOutput(case_id=county.case, method="post", address="云岭县城关街道9号"))
        county.client.command(DispatchPackage(case_id=county.case, package="XSE01", method="post", tracking="E1"))
        county.client.command(RecallPackage(case_id=county.case, package="XSE01", reason="undeliverable"))
        county.client.command(
            DispatchPackage(case_id=county.case, package="XSE01", method="locker", cabinet="A", cell="3")
        )

        county.client.command(
            ConfirmDelivery(case_id=county.case, package="XSE01", identity_check="取件码", check="code")
        )

        (package,) = county.output()["packages"]
        assert (package["state"], package["method"], package["check"]) == ("handed_over", "locker", "code")

    def test_who_will_not_take_it_has_got_it(self, county):
        county.begins().grants("XSE01").has("XSE01.birth_certificate")

        county.client.command(RecordRefusal(case_id=county.case, identity_check="身份证", witness="王见证"))

        (package,) = county.output()["packages"]
        assert package["refused"] is True

    def test_an_agent_collects_under_a_mandate_and_under_no_other(self, county):
        county.begins().grants("XSE01").has("XSE01.birth_certificate")

        def collect(mandate, agent):
            command = HandOverPackages(case_id=county.case, check="mandate", mandate=mandate, agent=agent)
            return county.client.command(command).value

        for mandate, agent in (("m-2", "helper"), ("m-1", "stranger")):
            with refused(MandateRefused, mandate=mandate, reason="no-mandate"):
                collect(mandate, agent)
        assert collect("m-1", "helper") == {"packages": ["XSE01"]}

    def test_a_package_has_a_list_of_what_is_in_it(self, county):
        county.begins().grants("XSE03").has("XSE03.citizen_number")

        listed = county.client.ask(GetManifest(case_id=county.case, package="XSE03"))

        words = text_of(listed)
        for certificate in ("XSE03.household_register", "XSE03.citizen_number"):
            said = issued(county, certificate)
            assert said["number"] in words
            assert said["key"][:16] in words
        assert b"/ByteRange" in b64decode(listed["pdf"])
        with pytest.raises(Forbidden):
            county.client.as_(Caller(by="x", hall="bank", roles=("clerk",))).ask(
                GetManifest(case_id=county.case, package="XSE03")
            )
        with pytest.raises(NotFound):
            county.client.ask(GetManifest(case_id=county.case, package="XSE99"))


class TestThePickupLedger:
    def test_of_a_hall_adds_up(self, on_demand):
        """领取台账: issued = in store + on the way + handed over + called back."""
        first, second, third = (County(on_demand, f"ledger-{n}") for n in range(3))
        for each in (first, second, third):
            each.client = on_demand.client(Caller(by="clerk", hall="ledger-hall", roles=("clerk",)))
            each.begins(hall="ledger-hall").grants("XSE01").grants("XSE03").has("XSE01.birth_certificate")
            each.has("XSE03.citizen_number", "XSE03.household_register")
        first.client.command(HandOverPackages(case_id=first.case))
        second.client.command(
            DispatchPackage(case_id=second.case, package="XSE03", method="locker", cabinet="A", cell="3")
        )
        third.client.command(
            DispatchPackage(case_id=third.case, package="XSE01", method="locker", cabinet="A", cell="4")
        )
        third.client.command(RecallPackage(case_id=third.case, package="XSE01", reason="uncollected"))

        ledger = first.client.ask(PickupLedger(hall="ledger-hall"))

        assert ledger == {
            "hall": "ledger-hall",
            "issued": 9,
            "in_store": 3,
            "on_the_way": 2,
            "handed_over": 3,
            "called_back": 1,
        }
        assert first.client.ask(PickupLedger(hall="nowhere"))["issued"] == 0

        def listed(**asked):
            return first.client.ask(ListPickups(hall="ledger-hall", **asked))["pickups"]

        for place in ("in_store", "on_the_way", "handed_over", "called_back"):
            assert len(listed(place=place)) == ledger[place]
        out = listed(place="handed_over")
        assert {(row["case_id"], row["method"], row["by"]) for row in out} == {(first.case, "window", "clerk")}
        assert {row["certificate"] for row in out} == first.output()["certificates"].keys()
        assert [row["since"] for row in listed()] == sorted((row["since"] for row in listed()), reverse=True)
        today = local_date(datetime.fromisoformat(out[0]["since"]))
        assert listed(place="handed_over", since=today, until=today) == out
        assert listed(place="handed_over", until=today - timedelta(days=1)) == []
        assert first.client.ask(PickupLedger(hall="ledger-hall", since=today + timedelta(days=1)))["issued"] == 0
        until = first.client.ask(PickupLedger(hall="ledger-hall", since=date.min, until=date.max))
        assert until == ledger
        bank = first.client.as_(Caller(by="x", hall="bank", roles=("clerk",)))
        assert bank.ask(ListPickups(hall="ledger-hall"))["pickups"] == []

    def test_lacks_what_a_release_before_wrote_until_it_is_rebuilt_and_it_alone_does(self, county, on_demand):
        """An older release that runs beside writes ``certificates_v2`` alone, and reads it again after a rollback."""
        county.client = on_demand.client(Caller(by="clerk", hall="older-hall", roles=("clerk",)))
        county.begins(hall="older-hall").grants("XSE01").has("XSE01.birth_certificate")
        store, number = on_demand.host("certificate").store, issued(county, "XSE01.birth_certificate")["number"]
        with store.writing() as connection:
            connection.execute(sa.delete(PICKUPS.table).where(PICKUPS.c.case_id == county.case))

        assert CERTIFICATES.name == "certificates_v2"
        assert PICKUPS.name not in {CERTIFICATES.name, "certificates_v1"}
        assert county.client.ask(FindCertificates(number=number))
        assert county.client.ask(PickupLedger(hall="older-hall"))["issued"] == 1
        assert county.client.ask(ListPickups(hall="older-hall"))["pickups"] == []
        assert rebuild(Certificate, store, "pickups_v1").wrong == 1
        (row,) = county.client.ask(ListPickups(hall="older-hall"))["pickups"]
        assert (row["certificate"], row["place"]) == ("XSE01.birth_certificate", "in_store")


def test_the_answer_about_an_output_is_as_the_releases_before_understand_it(county):
    """Which refuse what they do not know: what the ledger alone needs is not in it."""
    county.begins().grants("XSE01").has("XSE01.birth_certificate")
    county.client.command(HandOverPackages(case_id=county.case, receipt="L-7"))

    (package,) = county.output()["packages"]

    assert package.keys() == {
        "package", "state", "certificates", "place", "method", "check", "refused", "carriage", "due_on", "remind_on",
    }  # fmt: skip


class TestVerification:
    """Public verification by code: identifier check, digest, signature, current status; nothing personal."""

    def test_by_each_way_says_that_it_is_genuine_and_in_force(self, county):
        county.begins().grants("XSE01").has("XSE01.birth_certificate")
        said = issued(county, "XSE01.birth_certificate")

        for claim in (
            {"code": f"{said['number']}\n{said['digest']}\n{said['seal']}"},
            {"identifier": said["identifier"]},
            {"number": said["number"], "digest": said["digest"]},
        ):
            found = verify(county, **claim)
            assert (found["found"], found["genuine"], found["in_force"]) == (True, True, True)
            assert (found["status"], found["status_code"], found["seal"]) == ("valid", "01", "right")
            assert found["title"] == said["title"]
            assert not {HOLDER.name, HOLDER.identifier, county.case} & set(map(str, found.values()))

    def test_the_code_that_is_scanned_from_the_page_is_what_it_takes(self, county):
        county.begins().grants("XSE01").has("XSE01.birth_certificate")
        pdf = b64decode(county.document("XSE01.birth_certificate")["pdf"])

        (scanned,) = zxingcpp.read_barcodes(pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil().convert("RGB"))

        assert verify(county, code=scanned.text)["in_force"] is True

    def test_a_wrong_digest_or_seal_shows_nothing(self, county):
        county.begins().grants("XSE01").has("XSE01.birth_certificate")
        said = issued(county, "XSE01.birth_certificate")

        digest = verify(county, number=said["number"], digest="sha256:00")
        seal = verify(county, code=f"{said['number']}\n{said['digest']}\nAAAA")

        assert digest == {"found": True, "digest": "wrong", "seal": "right"}
        assert seal == {"found": True, "digest": "right", "seal": "wrong"}

    def test_what_was_never_issued_is_not_found(self, county):
        sample = "1.2.156.3005.2.11990100MB0000019L001.11990102MB0000027C.20260723000001.001.E"

        assert verify(county, identifier=sample) == {"found": False, "identifier_check": "right"}
        assert verify(county, identifier=sample[:-1] + "F") == {"found": False, "identifier_check": "wrong"}
        assert verify(county, number="1", digest="sha256:00") == {"found": False}

    @pytest.mark.parametrize("claim", [{}, {"number": "1"}, {"digest": "d"}, {"code": "a\nb"}, {"code": " "}])
    def test_half_a_claim_is_none(self, county, claim):
        with pytest.raises(NothingToVerify):
            verify(county, **claim)

    def test_an_earlier_edition_names_the_one_that_replaces_it(self, county):
        county.begins().grants("XSE01").has("XSE01.birth_certificate")
        before = issued(county, "XSE01.birth_certificate")
        county.decides(DecisionCorrected, "XSE01", decision="n2", correction="姓名", approved_by="b")
        county.has("XSE01.birth_certificate.2")
        after = issued(county, "XSE01.birth_certificate.2")

        earlier, later = (verify(county, number=each["number"], digest=each["digest"]) for each in (before, after))

        assert before["number"] == after["number"]
        assert (earlier["status"], earlier["status_code"], "in_force" in earlier) == ("replaced", "05", False)
        assert earlier["replaced_by"] == {"number": after["number"], "identifier": after["identifier"], "edition": 2}
        assert (later["status"], later["edition"]) == ("valid", 2)

    def test_what_was_revoked_says_so_at_once(self, county):
        county.begins().grants("XSE01").has("XSE01.birth_certificate")
        said = issued(county, "XSE01.birth_certificate")
        county.decides(DecisionRevoked, "XSE01", ground="false_promise", reasons="r", remedy="m", approved_by="b")

        found = eventually(lambda: (now := verify(county, identifier=said["identifier"]))["status"] != "valid" and now)

        assert (found["status"], found["status_code"]) == ("revoked", "03")
        shown = county.output()["certificates"]["XSE01.birth_certificate"]
        assert (shown["state"], shown["status_code"]) == ("revoked", "03")


class TestTheSignedForm:
    def test_can_be_checked_by_anybody_with_the_issuers_key(self, county, on_demand):
        county.begins().grants("XSE01").has("XSE01.birth_certificate")

        signed = county.client.ask(GetSigned(case_id=county.case, certificate="XSE01.birth_certificate"))

        authorities = on_demand.host("certificate").instance.authorities
        keys = {signed["seal"]["key"]: authorities.public_key(signed["seal"]["key"])}
        assert verify_signed(signed, keys)
        assert signed["seal"]["key"] == authorities.signer("wjw").key_id or signed["data"]["issuer"] != "wjw"
        assert HOLDER.name not in str(signed)
        for changed in (
            {**signed, "data": {**signed["data"], "number": "1"}},
            {**signed, "digest": "sha256:00"},
            {**signed, "seal": {**signed["seal"], "value": "AAAA"}},
            {**signed, "seal": {**signed["seal"], "algorithm": "none"}},
            {},
        ):
            assert not verify_signed(changed, keys)
        assert not verify_signed(signed, {})

    def test_is_shown_like_the_document(self, county):
        county.begins().grants("XSE01").has("XSE01.birth_certificate")

        with pytest.raises(Forbidden):
            county.client.as_(Caller(by="x", roles=("reviewer",))).ask(
                GetSigned(case_id=county.case, certificate="XSE01.birth_certificate")
            )


def test_a_comprehensive_licence_is_signed_by_its_departments(county, on_demand):
    """一业一证 (S61a): of the theme CY in this region."""
    licence = CATALOGUE.theme("CY").comprehensive
    county.begins("integrated", theme="CY", items=licence.parts)
    for item in licence.parts:
        county.grants(item)
    name = f"CY.{licence.id}"
    county.concludes("granted").has(name)

    document = county.document(name)

    rendering = county.rendering(name)
    departments = dict.fromkeys(CATALOGUE.item(item).department for item in licence.parts)
    assert rendering["signer"].count("SIGNER") == len(departments) + 1
    assert b64decode(document["pdf"]).count(b"/ByteRange") == len(departments) + 1
    said = issued(county, name)
    found = verify(county, number=said["number"], digest=said["digest"])
    assert [part["status"] for part in found["parts"]] == ["valid"] * len(licence.parts)


def test_what_waits_too_long_at_the_exit_is_noticed(places):
    """行政许可法 第44条, by the durable deadline of the exit."""
    clock = SimulatedClock(datetime(2026, 7, 23, 2, tzinfo=UTC))
    with House(SERVICES, places / "waiting", rendering="on-demand", clock=clock) as house:
        county = County(house, "waiting").begins().grants("XSE01").has("XSE01.birth_certificate")
        (package,) = county.output()["packages"]
        assert package["due_on"] == "2026-08-06"

        clock.set(datetime(2026, 8, 7, 2, tzinfo=UTC))

        eventually(lambda: county.output()["packages"][0]["due_on"] is None)
        assert county.output()["packages"][0]["remind_on"] == "2026-08-21"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_thousand_certificates_do_not_wait_for_a_thousand_documents(places, monkeypatch):
    """Issuing goes on while the press stands still; afterwards every document is made, once."""
    latch = patcher.original("threading").Event()  # the press stands in a thread of the operating system
    made = []

    def held(document, signers, at):
        latch.wait()
        made.append(document.number)
        return document.number.encode()

    monkeypatch.setattr("certificate.press.printed", held)
    try:
        with House(SERVICES, places / "thousand", rendering="eager") as house:
            cases = [County(house, f"case-{n}") for n in range(334)]

            def granted(case):
                case.begins().grants("XSE01").grants("XSE03").concludes("granted")

            for _ in GreenPool(40).imap(granted, cases):
                pass
            ledger = PickupLedger(hall="county")
            client = house.client(CLERK)
            eventually(lambda: client.ask(ledger, attempts=10)["issued"] == 1002, within=100)
            assert made == []
            for _ in GreenPool(40).imap(lambda case: case.client.command(HandOverPackages(case_id=case.case)), cases):
                pass
            assert client.ask(ledger)["handed_over"] == 1002
            assert made == [], "not one document was made until here"

            latch.set()

            store = house.host("certificate").store
            waiting = sa.select(sa.func.count()).select_from(CERTIFICATES.table).where(CERTIFICATES.c.state == "issued")
            eventually(lambda: store.select(waiting)[0]["count_1"] == 0, within=100)
            assert len(made) == len(set(made)) == 1002
    finally:
        latch.set()


def test_every_refusal_has_words():
    mine = [error for error in OneThingError._known.values() if error.__module__.startswith("certificate.")]

    assert len(mine) == 15
    assert {error.code for error in mine} <= entries().keys()
