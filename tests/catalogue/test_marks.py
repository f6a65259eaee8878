"""A locality sees what it still has to configure, and what nobody has looked up yet."""

from pathlib import Path

import pytest

from catalogue import load, open_marks
from catalogue.marks import KNOWLEDGE, Mark

NATION, COUNTY = load("000000"), load("990102")


def test_a_placeholder_is_listed_with_its_path_and_value() -> None:
    marks = open_marks(NATION)

    assert Mark("themes/CY/items/CY03/promised", "placeholder", "7", "") in marks
    assert Mark("rules/draft_kept", "placeholder", "30", "") in marks
    assert Mark("themes/CY/items/CY05/commitment/rectify_within", "placeholder", "10", "") in marks
    assert Mark("themes/JYRX/items/JYRX01/periods/0", "placeholder", "2024-01-16/2099-12-31", "") in marks
    assert Mark("rules/retention", "placeholder", "30", "") in marks
    assert Mark("themes/XSE/items/XSE01/retention", "placeholder", "permanent", "") in marks
    assert Mark("themes/SDQ/items/SDQ06/fee", "placeholder", "600.00", "") in open_marks(COUNTY)
    assert Mark("themes/CY/links/notice", "placeholder", "15", "") in open_marks(COUNTY)


def test_what_is_only_known_is_listed_with_its_source() -> None:
    marks = open_marks(NATION)

    assert Mark("themes/CY/items/CY03/prolongation", "knowledge", "5", "K") in marks
    assert Mark("themes/QYZX/items/QYZX01/waits/creditors_notice", "knowledge", "45", "S27(K)") in marks
    assert Mark("themes/QYBG/items/QYBG02", "knowledge", "企业印章刻制(变更)", "K(m)") in marks


def test_what_has_a_source_is_not_listed() -> None:
    paths = {mark.path for mark in open_marks(COUNTY)}

    assert "themes/CY/items/CY03/promised" not in paths
    assert "themes/CY/items/CY05/promised" not in paths
    assert "rules/decision" not in paths
    assert "themes/CY/items/CY06/retention" not in paths


def test_what_a_layer_configures_is_off_the_list(tmp_path: Path) -> None:
    (tmp_path / "layer.yaml").write_text(
        "layer: local\nregion: '990102'\nname: 某县\neffective: {from: 2025-01-01}\n"
        "rules: {amber_percent: 75, draft_kept: {days: 90, source: 本县办法}}\n",
        "utf-8",
    )
    before = {mark.path for mark in open_marks(COUNTY)}

    after = {mark.path for mark in open_marks(load("990102", extra=[tmp_path]))}

    assert before - after == {"rules/amber_percent", "rules/draft_kept"}


def test_every_placeholder_and_every_k_of_the_files_is_found() -> None:
    """Counted in the text of the nation's files, without reading them as a catalogue."""
    directory = Path(__file__).parents[2] / "libs/catalogue/data/national"
    text = "\n".join(
        line.split("#")[0] for path in directory.rglob("*.yaml") for line in path.read_text("utf-8").splitlines()
    )
    marks = open_marks(NATION)

    placeholders = [mark for mark in marks if mark.kind == "placeholder" and mark.path.count("/") > 1]
    general = [mark for mark in marks if mark.kind == "placeholder" and mark.path.count("/") == 1]
    assert len(placeholders) + len(general) == text.count("placeholder: true") + 3
    known = text.count("source: K") + text.count("source: S27(K)")
    assert len([mark for mark in marks if mark.kind == "knowledge" and "sources" not in mark.path]) >= known
    assert known > 30


@pytest.mark.parametrize(
    ("source", "marked"),
    [("K", True), ("K(m)", True), ("S71(时限K)", True), ("S27(K)", True), ("S13", False), ("行政许可法", False),
     ("KTV", False), ("OK", False)],
)  # fmt: skip
def test_the_mark_of_general_knowledge_is_a_k_of_its_own(source: str, marked: bool) -> None:
    assert bool(KNOWLEDGE.search(source)) is marked
