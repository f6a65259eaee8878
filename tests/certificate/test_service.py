"""certificate running: it follows approval, makes documents in advance or on demand, and hands over."""

from base64 import b64decode
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from pypdf import PdfReader

from catalogue import load
from certificate.domain import DocumentWithheld, RendererOnly
from certificate.service import Certificate
from contracts.approval import BundleConcluded, BundleOpened, ReviewGranted
from contracts.certificate import GetDocument, GetOutput, HandOverPackages, RecordRendering
from contracts.language import Caller
from contracts.vault import DestroyCaseKey
from contracts.words import entries
from eventing.errors import NotFound, OneThingError
from eventing.keyring import Erased
from testkit.house import House, eventually
from vault.service import Vault

from .neighbours import HOLDER, Approval, Intake, OpenForHolder, Publish

CATALOGUE = load("990102")
NUMBER = "YJS-990102-XSE-20260723-000001-M"
CLERK = Caller(by="clerk-7", hall="county", window="w1")


class County:
    """What people and the other services do."""

    def __init__(self, house: House, case: str) -> None:
        self.house = house
        self.client = house.client(CLERK)
        self.case = case

    def happens(self, kind, **body):
        fact = kind(case_id=self.case, at=datetime(2026, 7, 23, 2, tzinfo=UTC), by="someone", **body)
        cmd = Publish(case_id=self.case, topic=kind.TOPIC, body=msgspec.Raw(msgspec.json.encode(fact)))
        self.client.command(cmd, attempts=20)
        return self

    def begins(self, mode="itemised"):
        self.client.command(OpenForHolder(case_id=self.case), attempts=20)
        return self.happens(
            BundleOpened,
            number=NUMBER,
            theme="XSE",
            catalogue=CATALOGUE.version,
            region="990102",
            standings={"XSE01": "selected", "XSE03": "selected"},
            expected=("XSE01", "XSE03"),
            output_mode=mode,
            hall="county",
        )

    def grants(self, item):
        handler = CATALOGUE.item(item).department
        return self.happens(ReviewGranted, item=item, handler=handler, decision=f"{NUMBER}-{item}")

    def concludes(self, verdict):
        return self.happens(BundleConcluded, verdict=verdict)

    def output(self):
        answer = self.client.ask(GetOutput(case_id=self.case), attempts=10)
        certificates = {each["issued"]["certificate"]: each for each in answer["certificates"]}
        return answer | {"certificates": certificates}

    def has(self, *certificates):
        """Waits until these are issued."""

        def issued():
            try:
                return set(certificates) <= self.output()["certificates"].keys()
            except NotFound:
                return False

        eventually(issued)
        return self

    def document(self, certificate, caller=CLERK):
        return self.client.as_(caller).ask(GetDocument(case_id=self.case, certificate=certificate), timeout=20)

    def rendering(self, certificate):
        return self.output()["certificates"][certificate]["rendering"]


SERVICES = [Vault, Intake, Approval, Certificate]


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

    assert county.document("XSE01.birth_certificate", Caller(by="r", org="zcjg"))["pdf"]
    for stranger in (Caller(by="x"), Caller(by="x", hall="bank"), Caller(by="x", org="scjg")):
        with pytest.raises(DocumentWithheld):
            county.document("XSE01.birth_certificate", stranger)
    with pytest.raises(NotFound):
        county.document("XSE03.citizen_number")


def test_nobody_else_can_say_that_a_document_stands(county):
    county.begins().grants("XSE01").has("XSE01.birth_certificate")

    with pytest.raises(RendererOnly):
        county.client.command(
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
            county.client.command(DestroyCaseKey(case_id=county.case, reason="retention has ended"))
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
        ).grants("XSE01").has("XSE01.birth_certificate")

        sound.grants("XSE01").has("XSE01.birth_certificate")

        eventually(lambda: sound.rendering("XSE01.birth_certificate"))
        assert nobody.rendering("XSE01.birth_certificate") is None


def test_every_refusal_has_words():
    mine = [error for error in OneThingError._known.values() if error.__module__.startswith("certificate.")]

    assert len(mine) == 5
    assert {error.code for error in mine} <= entries().keys()
