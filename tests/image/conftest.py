"""The image, built once for all tests without a registry: podman and runc on a base made of Debian packages."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BASE, IMAGE = "localhost/debian:12", "localhost/onething:test"
PROGRAMS = ("podman", "runc", "conmon", "mmdebstrap")
HARDENED = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--tmpfs=/tmp", "--memory=1g")
"""As the chart runs it."""
PATIENCE = 1800.0
"""Seconds that bound a wait and decide nothing."""
CONFIGURATION = """\
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
"""


def cannot() -> str:
    """Why no image can be built here, or ""."""
    missing = [each for each in PROGRAMS if shutil.which(each) is None]
    if missing:
        return f"not installed; type: sudo apt-get install --yes --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0:
        return "building without a registry wants root"
    return ""


def eventually(is_so: Callable[[], bool]) -> None:
    """Waits until it is so."""
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.5)


class Podman:
    """An engine with a store of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        configuration = directory / "containers.conf"
        configuration.write_text(CONFIGURATION)
        self.environ = os.environ | {"CONTAINERS_CONF": str(configuration), "TMPDIR": str(directory)}
        self.options = ("--root", str(directory / "root"), "--runroot", str(directory / "run"))

    def __call__(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["podman", *self.options, *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"podman {arguments[0]}: {done.stderr[-3000:]}"
        return done

    def python(self, code: str, *options: str) -> str:
        """What a line of Python says inside."""
        return self(
            "run", "--rm", "--network=none", *HARDENED, *options, "--entrypoint=python", IMAGE, "-c", code
        ).stdout


@pytest.fixture(scope="session")
def wheels() -> Path:
    """The wheels, made anew where the source is newer."""
    there = ROOT / ".tox" / "image-wheels"
    (own,) = list(there.glob("onething-*.whl")) or [None]
    newest = max(each.stat().st_mtime for top in ("libs", "services") for each in (ROOT / top).rglob("*.py"))
    if own is None or own.stat().st_mtime < newest:
        for each in there.glob("onething-*.whl"):
            each.unlink()
        subprocess.run([ROOT / "docker" / "wheels", sys.executable, there], check=True)
    return there


@pytest.fixture(scope="session")
def podman(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    """An engine that has the image; the build had no network."""
    if why := cannot():
        pytest.skip(why)
    base = ROOT / ".tox" / "image-base.tar"
    if not base.exists():
        half = base.with_suffix(".half.tar")
        made = subprocess.run(
            ["mmdebstrap", "--variant=minbase", "--include=ca-certificates,python3,python3-venv", "bookworm", half],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            pytest.skip(f"no base could be made of Debian's packages: {made.stderr[-500:]}")
        half.rename(base)
    directory = tmp_path_factory.mktemp("podman")
    engine = Podman(directory)
    context = directory / "context"
    shutil.copytree(wheels, context / "wheels")
    engine("import", "--quiet", str(base), BASE)
    engine(
        "build", "--quiet", "--network=none", f"--build-arg=BASE={BASE}", "--build-arg=VERSION=1.2.3",
        f"--file={ROOT / 'docker' / 'Dockerfile'}", f"--tag={IMAGE}", str(context),
    )  # fmt: skip
    if archive := os.environ.get("ONETHING_IMAGE_ARCHIVE"):
        _keep(engine, Path(archive))
    yield engine
    engine("rm", "--all", "--force", "--time=0", check=False)
    engine("rmi", "--all", "--force", check=False)
    subprocess.run(["umount", "--quiet", directory / "root" / "overlay"], check=False)


def _keep(engine: Podman, archive: Path) -> None:
    """The image under two names, as releases to be replaced by one another, and what holds a pod's namespaces."""
    pause = engine.directory / "Pause"
    pause.write_text(f'FROM {BASE}\nENTRYPOINT ["sleep", "infinity"]\n')
    engine("build", "--quiet", f"--file={pause}", "--tag=localhost/pause:1", str(engine.directory / "context"))
    names = ["localhost/onething:one", "localhost/onething:two"]
    for name in names:
        engine("tag", IMAGE, name)
    archive.unlink(missing_ok=True)
    engine("save", "--quiet", "--multi-image-archive", f"--output={archive}", *names, "localhost/pause:1")


@pytest.fixture(scope="session")
def about(podman: Podman) -> dict[str, Any]:
    """What the image says of itself."""
    found: dict[str, Any] = json.loads(podman("inspect", IMAGE).stdout)[0]
    return found


def pinned() -> dict[str, str]:
    """name → version of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    found = (re.match(r"([A-Za-z0-9._-]+)==(\S+)", line) for line in lines)
    return {re.sub(r"[-_.]+", "-", each[1]).lower(): each[2] for each in found if each}
