"""Versions, documents, bundles and differences: the same content is the same catalogue everywhere."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec
import pytest
import yaml

import catalogue
from catalogue import Catalogue, DamagedDocument, diff, export, import_bundle, load
from catalogue.rules import GENERAL

LIBS = Path(catalogue.__file__).parents[1]


def test_a_version_is_sixteen_hexadecimal_digits_of_the_content() -> None:
    county = load("990102")

    assert len(county.version) == 16
    assert int(county.version, 16)
    assert load("990102", on=date(2025, 3, 3)).version == county.version
    assert load("990102", on=date(2025, 3, 3)).document() == county.document()


def test_another_process_finds_the_same_version() -> None:
    script = "import catalogue; print(catalogue.load('990102').version)"
    versions = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONPATH": str(LIBS), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert versions == {load("990102").version}


def test_one_changed_day_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "cy.yaml").write_text(
        "amends: CY\neffective: {from: 2025-01-01}\noverride: {items: {CY03: {promised: {days: 5, source: X}}}}\n",
        "utf-8",
    )
    before, after = load("990102"), load("990102", extra=[tmp_path])

    changes = diff(before, after)

    assert before.version != after.version
    assert [str(change) for change in changes] == [
        "~ themes/CY/items/CY03/promised/days: 6 → 5",
        "~ themes/CY/items/CY03/promised/source: 云岭县承诺时限清单（虚构） → X",
    ]


def test_a_difference_names_what_was_added_and_removed() -> None:
    province, county = load("990000"), load("990102")

    there, back = diff(province, county), diff(county, province)

    assert "+ organisations/sw-east: 云岭东城水务有限公司" in map(str, there)
    assert "- organisations/sw-east: 云岭东城水务有限公司" in map(str, back)
    assert "~ themes/SDQ/items/SDQ06/department: cgj → xzsp" in map(str, there)
    assert [change.path for change in there] == [change.path for change in back]
    assert diff(county, county) == []


def test_a_document_gives_the_same_catalogue_back() -> None:
    county = load("990102")

    copy = Catalogue.from_document(county.document())

    assert copy.version == county.version
    assert copy.document() == county.document()
    assert diff(county, copy) == []
    assert [q.id for q in copy.theme("SDQ").questions] == [q.id for q in county.theme("SDQ").questions]


def test_a_document_from_before_the_law_was_written_down_keeps_its_version() -> None:
    """Running cases hold on to the version that they were opened with; what the model has learned is left out."""
    (old,) = (Path(__file__).parent / "documents").iterdir()

    read = Catalogue.from_document(old.read_bytes())

    assert read.version == old.stem == "79a84703323ecce2"
    assert read.document() == old.read_bytes()
    assert read.rules == GENERAL
    assert read.theme("CY").cross_region == ("local",)


@pytest.mark.parametrize("region", ["000000", "990000", "990102"])
def test_every_layers_document_gives_the_same_version_back(region: str) -> None:
    whole = load(region)

    assert Catalogue.from_document(whole.document()).version == whole.version


@pytest.mark.parametrize(
    "damage",
    [
        lambda document: document.replace(b'"days":20', b'"days":21', 1),
        lambda document: document[:-1],
        lambda document: document.replace(b'"fictional":true', b'"fictional":false'),
        lambda document: document[:0],
    ],
)
def test_a_changed_document_is_refused(damage) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DamagedDocument):
        Catalogue.from_document(damage(load("990102").document()))


@pytest.mark.parametrize("name", ["bundle.json", "bundle.yaml", "bundle.yml"])
def test_a_bundle_travels_between_environments(tmp_path: Path, name: str) -> None:
    county = load("990102")

    export(county, tmp_path / name)
    arrived = import_bundle(tmp_path / name)

    assert arrived.version == county.version
    assert arrived.document() == county.document()


def test_a_bundle_can_be_read_by_people(tmp_path: Path) -> None:
    export(load("990102"), tmp_path / "bundle.yaml")

    text = (tmp_path / "bundle.yaml").read_text("utf-8")

    assert "开办餐饮店" in text
    assert yaml.safe_load(text)["format"] == "onething.catalogue/1"


def test_a_tampered_or_foreign_bundle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    export(load("990102"), path)
    content = msgspec.json.decode(path.read_bytes())

    broken: object
    for broken in (
        {**content, "format": "onething.catalogue/9"},
        {**content, "catalogue": {**content["catalogue"], "name": "别处"}},
        {"catalogue": content["catalogue"]},
        [],
    ):
        path.write_bytes(msgspec.json.encode(broken))
        with pytest.raises(DamagedDocument):
            import_bundle(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DamagedDocument):
        import_bundle(path)
