"""The command line: what it prints, where, and what it tells the shell."""

import json
from pathlib import Path

import jsonschema
import pytest

from console.output import Exit
from console.services import SERVICES


def lines(text):
    return [line for line in text.splitlines() if line.strip()]


def test_help_names_every_command_and_the_exit_codes(onething):
    told = onething("--help")

    assert told.returncode == Exit.DONE
    for name in (
        "up",
        "run",
        "prepare",
        "demo",
        "case",
        "replay",
        "catalogue",
        "parked",
        "bench",
        "schema",
        "status",
    ):
        assert f" {name} " in told.stdout
    assert "130" in told.stdout


@pytest.mark.parametrize("wrong", [("nosuch",), ("run", "nosuch"), ("case", "show"), ("bench", "w1", "--cases", "0")])
def test_wrong_usage_is_told_on_the_error_stream(onething, wrong):
    told = onething(*wrong)

    assert told.returncode == Exit.USAGE
    assert told.stdout == ""
    assert told.stderr


def test_the_status_has_a_row_for_every_service_and_says_which_was_not_started(onething, tmp_path):
    told = onething("status", "--json", "--data-dir", tmp_path)

    assert told.returncode == Exit.DONE, told.stderr
    rows = {each["service"]: each for each in json.loads(told.stdout)}
    assert list(rows) == list(SERVICES)
    assert {name: row["error"] for name, row in rows.items() if "error" in row} == {"gateway": "not-started"}
    assert rows["casefile"]["lag"].keys() == set(SERVICES) - {"gateway"}
    assert "no instance runs" in told.stderr


def test_the_shipped_catalogue_is_sound(typed):
    told = typed("catalogue", "check", "--json")

    assert told.exit_code == Exit.DONE
    assert not [each for each in json.loads(told.stdout) if each["severity"] == "error"]


def test_an_unsound_catalogue_is_a_failure_and_names_the_file(typed, tmp_path):
    (tmp_path / "broken.yaml").write_text("theme: XX\nname: nothing else\n")

    told = typed("catalogue", "check", "--catalogue", tmp_path)

    assert told.exit_code == Exit.REFUSED
    assert "broken.yaml" in told.stderr


def test_a_theme_and_an_item_can_be_looked_at(typed):
    theme = json.loads(typed("catalogue", "show", "XSE", "--json").stdout)
    item = typed("catalogue", "show", "xse01")

    assert [each["id"] for each in theme["items"]][:2] == ["XSE01", "XSE02"]
    assert "出生医学证明" in item.stdout
    assert typed("catalogue", "show", "ZZ99").exit_code == Exit.REFUSED


def test_a_catalogue_travels_as_a_file_and_a_changed_one_is_refused(typed, tmp_path):
    file = tmp_path / "catalogue.json"
    assert typed("catalogue", "export", file).exit_code == Exit.DONE

    brought = typed("catalogue", "import", file, "--to", tmp_path / "kept", "--json")
    same = typed("catalogue", "diff", "990102", file)
    file.write_text(file.read_text("utf-8").replace("新生儿出生", "新生儿登记"), "utf-8")
    changed = typed("catalogue", "import", file)

    assert brought.exit_code == Exit.DONE
    value = json.loads(brought.stdout)
    assert value["changes"] == []
    assert Path(value["kept"]).exists()
    assert same.exit_code == Exit.DONE
    assert changed.exit_code == Exit.REFUSED


def test_a_difference_is_told_value_by_value(typed, tmp_path):
    file = tmp_path / "nation.yaml"
    typed("catalogue", "export", file, "--region", "000000")

    told = typed("catalogue", "diff", file, "990102", "--json")

    assert told.exit_code == Exit.REFUSED
    assert {change["kind"] for change in json.loads(told.stdout)} >= {"added", "changed"}


@pytest.mark.parametrize(("kind", "known"), [("events", "onething.case.opened.v1"), ("commands", "intake/register")])
def test_the_published_language_is_json_schema(typed, kind, known):
    document = json.loads(typed("schema", kind).stdout)

    jsonschema.Draft202012Validator.check_schema({"$defs": document["$defs"]})
    name = document["messages"][known]["$ref"].removeprefix("#/$defs/")
    assert document["$defs"][name]["description"]
    assert len(document["messages"]) > 25


def test_a_service_without_configuration_says_everything_that_is_missing(onething):
    told = onething("run", "intake")

    assert told.returncode == Exit.CONFIGURATION
    for setting in ("AMQP_URI", "DATABASE_URL", "CONTENTS_URL", "ONETHING_SECRET_KEY_FILE"):
        assert setting in told.stderr


def test_no_secret_is_ever_printed(onething, tmp_path):
    (tmp_path / "secret").write_text("5a" * 32)
    told = onething(
        "prepare",
        "vault",
        "--patience",
        "1",
        ONETHING_PROFILE="cluster",
        AMQP_URI="amqp://user:hunter2@127.0.0.1:1//",
        DATABASE_URL="postgresql+psycopg://user:hunter2@127.0.0.1:1/{service}",
        CONTENTS_URL=tmp_path.as_uri(),
        ONETHING_SECRET_KEY_FILE=str(tmp_path / "secret"),
    )

    assert told.returncode == Exit.UNAVAILABLE
    assert "waiting for the database of vault" in told.stderr
    assert "hunter2" not in told.stdout + told.stderr


@pytest.mark.slow
def test_a_quiet_house_is_started_for_a_question_and_gone_after_it(onething, tmp_path):
    first = onething("case", "list", "--json", "--data-dir", tmp_path / "house")
    missing = onething("case", "show", "nothing", "--data-dir", tmp_path / "house")

    assert json.loads(first.stdout)["cases"] == []
    assert first.stderr == ""
    assert missing.returncode == Exit.REFUSED
    assert "not-found" in missing.stderr
    assert missing.stdout == ""


@pytest.mark.slow
def test_the_demo_closes_every_case_and_leaves_what_it_says(onething, tmp_path):
    house = tmp_path / "house"

    told = onething("demo", "--once", "--data-dir", house)

    assert told.returncode == Exit.DONE, told.stdout[-3000:] + told.stderr[-3000:]
    assert told.stderr == ""
    cases = json.loads(onething("case", "list", "--json", "--data-dir", house).stdout)["cases"]
    assert sorted((each["theme"], each["outcome"]) for each in cases) == [
        ("CY", "partly"),
        ("SDQ", "granted"),
        ("TX", "granted"),
        ("XSE", "granted"),
    ]
    documents = list((house / "documents").rglob("*.pdf"))
    assert len(documents) > 20
    assert all(str(file) in told.stdout and file.read_bytes().startswith(b"%PDF-") for file in documents)
    number = cases[0]["number"]
    verified = onething("case", "history", number, "--verify", "--json", "--data-dir", house)
    assert json.loads(verified.stdout)["verified"]["verified"]
