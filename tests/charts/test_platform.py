"""The engines as custom resources: what they keep is kept, and each service may do what it must."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import CHART, PLATFORM, check_strictly, helm, manifests, rendered
from .test_onething import SERVICES, VERSIONS, of_kind
from .test_operators import BUILT_IN

VALUES = ("values-dev.yaml", "values-production.yaml")


def platform(values: str = "values-production.yaml", **sets: Any) -> list[dict[str, Any]]:
    return manifests(rendered(PLATFORM, (values,), tuple(sets.items())))


@pytest.mark.parametrize("values", VALUES)
def test_helm_finds_no_fault(values: str) -> None:
    done = helm("lint", "--strict", str(PLATFORM), "--values", str(PLATFORM / values))

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("values", VALUES)
def test_every_manifest_is_what_kubernetes_takes(values: str, version: str) -> None:
    check_strictly((each for each in platform(values) if each["apiVersion"] in BUILT_IN), version)


@pytest.mark.parametrize("values", VALUES)
def test_state_outlives_the_release(values: str) -> None:
    for each in platform(values):
        kept = each["metadata"].get("annotations", {}).get("helm.sh/resource-policy") == "keep"
        state = each["kind"] in {"RabbitmqCluster", "Vhost", "Cluster", "Database", "ObjectStore"}
        assert kept is state, each["kind"]


def test_the_services_are_those_of_the_house() -> None:
    assert sorted(yaml.safe_load((PLATFORM / "values.yaml").read_text())["services"]) == SERVICES


def test_each_service_has_a_database_that_another_role_owns() -> None:
    made = platform()
    (cluster,) = of_kind(made, "Cluster").values()
    roles = {each["name"]: each for each in cluster["spec"]["managed"]["roles"]}
    owners = {each["spec"]["name"]: each["spec"]["owner"] for each in of_kind(made, "Database").values()}

    assert owners == {f"onething_{name}": f"onething_{name}_owner" for name in SERVICES}
    assert roles.keys() == owners.keys() | set(owners.values())
    for role in roles.values():
        assert role["login"] is True
        assert not any(role[right] for right in ("superuser", "createdb", "createrole", "replication", "bypassrls"))
        assert role["inherit"] is role["name"].endswith("_owner")
    assert cluster["spec"]["enableSuperuserAccess"] is False
    production = yaml.safe_load((CHART / "values-production.yaml").read_text())
    assert production["database"]["owner"]["role"].replace("{service}", "intake") in roles


def admitted(rules: list[str], database: str, role: str) -> bool:
    """Whether PostgreSQL lets a role in by these lines of pg_hba.conf: the first that fits decides."""
    for rule in rules:
        kind, databases, roles, _, method = rule.split()
        if databases in {database, "all"} and (roles == "all" or role in roles.split(",")):
            return method != "reject" and kind == "hostssl"
    return False


def test_a_role_reaches_its_own_database_and_no_other() -> None:
    (cluster,) = of_kind(platform(), "Cluster").values()
    rules = cluster["spec"]["postgresql"]["pg_hba"]
    databases = [f"onething_{name}" for name in SERVICES] + ["onething", "postgres"]
    roles = [each["name"] for each in cluster["spec"]["managed"]["roles"]] + ["onething"]
    let_in = {(database, role) for database in databases for role in roles if admitted(rules, database, role)}

    assert let_in == {
        (f"onething_{name}", f"onething_{name}{suffix}") for name in SERVICES for suffix in ("", "_owner")
    }


def may(made: list[dict[str, Any]], user: str) -> Iterator[tuple[str, str]]:
    (found,) = [each for name, each in of_kind(made, "Permission").items() if name == f"rel-{user}"]
    yield from found["spec"]["permissions"].items()


def test_a_user_takes_from_its_own_queue_alone() -> None:
    made = platform()
    for name in (*SERVICES, "rehearsal"):
        for right, pattern in may(made, name):
            assert re.search(pattern, f"rpc-{name}"), right
            for queue in (f"rpc.reply-{name}-1", "amq.gen-x", "nameko-rpc", "onething.log", "onething.status"):
                assert re.search(pattern, queue), (right, queue)
            for other in {*SERVICES, "rehearsal"} - {name}:
                assert not re.search(pattern, f"rpc-{other}"), (name, right, other)
            assert not re.search(pattern, "somebody.else")
    users = of_kind(made, "User")
    assert users.keys() == of_kind(made, "Permission").keys() == {f"rel-{name}" for name in (*SERVICES, "rehearsal")}
    assert not any("tags" in each["spec"] for each in users.values())


def test_the_broker_survives_a_node_and_never_splits() -> None:
    made = platform()
    (broker,) = of_kind(made, "RabbitmqCluster").values()
    (budget,) = of_kind(made, "PodDisruptionBudget").values()
    spec = broker["spec"]

    assert spec["replicas"] == 3
    assert "cluster_partition_handling = pause_minority" in spec["rabbitmq"]["additionalConfig"]
    assert "quorum" not in spec["rabbitmq"]["additionalConfig"]  # reply queues would be replicated, too
    assert spec["resources"]["requests"] == spec["resources"]["limits"]
    assert spec["tls"]["disableNonTLSListeners"] is True
    assert budget["spec"]["selector"]["matchLabels"] == {"app.kubernetes.io/name": broker["metadata"]["name"]}


def test_a_transaction_is_on_two_instances_before_it_is_answered() -> None:
    (cluster,) = of_kind(platform(), "Cluster").values()

    assert cluster["spec"]["instances"] == 3
    assert cluster["spec"]["postgresql"]["synchronous"] == {"method": "any", "number": 1}


@pytest.mark.parametrize("values", ["", *VALUES])
def test_every_pod_may_take_all_its_connections_while_all_services_are_replaced(values: str) -> None:
    store = (PLATFORM.parents[1] / "libs" / "eventing" / "store.py").read_text("utf-8")
    ((pool, overflow),) = zip(
        re.findall(r"pool_size: int = (\d+)", store), re.findall(r"^OVERFLOW = (\d+)", store, re.MULTILINE), strict=True
    )

    def of(chart: Path, key: str) -> dict[str, Any]:
        given = [yaml.safe_load((chart / name).read_text()) for name in ("values.yaml", values) if name]
        return {name: each for some in given for name, each in some.get(key, {}).items()}

    pods = len(SERVICES) * (of(CHART, "defaults")["replicas"] + 1)  # maxSurge

    assert of(PLATFORM, "database")["maxConnections"] >= pods * (int(pool) + int(overflow))


def test_the_databases_are_copied_every_day() -> None:
    made = platform()
    (cluster,), (scheduled,), (store,) = (
        of_kind(made, kind).values() for kind in ("Cluster", "ScheduledBackup", "ObjectStore")
    )

    assert scheduled["spec"]["cluster"]["name"] == cluster["metadata"]["name"]
    assert len(scheduled["spec"]["schedule"].split()) == 6
    (plugin,) = cluster["spec"]["plugins"]
    assert plugin["parameters"]["barmanObjectName"] == store["metadata"]["name"]
    assert scheduled["spec"]["pluginConfiguration"]["name"] == plugin["name"]


def edges(made: list[dict[str, Any]]) -> set[tuple[str, str, int]]:
    """(who, to which engine, port), and what engines themselves may reach, as the policies say it."""
    found = set()
    for name, policy in of_kind(made, "NetworkPolicy").items():
        me = name.removeprefix("rel-")
        for rule in policy["spec"]["ingress"]:
            for peer in rule["from"]:
                space = peer.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name", me)
                found |= {(space, me, port["port"]) for port in rule["ports"]}
        for rule in policy["spec"]["egress"]:
            inside = any("podSelector" in peer and "namespaceSelector" not in peer for peer in rule.get("to", ()))
            found |= {(me, me if inside else "outside", port["port"]) for port in rule["ports"]}
    return found


def test_the_policies_are_the_graph_that_is_meant() -> None:
    operators = ("rabbitmq-system", "cnpg-system")
    meant = {("onething", "broker", 5671), ("onething", "database", 5432)}
    meant |= {("broker", "broker", port) for port in (4369, 25672)}
    meant |= {("database", "database", port) for port in (5432, 8000)}
    meant |= {(operator, "broker", 15671) for operator in operators}
    meant |= {(operator, "database", port) for operator in operators for port in (5432, 8000)}
    meant |= {("monitoring", "broker", 15691), ("monitoring", "broker", 15692), ("monitoring", "database", 9187)}
    meant |= {(engine, "outside", port) for engine in ("broker", "database") for port in (53, 443, 6443)}

    assert edges(platform()) == meant


@pytest.mark.parametrize(
    ("sets", "says"),
    [
        ({}, "broker.tlsSecret is not set"),
        ({"broker.tlsSecret": "t"}, "backups.objectStore.url is not set"),
        ({"broker.tlsSecret": "t", "broker.replicas": "2"}, "is even"),
        ({"broker.tlsSecret": "t", "database.synchronous": "3"}, "not below database.instances"),
        ({"broker.tlsSecret": "t", "backups.method": "volumeSnapshot"}, "snapshotClass is not set"),
        ({"broker.tlsSecret": "t", "backups.method": "tape"}, "method"),
        ({"broker.magic": "1"}, "magic"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(sets: dict[str, str], says: str) -> None:
    done = helm("template", "rel", str(PLATFORM), *(f"--set={name}={value}" for name, value in sets.items()))

    assert done.returncode != 0
    assert says in done.stderr


def test_engines_that_are_there_already_are_not_brought() -> None:
    made = platform(**{"broker.enabled": "false", "database.enabled": "false"})

    assert not made


def test_every_value_is_described() -> None:
    schema = json.loads((PLATFORM / "values.schema.json").read_text())

    def walk(described: dict[str, Any], given: dict[str, Any], place: str) -> None:
        reference = described.get("$ref", "").rpartition("/")[2]
        found = {**schema["definitions"].get(reference, {}), **described}
        assert found.get("description") or not place, f"{place} is not described"
        for name, value in given.items():
            if name in found.get("properties", {}):
                walk(found["properties"][name], value if isinstance(value, dict) else {}, f"{place}.{name}")
            else:
                assert found.get("additionalProperties", True) is not False, f"{place}.{name} is not in the schema"

    walk(schema, yaml.safe_load((PLATFORM / "values.yaml").read_text()), "")
