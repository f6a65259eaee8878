"""The Dockerfile as linters read it, and a laptop's composition of the same image."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from .conftest import ROOT, checkov
from .test_onething import SERVICES

DOCKER = ROOT / "docker"
COMPOSED = yaml.safe_load((DOCKER / "compose.yaml").read_text())
OURS = {name: each for name, each in COMPOSED["services"].items() if name not in {"rabbitmq", "postgresql"}}
ACCEPTED = {
    "CKV_DOCKER_2": "health is asked for over HTTP by whoever runs it, on a port that is off unless it is set",
    "CKV_DOCKER_7": "the base is a build argument, and what it is by default has a tag",
}


def test_hadolint_finds_nothing() -> None:
    program = shutil.which("hadolint")
    assert program, "hadolint is not there; type: tox -e charts"
    done = subprocess.run([program, DOCKER / "Dockerfile"], capture_output=True, text=True, check=False)

    assert not done.stdout
    assert done.returncode == 0


def test_hadolint_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\nRUN cd /tmp && apt-get install curl\n")
    done = subprocess.run(["hadolint", tmp_path / "Dockerfile"], capture_output=True, text=True, check=False)

    assert done.returncode != 0


def test_checkov_finds_nothing_that_is_not_explained() -> None:
    found = checkov(DOCKER / "Dockerfile", "dockerfile")

    assert {each["check_id"] for each in found} == set(ACCEPTED)


def test_the_image_is_made_of_wheels_alone() -> None:
    kept = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    copied = [
        line.split()[-2] for line in (DOCKER / "Dockerfile").read_text().splitlines() if line.startswith("COPY wheels")
    ]

    assert kept == ["*", "!wheels"]
    assert copied == ["wheels"]


def test_every_service_of_the_house_is_composed() -> None:
    run = {each["command"][1] for each in OURS.values() if each.get("command", [""])[0] == "run"}
    databases = (DOCKER / "databases.sql").read_text().split()

    assert sorted(run) == SERVICES
    assert sorted(word.removeprefix("onething_").rstrip(";") for word in databases[2::3]) == SERVICES


@pytest.mark.parametrize("name", OURS)
def test_each_is_hardened(name: str) -> None:
    each = OURS[name]

    assert each["read_only"] is True
    assert each["cap_drop"] == ["ALL"]
    assert each["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in each.get("ports", ()))


def test_only_vault_is_told_where_the_key_of_keys_is() -> None:
    assert {name for name, each in OURS.items() if "VAULT_KEK" in each.get("environment", {})} == {"vault"}
