"""The chart as Helm renders it, for each set of values; nothing here needs a cluster."""

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "onething"
PLATFORM = ROOT / "charts" / "platform"
BARE = {
    "broker.existingSecret": "b",
    "database.existingSecret": "d",
    "keys.existingSecret": "k",
    "signing.existingSecret": "s",
    "contents.url": "s3://contents",
}
"""The least that must be said."""

Manifest = dict[str, Any]


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs Helm; whoever asks looks at what it said."""
    program = shutil.which("helm")
    assert program, "helm is not there; type: tox -e charts"
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


@functools.cache
def rendered(chart: Path, values: tuple[str, ...] = (), sets: tuple[tuple[str, Any], ...] = ()) -> str:
    """What ``helm template`` makes of a chart; once for the same question."""
    options = [f"--values={chart / each}" for each in values] + [f"--set={name}={value}" for name, value in sets]
    done = helm("template", "rel", str(chart), "--namespace", "onething", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def manifests(text: str) -> list[Manifest]:
    """The manifests of a rendered chart."""
    return [each for each in yaml.load_all(text, yaml.CSafeLoader) if each]


@pytest.fixture(scope="session")
def render() -> Callable[..., list[Manifest]]:
    """Manifests of the chart: ``render(values file, **{"path.of": value})``."""

    def render(values: str = "", **sets: Any) -> list[Manifest]:
        wanted = sets if values else {**BARE, **sets}
        return manifests(rendered(CHART, (values,) if values else (), tuple(wanted.items())))

    return render


kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)
"""It would read megabytes of schemas for every manifest."""


@functools.cache
def _is_valid(manifest: str, version: str) -> bool:
    kubernetes_validate.validate(json.loads(manifest), version, strict=True)
    return True


def check_strictly(found: Iterable[Manifest], version: str) -> None:
    """Fails where Kubernetes of this version does not know a manifest, or a field of it."""
    for manifest in found:
        assert _is_valid(json.dumps(manifest), version)


def checkov(file: Path, framework: str) -> list[dict[str, Any]]:
    """What checkov finds wrong with a file."""
    program = shutil.which("checkov")
    assert program, "checkov is not there; type: tox -e charts"
    done = subprocess.run(
        [program, "--file", str(file), "--framework", framework, "--output", "json", "--quiet", "--compact"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "BC_API_KEY": ""},
    )
    said = json.loads(done.stdout)
    assert "results" in said, f"checkov looked at nothing: {said}"
    failed: list[dict[str, Any]] = said["results"]["failed_checks"]
    return failed


@pytest.fixture(scope="session")
def refused() -> Callable[..., str]:
    """What Helm says to values that it does not take."""

    def refused(**sets: Any) -> str:
        done = helm("template", "rel", str(CHART), *(f"--set={name}={value}" for name, value in sets.items()))
        assert done.returncode != 0, "Helm took them"
        return done.stderr

    return refused
