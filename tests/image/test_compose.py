"""The laptop's composition, really brought up: the image beside RabbitMQ and PostgreSQL, and cases through it."""

import json
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from . import engines
from .conftest import IMAGE, PATIENCE, ROOT, Podman, eventually

FILE = ROOT / "docker" / "compose.yaml"
COMPOSED = yaml.safe_load(FILE.read_text())["services"]
ENGINES = ("rabbitmq", "postgresql")
SERVICES = [name for name, each in COMPOSED.items() if each.get("command", [""])[0] == "run"]
STAGES = (["keys", *ENGINES], ["prepare"], SERVICES)
PROFILES = ("--profile=cluster", "--profile=rehearsal")
NETWORK = "onething-compose"

Compose = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def compose(podman: Podman) -> Iterator[Compose]:
    """`podman-compose` on the cluster's profile, in a network of its own that ends with it."""
    missing = [
        package for package, there in {
            "iproute2": shutil.which("ip"),
            "netavark": Path("/usr/lib/podman/netavark").exists(),
            "aardvark-dns": Path("/usr/lib/podman/aardvark-dns").exists(),
        }.items() if not there
    ]  # fmt: skip
    if missing:
        pytest.skip(f"not installed; type: sudo apt-get install --yes --no-install-recommends {' '.join(missing)}")
    engines.build(podman, {name: COMPOSED[name]["image"] for name in ENGINES})
    subprocess.run(["ip", "netns", "add", NETWORK], check=True)
    inside = ("nsenter", f"--net=/run/netns/{NETWORK}")  # `ip netns exec` would hide the control groups
    subprocess.run([*inside, "ip", "link", "set", "lo", "up"], check=True)
    options = (f"--podman-args={shlex.join(podman.options)}", f"--file={FILE}", *PROFILES)

    def compose(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*inside, "podman-compose", *options, *arguments],
            env=podman.environ | {"ONETHING_IMAGE": IMAGE},
            capture_output=True,
            text=True,
            check=False,
        )

    yield compose
    compose("down", "--volumes", "--timeout=30")
    subprocess.run(["ip", "netns", "delete", NETWORK], check=True)


def wait_until_healthy(podman: Podman, name: str) -> None:
    """Waits for the composition's own check, which podman asks by itself only where there is systemd."""
    verb, *check = COMPOSED[name].get("healthcheck", {}).get("test", ("NONE",))
    if verb == "CMD":
        eventually(lambda: podman("exec", f"onething_{name}_1", *check, check=False).returncode == 0)


def test_it_comes_up_and_cases_go_through_it_and_it_ends_in_order(compose: Compose, podman: Podman) -> None:
    for stage in STAGES:  # what waits for what is said by the file; podman before 4.6 can wait for nobody's health
        up = compose("up", "--detach", "--no-deps", *stage)
        assert up.returncode == 0, up.stderr[-3000:]
        ending = [f"onething_{name}_1" for name in stage if name in {"keys", "prepare"}]
        assert not ending or podman("wait", *ending).stdout.split() == ["0"]
        for name in stage:
            wait_until_healthy(podman, name)

    done = compose(
        "run", "--no-deps", "--rm", "rehearsal",
        "rehearse", "--cases=2", "--ledger", "--json", "--gateway=http://gateway:8080",
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:] + podman("ps", "--all").stdout
    verdict = json.loads(next(line for line in reversed(done.stdout.splitlines()) if line.startswith('{"passed"')))
    assert verdict["passed"] is True
    assert verdict["cases"] == 2
    assert "the gateway answers" in {each["check"] for each in verdict["checks"]}

    stopped = compose("stop", f"--timeout={PATIENCE:.0f}")

    assert stopped.returncode == 0, stopped.stderr[-3000:]
    ended = [line.split() for line in podman("ps", "--all", "--format={{.Names}} {{.Status}}").stdout.splitlines()]
    how = {name: status[:2] for name, *status in ended if any(f"_{each}_" in name for each in SERVICES)}
    assert len(how) == len(SERVICES)
    assert set(map(tuple, how.values())) == {("Exited", "(0)")}
