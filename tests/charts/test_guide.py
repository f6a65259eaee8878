"""What `docs/how-to/run-on-a-cluster.md` says to type and to write, as Helm and a shell read it; nothing is missing."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT, Manifest, check_strictly, manifests
from .test_onething import CUSTOM, SERVICES

PAGE = (ROOT / "docs" / "how-to" / "run-on-a-cluster.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The page's blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def typed(program: str, *words: str) -> list[str]:
    """The one line of the page that begins so, in its words; what is piped on is left out."""
    lines = [line for block in blocks("console") for line in block.splitlines()]
    (found,) = [line for line in lines if line.split()[: 1 + len(words)] == [program, *words]]
    return shlex.split(found.partition("|")[0])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where somebody has followed the page: the charts, `county.yaml`, and what a shell was told to do."""
    directory = tmp_path_factory.mktemp("guide")
    (directory / "charts").symlink_to(ROOT / "charts")
    (county,) = blocks("yaml")
    (directory / "county.yaml").write_text(county)
    for name in ("credentials", "tls.crt", "tls.key", "ca.pem"):
        (directory / name).touch()
    told = directory / "bin" / "kubectl"
    told.parent.mkdir()
    told.write_text('#!/bin/sh\nprintf "%s\\n" "$*" >>"$TOLD"\n')
    told.chmod(0o755)
    environ = {**os.environ, "PATH": f"{told.parent}:{os.environ['PATH']}", "TOLD": str(directory / "told")}
    *wanted, _ = blocks("sh")  # the last is for those without Kubernetes
    done = subprocess.run(
        ["sh", "-euc", "\n".join(wanted)], cwd=directory, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return directory


def rendered(place: Path, *words: str) -> list[Manifest]:
    """The manifests of what the page has Helm do, in the line that begins so."""
    line = ["helm", "template", *typed("helm", *words)[2:]]
    done = subprocess.run(line, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return manifests(done.stdout)


def made(place: Path) -> dict[str, dict[str, set[str]]]:
    """Namespace → Secret or ConfigMap that the page makes → its keys."""
    found: dict[str, dict[str, set[str]]] = {}
    for line in (place / "told").read_text().splitlines():
        words = line.split()
        if "create" not in words or "namespace" in words:
            continue
        space = words[words.index("--namespace") + 1]
        name = words[words.index("create") + (2 if "configmap" in words else 3)]
        keys = {"tls.crt", "tls.key"} if "tls" in words else set()
        for each in words:
            if each.startswith("--from-literal="):
                keys.add(each.split("=")[1])
            elif each.startswith("--from-file="):
                file = place / each.partition("=")[2]
                keys |= {inner.name for inner in file.iterdir()} if file.is_dir() else {file.name}
                assert file.exists(), line
        found.setdefault(space, {}).setdefault(name, set()).update(keys)
    return found


def named(found: Any) -> Iterator[tuple[str, str]]:
    """(Secret or ConfigMap, a key of it that is wanted or nothing), of volumes."""
    if isinstance(found, dict):
        for kind, name in (("secret", "secretName"), ("secret", "name"), ("configMap", "name")):
            volume = found.get(kind)
            if isinstance(volume, dict) and name in volume and not volume.get("optional"):
                yield volume[name], ""
                yield from ((volume[name], item["key"]) for item in volume.get("items", ()))
        for each in found.values():
            yield from named(each)
    elif isinstance(found, list):
        for each in found:
            yield from named(each)


@pytest.mark.parametrize("verb", ["install", "upgrade"])
def test_the_least_that_is_said_installs(place: Path, verb: str) -> None:
    found = rendered(place, verb, "county")
    own = {each["metadata"]["name"] for each in found if each["kind"] == "ConfigMap"}
    there = made(place)["halls"]

    assert {each["metadata"]["namespace"] for each in found} == {"halls"}
    assert {each["metadata"]["name"] for each in found if each["kind"] == "Deployment"} == {
        f"county-{name}" for name in SERVICES
    }
    for name, key in named([each["spec"] for each in found if "spec" in each]):
        if name not in own:
            assert name in there, f"{name} is not made on the page"
            assert not key or key in there[name], f"{name} has no {key}"
    (ingress,) = [each["spec"] for each in found if each["kind"] == "Ingress"]
    assert ingress["tls"][0]["secretName"] in there
    check_strictly([each for each in found if each["kind"] not in CUSTOM], "1.34")


def test_the_image_that_is_pushed_is_the_one_that_is_installed(place: Path) -> None:
    (*_, pushed) = typed("docker", "push")
    build = typed("docker", "build")
    images = {
        each["spec"]["template"]["spec"]["containers"][0]["image"]
        for each in rendered(place, "install", "county")
        if each["kind"] in {"Deployment", "Job"}
    }

    assert images == {pushed}
    assert build[build.index("--tag") + 1] == pushed
    assert f"VERSION={pushed.rpartition(':')[2]}" in build


def test_the_policies_let_through_the_ports_of_the_addresses(place: Path) -> None:
    found = {
        port["port"]
        for each in rendered(place, "install", "county")
        if each["kind"] == "NetworkPolicy" and each["metadata"]["name"] == "county-delegation"
        for rule in each["spec"]["egress"]
        for port in rule["ports"]
    }
    broker = re.findall(r"amqps://\S+?:(\d+)/", PAGE)
    databases = [file.read_text() for file in (place / "databases").iterdir()]

    assert {int(port) for port in broker} == found - {53, 5432} == {5671}
    assert {re.findall(r":(\d+)/", each)[0] for each in databases} == {"5432"}


def test_every_service_has_its_two_addresses_and_its_database(place: Path) -> None:
    statements = (place / "databases.sql").read_text()

    for name in SERVICES:
        own, owner = (place / "databases" / name).read_text(), (place / "owners" / name).read_text()
        assert own.startswith(f"postgresql+psycopg://onething_{name}:")
        assert owner.startswith(f"postgresql+psycopg://onething_{name}_owner:")
        assert own.endswith(f"/onething_{name}?sslmode=verify-full&sslrootcert=/etc/onething/trust/ca.pem")
        assert f"CREATE DATABASE onething_{name} OWNER onething_{name}_owner" in statements
        for address in (own, owner):
            assert f"PASSWORD '{address.split(':')[2].partition('@')[0]}'" in statements
    assert sorted(each.name for each in (place / "databases").iterdir()) == SERVICES


def test_the_engines_know_who_comes_and_find_their_secrets(place: Path) -> None:
    found = rendered(place, "install", "engines")
    there = made(place)["engines"]
    (cluster,) = [each["spec"] for each in found if each["kind"] == "Cluster"]
    roles = {each["name"]: each["passwordSecret"]["name"] for each in cluster["managed"]["roles"]}
    users = {each["spec"]["importCredentialsSecret"]["name"] for each in found if each["kind"] == "User"}
    told = (place / "told").read_text()
    came = {
        peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        for each in found
        if each["kind"] == "NetworkPolicy"
        for rule in each["spec"]["ingress"]
        for peer in rule["from"]
        if "podSelector" in peer and "namespaceSelector" in peer
    }

    assert came == {"halls"}
    assert {*roles.values(), *users} == there.keys()
    for role, name in roles.items():
        assert f"{name} --type=kubernetes.io/basic-auth --from-literal=username={role} " in told
    assert {name for keys in there.values() for name in keys} == {"username", "password"}
    assert sorted(made(place)["halls"]["onething-broker"] - {"AMQP_URI"}) == sorted([*SERVICES, "rehearsal"])
    names = {each["metadata"]["name"] for each in found if each["kind"] in {"RabbitmqCluster", "Cluster"}}
    assert {"engines-broker", "engines-database"} == names  # by which `ca.pem` and the addresses know them


def test_the_operator_is_one_pod(place: Path) -> None:
    (pod,) = rendered(place, "template", "county")

    assert (pod["kind"], pod["metadata"]["name"], pod["metadata"]["namespace"]) == ("Pod", "county-operator", "halls")
    check_strictly([pod], "1.34")
