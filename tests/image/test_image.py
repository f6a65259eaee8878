"""The image, really built and run: hardened as in the chart, and one case from window to hand-over in it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import HARDENED, IMAGE, PATIENCE, ROOT, Podman, eventually, pinned


def test_it_says_what_it_is(about: dict[str, Any]) -> None:
    labels, config = about["Labels"], about["Config"]

    assert labels["org.opencontainers.image.version"] == "1.2.3"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.base.name"] == "localhost/debian:12"
    assert config["User"] == "10001:10001"
    assert config["Entrypoint"] == ["onething"]
    assert config["Cmd"] == ["up"]


def test_one_case_goes_through_it_from_the_window_to_the_hand_over(podman: Podman) -> None:
    done = podman(
        "run", "--rm", "--network=none", *HARDENED, IMAGE, "rehearse", "--cases=1", "--ledger", "--json", check=False
    )

    assert done.returncode == 0, done.stderr
    verdict = json.loads(done.stdout)
    assert verdict["passed"] is True
    assert verdict["cases"] == 1
    (closed,) = [each for each in verdict["checks"] if each["check"] == "every case is closed"]
    assert re.match(r"1 cases, [1-9]\d* documents", closed["detail"])  # typeset with the font that came along


def test_whoever_runs_it_can_do_little(podman: Podman) -> None:
    said = podman.python(
        "import os, re, pathlib\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(os.getuid(), os.getgid(), re.search(r'CapEff:\\s*(\\w+)', status)[1])\n"
        "for place in ('/opt/onething/x', '/etc/x', '/usr/x', '/var/lib/onething/x', '/tmp/x'):\n"
        "    try:\n"
        "        pathlib.Path(place).touch()\n"
        "        print(place)\n"
        "    except OSError:\n"
        "        pass\n"
    )

    identity, *writable = said.splitlines()
    assert identity == "10001 10001 0000000000000000"
    assert writable == ["/var/lib/onething/x", "/tmp/x"]  # noqa: S108 - in the container


def test_nothing_in_it_installs_anything(podman: Podman) -> None:
    said = podman.python(
        "import importlib.util, pathlib, shutil\n"
        "print(importlib.util.find_spec('pip'), shutil.which('pip'), pathlib.Path('/wheels').exists(),"
        " pathlib.Path('/build').exists())"
    )

    assert said.split() == ["None", "None", "False", "False"]


def test_its_list_names_everything_that_is_installed_in_the_version_that_is_pinned(podman: Podman) -> None:
    said = podman.python(
        "import json, importlib.metadata as m, pathlib\n"
        "bill = json.loads(pathlib.Path('/opt/onething/sbom.cdx.json').read_text())\n"
        "print(json.dumps([bill['bomFormat'], {c['name']: c['version'] for c in bill['components']},"
        " sorted(d.metadata['Name'] for d in m.distributions())]))"
    )
    form, listed, installed = json.loads(said)
    normal = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in listed.items()}
    there = {re.sub(r"[-_.]+", "-", name).lower() for name in installed}
    pins = pinned()

    assert form == "CycloneDX"
    assert there - normal.keys() == set()
    assert {name: version for name, version in normal.items() if pins.get(name, version) != version} == {}
    assert len(normal.keys() & pins.keys()) > 40


@pytest.fixture
def running(podman: Podman, tmp_path: Path) -> Iterator[str]:
    """A container that runs everything, as `docker run` does without arguments."""
    name = podman(
        "run", "--detach", "--network=none", *HARDENED, "--env=ONETHING_HEALTH_PORT=9090", IMAGE
    ).stdout.strip()
    yield name
    podman("rm", "--force", "--time=0", name, check=False)


def test_it_answers_and_stops_in_order(podman: Podman, running: str) -> None:
    ask = "import sys, urllib.request\nprint(urllib.request.urlopen(sys.argv[1], timeout=5).status)"

    def answers(address: str) -> bool:
        return podman("exec", running, "python", "-c", ask, address, check=False).stdout.strip() == "200"

    eventually(lambda: answers("http://127.0.0.1:9090/readyz"))
    assert answers("http://127.0.0.1:8080/api")
    podman("stop", f"--time={PATIENCE:.0f}", running)
    state = json.loads(podman("inspect", running).stdout)[0]["State"]

    assert state["ExitCode"] == 0, podman("logs", running).stderr[-2000:]


def test_a_wrong_setting_is_told_and_ends_it(podman: Podman) -> None:
    done = podman(
        "run",
        "--rm",
        "--network=none",
        *HARDENED,
        "--env=ONETHING_PROFILE=cluster",
        IMAGE,
        "run",
        "intake",
        check=False,
    )

    assert done.returncode == 4
    assert "AMQP_URI" in done.stderr


def test_the_chart_and_the_dockerfile_speak_of_the_same(about: dict[str, Any]) -> None:
    pod = (ROOT / "charts" / "onething" / "templates" / "_pod.tpl").read_text()

    assert f"runAsUser: {about['Config']['User'].partition(':')[0]}" in pod
    assert f"mountPath: {about['Config']['WorkingDir']}" in pod
