"""一套材料: limits on files, editions, one instance for many, confidentiality, the scanner (issue 3, intake)."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from catalogue.model import Catalogue, Material, Role, Source
from catalogue.rules import GENERAL
from contents.folder import FolderContents
from contracts.intake import BroughtMaterial, GetCase, ReceiveMaterials
from eventing.errors import Refused, Unavailable
from intake.domain import outline_of
from intake.domain.material import (
    CertificateIdentifierWrong,
    FileInfected,
    FileTooLarge,
    ProvenanceUnclear,
    WrongMediaType,
    current,
    handling,
)
from intake.scanning import ClamAV, NoScanner, open_scanner, scanned
from testkit.facts import an_act, facts, refused

from .mothers import ANSWERS, CALENDAR, At, an_open_case, brought, catalogue_of, theme
from .neighbours import Office, opening, registering

ZZBS = "1.2.156.3005.2.11990100MB0000019L001.11990102MB0000027C.20260723000001.001.E"
"""The valid synthetic example."""


def scan(material: str = "food_form", digest: str = "sha256:1", **more: Any) -> BroughtMaterial:
    return BroughtMaterial(
        **{"material": material, "medium": "digital", "digest": digest, "size": 9, "media_type": "image/png", **more}
    )


def receive(here: At, *materials: BroughtMaterial, **scans: Any) -> At:
    here.case.receive(here.outline, materials, calendar=CALENDAR, scans=scans, act=an_act())
    return here


def governed(**materials: Any) -> Catalogue:
    """The small theme with other rules for its materials, under general limits of 1000 bytes."""

    def ruled(material: Material) -> Material:
        return replace(material, **materials.get(material.id, {}))

    items = tuple(replace(item, materials=tuple(map(ruled, item.materials))) for item in theme().items)
    plain = catalogue_of(theme(items=items))
    return Catalogue.of(
        **{
            name: getattr(plain, name)
            for name in ("region", "name", "fictional", "themes", "organisations", "certificates", "type_authority")
        },
        rules=replace(GENERAL, largest_file=1000),
    )


def a_case_under(rules: Catalogue) -> At:
    here = At(outline_of(rules, "SP", ANSWERS)).opened()
    return here.now()


# limits


@pytest.mark.parametrize(
    ("material", "size", "rules", "limit"),
    [
        ("food_form", 1001, {}, 1000),
        ("food_form", 11, {"food_form": {"largest_file": 10}}, 10),
        ("premises", 1001, {"premises": {"largest_file": 1000}}, 1000),
    ],
)
def test_a_file_beyond_the_limit_is_refused(material: str, size: int, rules: Any, limit: int) -> None:
    here = a_case_under(governed(**rules))

    with refused(FileTooLarge, materials={material: limit}):
        receive(here, scan(material, size=size), scan("fire_plans", digest="sha256:2"))
    assert facts(here.case) == []
    assert facts(receive(here, scan(material, size=limit)).case)


def test_a_material_may_be_larger_than_the_general_rule_says() -> None:
    here = a_case_under(governed(fire_plans={"largest_file": 5000}))

    assert facts(receive(here, scan("fire_plans", size=5000)).case)


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-msdownload", "image"])
def test_a_file_of_a_type_that_is_not_taken_in_is_refused(media_type: str) -> None:
    here = an_open_case()

    with refused(WrongMediaType, materials={"food_form": GENERAL.media_types}):
        receive(here, scan(media_type=media_type))
    assert facts(here.case) == []


@pytest.mark.parametrize("media_type", ["application/pdf", "IMAGE/JPEG", "image/png; charset=binary"])
def test_types_are_compared_without_parameters_and_case(media_type: str) -> None:
    assert facts(receive(an_open_case(), scan(media_type=media_type)).case)


def test_a_material_may_name_its_own_types() -> None:
    here = a_case_under(governed(fire_plans={"media_types": ("image/vnd.dwg",)}))

    with refused(WrongMediaType, materials={"fire_plans": ("image/vnd.dwg",)}):
        receive(here, scan("fire_plans"))
    assert facts(receive(here, scan("fire_plans", media_type="image/vnd.dwg")).case)


def test_paper_and_shared_data_are_no_files() -> None:
    here = an_open_case()

    receive(here, BroughtMaterial(material="food_form", size=10**12), *brought("business_licence"))

    assert len(here.case.copies) == 2


@over(
    largest=st.dictionaries(st.sampled_from(["SP03", "SP04"]), st.integers(1, 2000)),
    levels=st.dictionaries(
        st.sampled_from(["SP03", "SP04"]), st.sampled_from(["public", "internal", "personal", "sensitive"])
    ),
)
@settings(max_examples=40, deadline=None)
def test_one_instance_that_serves_many_items_keeps_the_strictest_rule(
    largest: dict[str, int], levels: dict[str, Any]
) -> None:
    shared = Material(id="plans", name="平面图", role=Role.MAIN, source=Source.APPLICANT)

    def ruled(item: str) -> Material:
        return replace(shared, largest_file=largest.get(item), confidentiality=levels.get(item, "personal"))

    items = tuple(
        replace(item, materials=(*item.materials, ruled(item.id))) if item.id in {"SP03", "SP04"} else item
        for item in theme().items
    )
    found = handling(outline_of(catalogue_of(theme(items=items)), "SP", ANSWERS), "plans")

    assert found.largest_file == min(largest.get(item, GENERAL.largest_file) for item in ("SP03", "SP04"))
    order = ["public", "internal", "personal", "sensitive"]
    assert order.index(found.confidentiality) == max(
        order.index(levels.get(item, "personal")) for item in ("SP03", "SP04")
    )


def test_the_level_of_confidentiality_goes_with_the_copy() -> None:
    here = a_case_under(governed(food_form={"confidentiality": "sensitive"}))

    assert [copy.confidentiality for copy in receive(here, scan(), scan("fire_plans", "sha256:2")).case.copies] == [
        "sensitive",
        "personal",
    ]


# provenance


def test_an_electronic_certificate_is_named_by_a_valid_identifier() -> None:
    here = an_open_case()
    wrong = BroughtMaterial(material="business_licence", medium="shared", provenance=f"prior:{ZZBS[:-1]}F")

    with refused(CertificateIdentifierWrong, materials={"business_licence": "check"}):
        receive(here, wrong)
    receive(here, replace(wrong, provenance=f"prior:{ZZBS}"))

    assert here.case.copies[0].provenance == f"prior:{ZZBS}"


def test_a_prior_result_may_also_have_a_plain_number() -> None:
    prior = BroughtMaterial(material="business_licence", medium="shared", provenance="prior:JY29901020000018")

    assert facts(receive(an_open_case(), prior).case)
    with refused(ProvenanceUnclear):
        receive(an_open_case(), replace(prior, provenance="prior:"))


# editions and instances


def test_a_newer_copy_is_the_next_edition_and_replaces() -> None:
    here = receive(receive(an_open_case(), scan()), scan(digest="sha256:2"))

    assert [(copy.copy, copy.edition, copy.replaces) for copy in here.case.copies] == [
        ("food_form-1", 1, ""),
        ("food_form-2", 2, "food_form-1"),
    ]
    assert [copy.copy for copy in current(here.case.copies)] == ["food_form-2"]


def test_an_item_is_accepted_with_what_came_last() -> None:
    here = an_open_case().filled().received("business_licence", "premises")
    receive(receive(here, scan()), scan(digest="sha256:2")).now()

    ((_, body),) = facts(here.accepted("SP03").case)

    assert body["items"][0]["materials"] == ("business_licence-1", "premises-1", "food_form-2")


def test_paper_says_itself_that_it_is_newer() -> None:
    paper = BroughtMaterial(material="food_form")
    here = receive(an_open_case(), paper)

    assert [copy.edition for copy in receive(here, paper).case.copies] == [1]
    assert [copy.edition for copy in receive(here, replace(paper, newer=True)).case.copies] == [1, 2]


def test_a_scan_stands_beside_its_original_and_the_files_of_one_act_beside_each_other() -> None:
    here = receive(an_open_case(), BroughtMaterial(material="food_form"))
    receive(here, scan(), scan(digest="sha256:2"))

    assert [copy.copy for copy in current(here.case.copies)] == ["food_form-1", "food_form-2", "food_form-3"]
    receive(here, scan(digest="sha256:3"))
    assert [copy.copy for copy in current(here.case.copies)] == ["food_form-1", "food_form-4"]


def test_the_same_bytes_for_another_material_are_one_instance() -> None:
    here = receive(an_open_case(), scan(), scan("fire_plans"))
    receive(here, scan("premises"))

    assert [(copy.copy, copy.same_as) for copy in here.case.copies] == [
        ("food_form-1", ""),
        ("fire_plans-1", "food_form-1"),
        ("premises-1", "food_form-1"),
    ]


@over(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(["food_form", "premises", "fire_plans"]), st.sampled_from("abcd")),
            max_size=3,
            unique=True,
        ),
        max_size=5,
    )
)
@settings(max_examples=40, deadline=None)
def test_what_counts_is_what_came_in_the_last_act_for_a_material(acts: list[list[tuple[str, str]]]) -> None:
    here = an_open_case()
    model: dict[str, set[str]] = {}
    seen: set[tuple[str, str]] = set()
    for act in acts:
        receive(here, *(scan(material, digest) for material, digest in act))
        news = [each for each in act if each not in seen]
        seen |= set(news)
        for material in {material for material, _ in news}:
            model[material] = {digest for each, digest in news if each == material}

    found: dict[str, set[str]] = {}
    for copy in current(here.case.copies):
        found.setdefault(copy.material, set()).add(copy.digest)
    assert found == model
    for copy in here.case.copies:
        first = next(each for each in here.case.copies if each.digest == copy.digest)
        assert copy.same_as == ("" if first.material == copy.material else first.copy)


# the scanner


def test_an_infected_file_keeps_everything_out() -> None:
    here = an_open_case()

    with refused(FileInfected, materials=["food_form"]):
        receive(here, scan(digest="bad"), scan("fire_plans", "good"), bad="infected", good="clean")
    assert facts(here.case) == []


def test_a_copy_says_whether_anybody_looked() -> None:
    seen, unseen = scan(digest="good"), scan("fire_plans", "unseen")
    here = receive(an_open_case(), seen, unseen, *brought("premises"), good="clean")

    assert [copy.scan for copy in here.case.copies] == ["clean", "not_scanned", "not_scanned"]


EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@contextmanager
def daemon(answer: bytes = b"") -> Iterator[tuple[str, list[bytes]]]:
    """A ClamAV daemon as far as INSTREAM goes: it finds the EICAR test file, or gives one fixed answer."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                body = b""
                while size := int.from_bytes(stream.read(4)):
                    body += stream.read(size)
                heard.append(body)
                found = b"stream: Eicar-Signature FOUND\0" if EICAR in body else b"stream: OK\0"
                connection.sendall(answer or found)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"clamd://127.0.0.1:{server.getsockname()[1]}", heard
    finally:
        server.close()


def test_clamav_is_sent_the_bytes_and_its_word_counts() -> None:
    with daemon() as (url, heard):
        scanner = open_scanner(url)
        large = [b"x" * 100_000, b"y" * 7]

        assert scanner.scan(large) == "clean"
        assert scanner.scan([EICAR[:20], EICAR[20:]]) == "infected"
    assert heard == [b"".join(large), EICAR]


def test_what_clamav_will_not_look_at_is_not_clean() -> None:
    with daemon(b"INSTREAM size limit exceeded. ERROR\0") as (url, _), pytest.raises(Unavailable):
        open_scanner(url).scan([b"x"])
    with daemon(b"\0") as (url, _), pytest.raises(Unavailable):
        open_scanner(url).scan([b"x"])


def test_a_scanner_that_is_away_is_unavailable_and_nothing_is_taken_in_unseen() -> None:
    with daemon() as (url, _):
        pass
    with pytest.raises(Unavailable):
        open_scanner(url).scan([b"x"])


def test_without_an_address_nobody_looks() -> None:
    assert isinstance(open_scanner(""), NoScanner)
    assert open_scanner("").scan([EICAR]) == "not_scanned"
    for wrong in ("clamd://nowhere", "http://x:1", "clamd:"):
        with pytest.raises(ValueError, match="clamd"):
            open_scanner(wrong)


def test_the_files_are_read_from_the_store(tmp_path: Any) -> None:
    contents = FolderContents(tmp_path)
    clean, bad = contents.put([b"hello"]).digest, contents.put([EICAR]).digest
    files = [scan(digest=f"sha256:{clean}"), scan(digest=bad), scan(digest="0" * 64), *brought("premises")]

    with daemon() as (url, _):
        assert scanned(open_scanner(url), contents, files) == {
            f"sha256:{clean}": "clean",
            bad: "infected",
            "0" * 64: "not_scanned",
        }
    assert scanned(NoScanner(), contents, files) == {}


def test_both_ways_of_bringing_files_are_scanned(office: Office, tmp_path: Any) -> None:
    office.running.service.contents = contents = FolderContents(tmp_path / "contents")
    bad, good = contents.put([EICAR]).digest, contents.put([b"hello"]).digest
    with daemon() as (url, _):
        office.running.service.scanner = open_scanner(url)
        with refused(FileInfected):
            office.send(registering(materials=(*brought("premises"), scan(digest=bad))))
        office.send(opening())
        with refused(FileInfected):
            office.send(ReceiveMaterials(case_id="c1", materials=(scan(digest=bad),)))
        office.send(ReceiveMaterials(case_id="c1", materials=(scan(digest=good),)))

    (copy,) = office.ask(GetCase(case_id="c1"))["materials"]
    assert copy["scan"] == "clean"


def test_a_daemon_that_hangs_up_is_not_believed() -> None:
    with daemon(b"stream: ") as (url, _), pytest.raises(Unavailable):
        open_scanner(url).scan([b"x"])
    assert isinstance(open_scanner("clamd://clamav:3310"), ClamAV)
    assert issubclass(FileInfected, Refused)
