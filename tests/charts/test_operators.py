"""Custom resources are what the operators take: by public models where a package has them, else by closed schemas."""

import copy
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from .conftest import BARE, CHART, PLATFORM, manifests, rendered

HERE = Path(__file__).parent
OURS = yaml.safe_load((HERE / "kinds.yaml").read_text())
KINDS = OURS["kinds"]
BUILT_IN = ("v1", "apps/v1", "batch/v1", "policy/v1", "autoscaling/v2", "networking.k8s.io/v1")

KEDA = {
    "autoscaling.type": "keda",
    "autoscaling.prometheusAddress": "http://p:9090",
    "autoscaling.prometheusSecret": "t",
}
ROUTE = {
    "gateway.httpRoute.enabled": "true",
    "gateway.httpRoute.hostnames[0]": "onething.example.org",
    "gateway.httpRoute.parentRefs[0].name": "public",
}
SNAPSHOTS = {"backups.method": "volumeSnapshot", "backups.snapshotClass": "fast"}
CASES: dict[str, tuple[Path, tuple[str, ...], tuple[tuple[str, Any], ...]]] = {
    "keda": (CHART, (), tuple({**BARE, **KEDA}.items())),
    "route": (CHART, (), tuple({**BARE, **ROUTE}.items())),
    "watched": (CHART, ("values-production.yaml",), ()),
    "platform, development": (PLATFORM, ("values-dev.yaml",), ()),
    "platform, production": (PLATFORM, ("values-production.yaml",), ()),
    "platform, snapshots": (PLATFORM, ("values-production.yaml",), tuple(SNAPSHOTS.items())),
}
SEEN = {
    "ScaledObject",
    "TriggerAuthentication",
    "HTTPRoute",
    "PodMonitor",
    "PrometheusRule",
    "Cluster",
    "ScheduledBackup",
} | {kind.partition(" ")[2] for kind in KINDS}


def kind_of(manifest: dict[str, Any]) -> str:
    return f"{manifest['apiVersion']} {manifest['kind']}"


def custom(case: str) -> Iterator[dict[str, Any]]:
    for each in manifests(rendered(*CASES[case])):
        if each["apiVersion"] not in BUILT_IN:
            yield each


def wrong_by_models(found: list[dict[str, Any]]) -> list[str]:
    """What the packages' models find; they know CloudNativePG 1.24, and one field of ours is newer."""
    place = os.environ.get("ONETHING_MODELS", "")
    assert place, "the models are not there; type: tox -e charts"
    node = shutil.which("node")
    assert node, "nodejs is not installed"
    known = copy.deepcopy(found)
    for each in known:
        for plugin in each.get("spec", {}).get("plugins", ()):
            assert plugin.pop("isWALArchiver") is True  # CloudNativePG 1.26
    done = subprocess.run(
        [node, str(HERE / "models.mjs"), place],
        input=json.dumps(known),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: list[str] = json.loads(done.stdout)
    return said


def test_what_operators_are_given_is_what_they_take() -> None:
    found = [each for case in CASES for each in custom(case)]
    public = [each for each in found if kind_of(each) not in KINDS]

    assert {each["kind"] for each in found} == SEEN
    assert not wrong_by_models(public)
    for each in found:
        if kind_of(each) in KINDS:
            jsonschema.validate(each["spec"], KINDS[kind_of(each)] | {"definitions": OURS["definitions"]})


@pytest.mark.parametrize("case", ["keda", "platform, production"])
def test_a_wrong_field_is_found(case: str) -> None:
    def spoilt() -> Iterator[dict[str, Any]]:
        for each in custom(case):
            if kind_of(each) not in KINDS:
                each["spec"]["misspelt"] = 1
                yield each

    bad = list(spoilt())

    assert len([each for each in wrong_by_models(bad) if "misspelt" in each]) == len(bad)


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_schemas_are_closed(kind: str) -> None:
    (some, *_) = [each for case in CASES for each in custom(case) if kind_of(each) == kind]
    some["spec"]["misspelt"] = 1

    with pytest.raises(jsonschema.ValidationError, match="misspelt"):
        jsonschema.validate(some["spec"], KINDS[kind] | {"definitions": OURS["definitions"]})
