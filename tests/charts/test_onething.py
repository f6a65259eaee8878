"""What the chart makes: every service, hardened alike, reachable by nobody who need not reach it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import BARE, CHART, check_strictly, checkov, helm

VALUES = ("", "values-dev.yaml", "values-production.yaml")
SERVICES = sorted(folder.parent.name for folder in (CHART.parents[1] / "services").glob("*/service.py"))
KEEPERS = {
    file.parent.name
    for file in (CHART.parents[1] / "services").glob("*/service.py")
    if "ContentsStore()" in file.read_text("utf-8")
}
"""The services that read or write the contents: what they say of themselves."""
VERSIONS = ("1.30", "1.34", "1.37")
CUSTOM = {"ScaledObject", "TriggerAuthentication", "PodMonitor", "PrometheusRule", "HTTPRoute"}
"""Kinds of operators, whose schemas Kubernetes does not have."""

TOGGLES: tuple[dict[str, Any], ...] = (
    {"autoscaling.type": "hpa"},
    {"autoscaling.type": "keda", "autoscaling.prometheusAddress": "http://prometheus:9090"},
    {"gateway.ingress.enabled": "true", "gateway.ingress.host": "onething.example.org"},
    {
        "gateway.httpRoute.enabled": "true",
        "gateway.httpRoute.hostnames[0]": "onething.example.org",
        "gateway.httpRoute.parentRefs[0].name": "public",
    },
    {"networkPolicy.enabled": "false"},
    {"prepare.useHelmHooks": "false"},
    {"monitoring.podMonitor.enabled": "true"},
    {"monitoring.rules.enabled": "true", "monitoring.dashboards.enabled": "true"},
    {"keys.signingKey": "signing-key", "keys.headKey": "head-key"},
    {"catalogue.existingConfigMap": "themes"},
    {"telemetry.otlpEndpoint": "http://collector:4318"},
    {"oidc.issuers": "https://login.example.org", "oidc.existingSecret": "oidc"},
    {"image.digest": "sha256:" + "ab" * 32},
    {"gateway.webhooks.authorities": "county-ca", "gateway.proxies[0]": "10.0.0.0/8"},
    {"rehearsal.kills": "3", "rehearsal.ledger": "true"},
    {"operator.enabled": "true", "database.owner.existingSecret": "owners", "database.owner.role": "onething"},
    {"calendar.existingConfigMap": "calendar"},
    {"authorities.existingConfigMap": "county-ca"},
    {"database.owner.existingSecret": "owners", "database.owner.role": r"onething_\{service\}"},
    {"broker.uriKey": r"\{service\}"},
    {"config.SCANNER_URL": "clamd://clamav:3310"},
    {"services.intake.image.tag": "0.2.0", "services.intake.autoscaling.maxReplicas": "4", "autoscaling.type": "hpa"},
    {
        "defaults.podLabels.team": "halls",
        "defaults.podAnnotations.note": "x",
        "services.vault.env.OTEL_SERVICE_NAME": "v",
    },
    {
        "signing.organisations[0].organisation": "gaj",
        "signing.organisations[0].existingSecret": "gaj-keys",
        "signing.retired.existingConfigMap": "retired",
        "signing.retired.keys[0]": "2025.pub",
    },
    {
        "autoscaling.type": "keda",
        "autoscaling.prometheusAddress": "https://prometheus:9090",
        "autoscaling.prometheusSecret": "prometheus-token",
    },
)


def of_kind(manifests: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {each["metadata"]["name"]: each for each in manifests if each["kind"] == kind}


def pods(manifests: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for each in manifests:
        if each["kind"] in {"Deployment", "Job"}:
            yield each["metadata"]["name"], each["spec"]["template"]["spec"]
        elif each["kind"] == "Pod":
            yield each["metadata"]["name"], each["spec"]


def test_helm_finds_no_fault() -> None:
    done = helm("lint", "--strict", str(CHART), *(f"--set={name}={value}" for name, value in BARE.items()))

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", [*VALUES, *TOGGLES], ids=str)
def test_every_manifest_is_what_kubernetes_takes(render: Callable[..., Any], version: str, case: Any) -> None:
    manifests = render(case) if isinstance(case, str) else render(**case)

    check_strictly((each for each in manifests if each["kind"] not in CUSTOM), version)


def test_the_services_are_those_of_the_house(render: Callable[..., Any]) -> None:
    deployments = of_kind(render(), "Deployment")

    assert set(deployments) == {f"rel-{name}" for name in SERVICES}
    for name in SERVICES:
        assert deployments[f"rel-{name}"]["spec"]["template"]["spec"]["containers"][0]["args"] == ["run", name]


@pytest.mark.parametrize("case", [*VALUES, *TOGGLES], ids=str)
def test_every_pod_is_hardened(render: Callable[..., Any], case: Any) -> None:
    kills = isinstance(case, dict) and "rehearsal.kills" in case
    for name, pod in pods(render(case) if isinstance(case, str) else render(**case)):
        assert pod["automountServiceAccountToken"] is (kills and name == "rel-rehearsal"), name
        assert pod["enableServiceLinks"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 10_000, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "runAsNonRoot": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"] == container["resources"]["requests"]["memory"]
            assert "cpu" not in container["resources"]["limits"]


def test_keys_that_can_be_rotated_are_given_to_those_who_need_them(render: Callable[..., Any]) -> None:
    mounted = {
        name: {
            item["path"] for volume in pod["volumes"] if volume["name"] == "keys" for item in volume["secret"]["items"]
        }
        for name, pod in pods(render(**{"keys.signingKey": "signing", "keys.headKey": "heads"}))
    }
    plain = {name: {"secret-key", "signing-key"} for name in mounted}

    assert mounted == plain | {
        "rel-vault": {*plain["rel-vault"], "vault-kek"},
        "rel-casefile": {*plain["rel-casefile"], "head-key"},
    }


def test_only_vault_is_given_the_key_of_keys(render: Callable[..., Any]) -> None:
    given = {
        name
        for name, pod in pods(render())
        for volume in pod["volumes"]
        if volume["name"] == "keys" and any(item["key"] == "vault-kek" for item in volume["secret"]["items"])
    }

    assert given == {"rel-vault"}


def test_a_service_is_given_its_own_database_alone(render: Callable[..., Any]) -> None:
    for name, pod in pods(render()):
        (secret,) = [each["secret"] for each in pod["volumes"] if each["name"] == "database"] or [None]
        service = name.removeprefix("rel-")
        if service == "prepare":
            assert "items" not in secret
        elif service == "rehearsal":
            assert secret is None
        else:
            assert secret["items"] == [{"key": service, "path": service}]


def test_only_who_keeps_files_is_given_the_credentials_of_their_store(render: Callable[..., Any]) -> None:
    given = {
        name
        for name, pod in pods(render(**{"contents.existingSecret": "contents"}))
        if any(each["name"] == "contents" for each in pod["volumes"])
    }

    assert given == {f"rel-{name}" for name in KEEPERS}


def env_of(manifests: list[dict[str, Any]], service: str) -> dict[str, str]:
    """The settings of a service's container, by name."""
    (spec,) = (spec for name, spec in pods(manifests) if name.endswith(f"-{service}"))
    return {each["name"]: each.get("value", "") for each in spec["containers"][0]["env"]}


GATEWAY = {
    "oidc.issuers": ("https://login.example.org#clerk", "OIDC_ISSUERS"),
    "oidc.clientId": ("onething", "OIDC_CLIENT_ID"),
    "oidc.scope": ("openid onething", "OIDC_SCOPE"),
    "oidc.audience": ("county", "OIDC_AUDIENCE"),
    "oidc.claims": ("roles=realm_access.roles", "OIDC_CLAIMS"),
    "gateway.publicUrl": ("https://onething.example.org", "ONETHING_PUBLIC_URL"),
    "gateway.proxies[0]": ("10.0.0.0/8", "ONETHING_HTTP_PROXIES"),
    "gateway.limits.requestsPerSecond": ("20", "ONETHING_HTTP_REQUESTS_PER_SECOND"),
    "gateway.limits.requestsPerAddress": ("200", "ONETHING_HTTP_REQUESTS_PER_ADDRESS"),
    "gateway.limits.connectionsPerAddress": ("20000", "ONETHING_HTTP_CONNECTIONS_PER_ADDRESS"),
    "gateway.limits.feedsPerCaller": ("1000000", "ONETHING_HTTP_FEEDS_PER_CALLER"),
    "gateway.limits.inHand": ("64", "ONETHING_HTTP_IN_HAND"),
    "gateway.limits.uploadBytes": ("104857600", "ONETHING_HTTP_UPLOAD_BYTES"),
    "gateway.sessions.idleMinutes": ("20", "ONETHING_SESSION_IDLE_MINUTES"),
    "gateway.sessions.hours": ("9", "ONETHING_SESSION_HOURS"),
    "gateway.webhooks.networks[0]": ("10.20.0.0/16", "ONETHING_WEBHOOK_NETWORKS"),
    "gateway.webhooks.hours": ("24", "ONETHING_WEBHOOK_HOURS"),
}
"""Value → what it may be, and the setting that it becomes (docs/reference/settings.md)."""


def test_what_is_set_of_the_gateway_is_told_to_it_and_to_nobody_else(render: Callable[..., Any]) -> None:
    manifests = render(**{name: value for name, (value, _) in GATEWAY.items()})
    gateway, intake = env_of(manifests, "gateway"), env_of(manifests, "intake")
    settings = (CHART.parents[1] / "docs" / "reference" / "settings.md").read_text()

    for value, setting in GATEWAY.values():
        assert gateway[setting] == value
        assert setting not in intake
        assert f"`{setting}`" in settings


def test_every_bound_on_what_is_asked_can_be_set() -> None:
    settings = (CHART.parents[1] / "docs" / "reference" / "settings.md").read_text()
    elsewhere = {"ONETHING_HTTP_HOST", "ONETHING_HTTP_PORT", "ONETHING_HTTP_UPLOAD_HOURS"}

    assert {*re.findall(r"`(ONETHING_HTTP_[A-Z_]+)`", settings)} - {name for _, name in GATEWAY.values()} == elsewhere


def test_what_is_not_set_is_left_to_the_gateway(render: Callable[..., Any]) -> None:
    assert not {setting for _, setting in GATEWAY.values()} & env_of(render(), "gateway").keys()


@pytest.mark.parametrize(
    "sets",
    [
        {"gateway.ingress.enabled": "true", "gateway.ingress.host": "onething.example.org"},
        TOGGLES[3],
    ],
)
def test_people_find_it_where_it_is_led_to(render: Callable[..., Any], sets: dict[str, str]) -> None:
    assert env_of(render(**sets), "gateway")["ONETHING_PUBLIC_URL"] == "https://onething.example.org"
    elsewhere = render(**sets, **{"gateway.publicUrl": "https://people.example.org"})
    assert env_of(elsewhere, "gateway")["ONETHING_PUBLIC_URL"] == "https://people.example.org"


def test_authorities_of_subscribers_are_a_file_of_the_gateway(render: Callable[..., Any]) -> None:
    manifests = render(**{"gateway.webhooks.authorities": "county-ca"})
    (spec,) = (spec for name, spec in pods(manifests) if name.endswith("-gateway"))
    (mounted,) = (each for each in spec["containers"][0]["volumeMounts"] if each["name"] == "authorities")

    assert env_of(manifests, "gateway")["ONETHING_WEBHOOK_CA_FILE"] == f"{mounted['mountPath']}/ca.pem"
    assert {"name": "county-ca", "items": [{"key": "ca.pem", "path": "ca.pem"}]} in [
        each.get("configMap") for each in spec["volumes"]
    ]


def test_everybody_believes_the_authorities_that_are_named(render: Callable[..., Any]) -> None:
    manifests = render(**{"authorities.existingConfigMap": "county-ca"})

    for name, spec in pods(manifests):
        env = {each["name"]: each.get("value") for each in spec["containers"][0]["env"]}
        (mounted,) = (each for each in spec["containers"][0]["volumeMounts"] if each["name"] == "trust")
        assert env["SSL_CERT_FILE"] == env["AWS_CA_BUNDLE"] == f"{mounted['mountPath']}/ca.pem", name
    assert "SSL_CERT_FILE" not in env_of(render(), "intake")


@pytest.mark.parametrize("case", [*VALUES, *TOGGLES], ids=str)
def test_nobody_but_the_service_reads_what_is_secret(render: Callable[..., Any], case: Any) -> None:
    for name, pod in pods(render(case) if isinstance(case, str) else render(**case)):
        secrets = [found for volume in pod["volumes"] if (found := volume.get("secret", volume.get("projected")))]
        assert secrets, name
        assert {each.get("defaultMode") for each in secrets} == {0o440}, name


def test_no_secret_is_made_and_none_is_written_out(render: Callable[..., Any]) -> None:
    manifests = render("values-production.yaml")

    assert not of_kind(manifests, "Secret")
    assert not re.search(r"://[^/\s:]+:[^/\s@]+@", yaml.safe_dump_all(manifests))


def test_selectors_name_no_version(render: Callable[..., Any]) -> None:
    for deployment in of_kind(render(), "Deployment").values():
        assert set(deployment["spec"]["selector"]["matchLabels"]) == {
            "app.kubernetes.io/name",
            "app.kubernetes.io/instance",
            "app.kubernetes.io/component",
        }


def test_what_scales_has_no_fixed_replicas(render: Callable[..., Any]) -> None:
    for sets in TOGGLES[:2]:
        manifests = render(**sets)
        assert all("replicas" not in each["spec"] for each in of_kind(manifests, "Deployment").values())
        scaled = of_kind(manifests, "HorizontalPodAutoscaler").keys() | of_kind(manifests, "ScaledObject").keys()
        assert scaled == {f"rel-{name}" for name in SERVICES}


def test_budgets_are_for_what_has_more_than_one_replica(render: Callable[..., Any]) -> None:
    assert not of_kind(render("values-dev.yaml"), "PodDisruptionBudget")
    assert set(of_kind(render(), "PodDisruptionBudget")) == {f"rel-{name}" for name in SERVICES}


def edges(manifests: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Who may open a connection to what, as the policies say it: by port, or by name inside the release."""
    known = {"5672": "broker", "5432": "database", "4318": "otlp", "53": "dns", "3310": "scanner", "6443": "kubernetes"}
    found = set()
    for name, policy in of_kind(manifests, "NetworkPolicy").items():
        me = name.removeprefix("rel-")
        for rule in policy["spec"].get("egress", ()):
            inside = [
                peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"]
                for peer in rule.get("to", ())
                if "podSelector" in peer
            ]
            for port in rule["ports"]:
                found |= {(me, each) for each in inside or [known.get(str(port["port"]), str(port["port"]))]}
        for rule in policy["spec"].get("ingress", ()):
            for peer in rule["from"]:
                who = (peer.get("podSelector") or {}).get("matchLabels", {}).get("app.kubernetes.io/component")
                space = (peer.get("namespaceSelector") or {}).get("matchLabels", {}).get("kubernetes.io/metadata.name")
                found |= {(str(who or space), f"{me}:{port['port']}") for port in rule["ports"]}
    return found


def test_the_policies_are_the_graph_that_is_meant(render: Callable[..., Any]) -> None:
    everybody = {"dns", "broker", "database"}
    meant = {(name, to) for name in SERVICES for to in everybody}
    meant |= {("monitoring", f"{name}:health") for name in SERVICES}
    meant |= {(name, "443") for name in KEEPERS}
    meant |= {("notification", port) for port in ("25", "443", "587")}
    meant |= {("prepare", "dns"), ("prepare", "database"), ("rehearsal", "dns"), ("rehearsal", "broker")}
    meant |= {("operator", to) for to in (*everybody, "443")}
    meant |= {("rehearsal", "gateway"), ("rehearsal", "gateway:http"), ("ingress-nginx", "gateway:http")}

    assert edges(render()) == meant
    assert edges(render(**{"telemetry.otlpEndpoint": "http://collector:4318"})) - meant == {
        (name, "otlp") for name in (*SERVICES, "prepare", "operator")
    }
    assert edges(render(**{"config.SCANNER_URL": "clamd://clamav:3310"})) - meant == {("intake", "scanner")}
    assert edges(render(**{"rehearsal.kills": "1"})) - meant == {("rehearsal", "kubernetes"), ("rehearsal", "443")}


def test_peers_narrow_every_edge(render: Callable[..., Any]) -> None:
    peers = {f"networkPolicy.{name}[0].ipBlock.cidr": f"10.0.{n}.0/24" for n, name in enumerate(PEERS)}
    manifests = render(
        **peers,
        **{
            "telemetry.otlpEndpoint": "http://collector:4318",
            "config.SCANNER_URL": "clamd://clamav:3310",
            "rehearsal.kills": "1",
        },
    )
    wide = [
        (name, rule["ports"])
        for name, policy in of_kind(manifests, "NetworkPolicy").items()
        for rule in policy["spec"].get("egress", ())
        if "to" not in rule
    ]

    assert not wide


PEERS = ("broker", "database", "contents", "oidc", "otlp", "scanner", "kubernetes", "carriers")
"""Edges that lead anywhere on their port unless they are narrowed."""


def test_before_the_first_install_prepare_finds_all_that_it_needs(render: Callable[..., Any]) -> None:
    manifests = render()
    job = of_kind(manifests, "Job")["rel-prepare"]
    pod = job["spec"]["template"]["spec"]
    hooks = {
        (each["kind"], each["metadata"]["name"]): int(each["metadata"]["annotations"]["helm.sh/hook-weight"])
        for each in manifests
        if "pre-install" in each["metadata"].get("annotations", {}).get("helm.sh/hook", "")
    }
    needs = {("ServiceAccount", pod["serviceAccountName"])}
    needs |= {("ConfigMap", each["configMapRef"]["name"]) for each in pod["containers"][0]["envFrom"]}
    needs |= {("ConfigMap", each["configMap"]["name"]) for each in pod["volumes"] if "configMap" in each}

    assert needs <= hooks.keys()
    assert all(hooks[each] < hooks["Job", "rel-prepare"] for each in hooks.keys() - {("Job", "rel-prepare")})
    assert ("NetworkPolicy", "rel-prepare") in hooks


def test_prepare_is_the_tables_owner_and_knows_no_broker(render: Callable[..., Any]) -> None:
    manifests = render("values-production.yaml")
    (spec,) = (spec for name, spec in pods(manifests) if name.endswith("-prepare"))
    volumes = {each["name"]: each for each in spec["volumes"]}

    assert volumes["database"]["secret"]["secretName"] == "onething-database-owners"
    assert "broker" not in volumes
    env = env_of(manifests, "prepare")
    assert env["ONETHING_DATABASE_ROLE"] == "onething_{service}"
    assert env["AMQP_URI"] == "amqp://none"
    for service in SERVICES:
        assert "ONETHING_DATABASE_ROLE" not in env_of(manifests, service)


def test_each_may_speak_to_the_broker_in_its_own_name(render: Callable[..., Any]) -> None:
    for name, spec in pods(render("values-production.yaml")):
        secrets = {each["name"]: each["secret"] for each in spec["volumes"] if "secret" in each}
        if name != "rel-prepare":
            own = name.removeprefix("rel-")
            assert secrets["broker"]["items"] == [{"key": own, "path": "uri"}]


def test_only_certificate_is_given_the_keys_of_seals(render: Callable[..., Any]) -> None:
    manifests = render(**TOGGLES[-2])
    given = {name: each for name, pod in pods(manifests) for each in pod["volumes"] if each["name"] == "signing"}
    paths = [
        item["path"]
        for source in given["rel-certificate"]["projected"]["sources"]
        for item in next(iter(source.values())).get("items", ())
    ]

    assert set(given) == {"rel-certificate"}
    assert paths == [
        *(f"organisations/gaj/{key}" for key in ("seal.key", "pdf.key", "pdf.crt", "ca.crt")),
        "retired/2025.pub",
    ]


def test_a_service_may_have_a_release_and_bounds_of_its_own(render: Callable[..., Any]) -> None:
    sets = {
        "autoscaling.type": "hpa",
        "services.intake.image.tag": "0.2.0",
        "services.intake.autoscaling.maxReplicas": "4",
    }
    manifests = render(**sets)
    images = {
        name: each["spec"]["template"]["spec"]["containers"][0]["image"]
        for name, each in of_kind(manifests, "Deployment").items()
    }
    bounds = {name: each["spec"]["maxReplicas"] for name, each in of_kind(manifests, "HorizontalPodAutoscaler").items()}

    assert {name for name, image in images.items() if image == "onething:0.2.0"} == {"rel-intake"}
    assert {name for name, most in bounds.items() if most == 4} == {"rel-intake"}


def test_the_rehearsal_may_kill_only_where_that_is_asked_for(render: Callable[..., Any]) -> None:
    assert not of_kind(render(), "Role")
    manifests = render(**{"rehearsal.kills": "2"})
    (role,) = of_kind(manifests, "Role").values()
    (pod,) = of_kind(manifests, "Pod").values()
    args = pod["spec"]["containers"][0]["args"]

    assert role["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "delete"]}]
    assert pod["spec"]["automountServiceAccountToken"] is True
    assert args[args.index("--kills") + 1] == "2"
    named = args[args.index("--selector") + 1].partition(" in (")[2].removesuffix(")").split(",")
    assert sorted(named) == SERVICES  # and so neither itself nor prepare
    assert (
        of_kind(manifests, "RoleBinding")["rel-rehearsal"]["subjects"][0]["name"] == pod["spec"]["serviceAccountName"]
    )


def test_the_operator_reaches_every_database_for_as_long_as_somebody_wants(render: Callable[..., Any]) -> None:
    owner = {"database.owner.existingSecret": "owners", "database.owner.role": r"onething_\{service\}"}
    manifests = render("values-production.yaml", **{"operator.enabled": "true"}, **owner)
    pod = of_kind(manifests, "Pod")["rel-operator"]["spec"]
    secrets = {each["name"]: each["secret"] for each in pod["volumes"] if "secret" in each}
    account = of_kind(manifests, "ServiceAccount")[pod["serviceAccountName"]]

    assert secrets["database"] == {"secretName": "owners", "defaultMode": 0o440}
    assert secrets["broker"]["items"] == [{"key": "rehearsal", "path": "uri"}]
    assert {each["path"] for each in secrets["keys"]["items"]} == {"secret-key", "vault-kek"}
    assert env_of(manifests, "operator")["ONETHING_DATABASE_ROLE"] == "onething_{service}"
    assert "args" not in pod["containers"][0]  # of `onething`, which is typed in it
    assert account["automountServiceAccountToken"] is False
    assert pod["activeDeadlineSeconds"] == 14400
    assert pod["containers"][0]["resources"]["limits"] == {"memory": "1Gi"}  # a service's would not do
    assert "rel-operator" not in of_kind(render("values-production.yaml"), "Pod")


def test_what_is_scaled_by_lag_asks_for_a_metric_that_there_is(render: Callable[..., Any]) -> None:
    metrics = (CHART.parents[1] / "docs" / "reference" / "metrics.md").read_text()
    manifests = render(**TOGGLES[-1])

    for name, scaled in of_kind(manifests, "ScaledObject").items():
        lag, cpu = scaled["spec"]["triggers"]
        metric, _, labels = lag["metadata"]["query"].removeprefix("sum(").partition("{")
        assert f"`{metric}`" in metrics
        assert f'service="{name.removeprefix("rel-")}"' in labels
        assert cpu["type"] == "cpu"
        assert scaled["spec"]["minReplicaCount"] >= 1
        assert lag["authenticationRef"]["name"] in of_kind(manifests, "TriggerAuthentication")


def test_who_stops_is_given_longer_than_they_need(render: Callable[..., Any]) -> None:
    for name, deployment in of_kind(render(), "Deployment").items():
        pod = deployment["spec"]["template"]["spec"]
        hook = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        assert pod["terminationGracePeriodSeconds"] >= 30 + hook
        assert hook == (5 if name == "rel-gateway" else 0)  # others are reached by the broker, which knows at once
        assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_who_starts_is_given_as_long_as_is_said(render: Callable[..., Any]) -> None:
    def patience(**sets: str) -> set[int]:
        probes = [
            each["spec"]["template"]["spec"]["containers"][0]["startupProbe"]
            for each in of_kind(render(**sets), "Deployment").values()
        ]
        return {each["periodSeconds"] * each["failureThreshold"] for each in probes}

    assert patience() == {180}
    assert patience(startupSeconds="600") == {600}


def test_every_probe_leaves_a_busy_machine_time_to_answer(render: Callable[..., Any]) -> None:
    for deployment in of_kind(render(), "Deployment").values():
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        probes = {name: each["timeoutSeconds"] for name, each in container.items() if name.endswith("Probe")}
        assert probes == {"startupProbe": 5, "livenessProbe": 5, "readinessProbe": 5}


def test_a_change_of_settings_replaces_the_pods(render: Callable[..., Any]) -> None:
    def sums(**sets: str) -> set[str]:
        found = of_kind(render(**sets), "Deployment").values()
        return {each["spec"]["template"]["metadata"]["annotations"]["checksum/config"] for each in found}

    assert sums() == sums(**{"defaults.replicas": "3"})
    assert sums().isdisjoint(sums(**{"config.ONETHING_LOG_LEVEL": "debug"}))


def test_what_no_policy_names_is_closed(render: Callable[..., Any]) -> None:
    default = of_kind(render(), "NetworkPolicy")["rel-default"]["spec"]

    assert default["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in default
    assert "egress" not in default


@pytest.mark.parametrize("carrier", ["NOTIFICATION_APP", "NOTIFICATION_SMS", "NOTIFICATION_MAIL"])
def test_in_a_real_region_nobody_is_told_nothing(carrier: str) -> None:
    values = f"--values={CHART / 'values-production.yaml'}"
    unnamed = helm("template", "rel", str(CHART), values, f"--set=config.{carrier}=")
    elsewhere = helm(
        "template", "rel", str(CHART), values, f"--set=config.{carrier}=,services.notification.env.{carrier}=file:///x"
    )
    fictional = helm(
        "template", "rel", str(CHART), values, f"--set=config.{carrier}=", "--set-string=config.ONETHING_REGION=990102"
    )

    assert f"config.{carrier} is not set" in unnamed.stderr
    assert (elsewhere.returncode, fictional.returncode) == (0, 0), elsewhere.stderr + fictional.stderr


@pytest.mark.parametrize("missing", sorted(BARE))
def test_what_is_missing_is_named(refused: Callable[..., str], missing: str) -> None:
    said = refused(**{name: value for name, value in BARE.items() if name != missing})

    assert f"{missing} is not set" in said


@pytest.mark.parametrize(
    ("sets", "says"),
    [
        ({"autoscaling.type": "keda"}, "prometheusAddress is not set"),
        ({"autoscaling.maxReplicas": "17"}, "16 segments"),
        ({"gateway.ingress.enabled": "true", "gateway.httpRoute.enabled": "true"}, "choose one"),
        ({"autoscaling.type": "magic"}, "autoscaling.type"),
        ({"services.magic.replicas": "1"}, "magic"),
        ({"image.digest": "latest"}, "digest"),
        ({"config.PASSWORD": "x"}, "PASSWORD"),
        ({"gateway.httpRoute.enabled": "true"}, "names no Gateway"),
        ({"gateway.ingress.enabled": "true"}, "under which name"),
        ({"database.owner.role": "x"}, "both or neither"),
        ({"database.owner.existingSecret": "x"}, "both or neither"),
        ({"services.intake.autoscaling.maxReplicas": "1"}, "minReplicas is above"),
        ({"config.ONETHING_CLOCK": "simulated", "autoscaling.type": "hpa"}, "one replica"),
        ({"config.ONETHING_DATABASE_ROLE": "x"}, "config"),
        ({"rehearsal.kills": "-1"}, "kills"),
        ({"signing.retired.keys[0]": "private.key"}, "keys"),
        ({"gateway.publicUrl": "http://onething.example.org"}, "publicUrl"),
        ({"gateway.proxies[0]": "everywhere"}, "proxies"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(refused: Callable[..., str], sets: dict[str, Any], says: str) -> None:
    assert says in refused(**BARE, **sets)


def test_every_value_is_described() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())

    def of(described: dict[str, Any]) -> dict[str, Any]:
        reference = described.get("$ref", "").rpartition("/")[2]
        return {**schema["definitions"].get(reference, {}), **described}

    def walk(described: dict[str, Any], given: dict[str, Any], place: str) -> None:
        found = of(described)
        assert found.get("description") or not place, f"{place} is not described"
        for name, value in given.items():
            if name in found.get("properties", {}):
                inner = found["properties"][name]
                walk(inner, value if isinstance(value, dict) else {}, f"{place}.{name}")
            else:
                assert found.get("additionalProperties", True) is not False, f"{place}.{name} is not in the schema"

    walk(schema, values, "")
    walk(schema["definitions"]["service"], {}, "service")


def test_nothing_is_taken_that_is_not_described() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    free = {"properties.global", "definitions.service.properties.affinity"}

    def walk(place: str, described: Any) -> Iterator[str]:
        if isinstance(described, dict):
            is_object = described.get("type") == "object" and "properties" in described
            if is_object and described.get("additionalProperties") is not False:
                yield place
            for name, inner in described.items():
                yield from walk(f"{place}.{name}".strip("."), inner)

    assert set(walk("", schema)) <= free


ACCEPTED = {
    "CKV_K8S_11": "no CPU limits: a throttled event loop misses its leases",
    "CKV_K8S_15": "tags are never moved, so what is there need not be pulled again",
    "CKV_K8S_43": "image.digest is a value; who sets it gets it",
}
"""Findings of checkov that are meant, each with its reason."""
ENDS = {("CKV_K8S_8", "Pod.onething.rel-rehearsal"), ("CKV_K8S_9", "Pod.onething.rel-rehearsal")}
"""What has no probes, because it is no server and ends by itself."""


@pytest.mark.parametrize("values", VALUES[1:])
def test_checkov_finds_nothing_that_is_not_explained(render: Callable[..., Any], values: str, tmp_path: Path) -> None:
    file = tmp_path / "rendered.yaml"
    file.write_text(yaml.safe_dump_all(render(values)))
    failed = {(each["check_id"], each["resource"]) for each in checkov(file, "kubernetes")}

    assert {each for each in failed if each[0] not in ACCEPTED} == ENDS
    assert {check for check, _ in failed - ENDS} == set(ACCEPTED)  # and what is not found any more is not excused


def test_the_chart_and_the_release_have_one_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()

    assert f'version = "{chart["appVersion"]}"' in project
    assert chart["version"] == chart["appVersion"]
