"""What docs/how-to/import-histories.md tells to write and to type works as it says."""

import json
import re
import shlex
from pathlib import Path

import pytest

from mining import mapping
from testkit.house import eventually

GUIDE = (Path(__file__).parents[2] / "docs" / "how-to" / "import-histories.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def commands(tmp_path, monkeypatch) -> list[list[str]]:
    """The commands of the guide, where its mapping and its log are."""
    monkeypatch.chdir(tmp_path)
    Path("mapping.yaml").write_text(blocks("yaml")[0], "utf-8")
    Path("log.csv").write_text(blocks("csv")[0], "utf-8")
    lines = [line for each in blocks("console") for line in each.splitlines()]
    return [shlex.split(line.removeprefix("onething ")) for line in lines]


def test_a_dry_run_needs_no_house_and_counts_what_the_guide_counts(typed, commands, tmp_path):
    done = typed(*commands[0], "--json", ONETHING_DATA_DIR=str(tmp_path / "nothing"))

    assert done.exit_code == 1, done.output
    told = json.loads(done.stdout)
    assert told["counts"] | {"rows": 8, "taken": 6, "ignored": 1, "quarantined": 1, "cases": 2} == told["counts"]
    assert told["quarantine"] == [{"row": 9, "reason": "time", "column": "办理时间"}]
    assert not (tmp_path / "nothing").exists()


def test_attributes_are_read_as_the_guide_writes_them():
    assert set(mapping.read("".join(blocks("yaml"))).attributes) == {"fee", "mood"}


def test_every_command_does_what_the_guide_says(house, typed, commands):
    known: dict[str, str] = {}

    def run(*words: str):
        return typed(*(known.get(word, word) for word in words), ONETHING_DATA_DIR=house.settings.data_dir)

    said = {}
    for words in commands[1:]:
        if words[0] == "import":
            done = run(*words)
            assert done.exit_code == 1, (words, done.output)
        else:  # what was imported is known to whoever is asked once they have followed
            done = eventually(lambda words=words: done if (done := run(*words)).exit_code == 0 else None)
        said[" ".join(words[:2])] = done.stdout
        if words[0] == "import":
            imports = json.loads(run("imports", "list", "--source", "old-approval", "--json").stdout)
            cases = json.loads(run("imports", "cases", "--original", "2019-000017", "--json").stdout)
            known = {"IMPORT": imports[0]["history"], "CASE": cases["cases"][0]["imported"]}

    assert said["imports quarantine"].splitlines()[1].startswith("9,办理时间,time,")
    compare = next(words for words in commands if words[:2] == ["imports", "compare"])
    eventually(lambda: "CY03" in run(*compare).stdout)  # insight follows
    assert "CY03" in said["imports show"]
    assert '"original" value="2019-000017"' in Path("old.xes").read_text("utf-8")
