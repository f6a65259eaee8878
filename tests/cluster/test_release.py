"""One release through its life on a real API server and real nodes: each test begins where the one before ended."""

import json
import subprocess
import time
from urllib.parse import urlsplit

from .conftest import IMAGES, RELEASE, ROOT, SPACE, Release, verdict
from .engines import S3
from .lab import HOST, Lab, eventually


def reckoned(load: subprocess.Popen[str], people: subprocess.Popen[str]) -> str:
    """What came of the load, in a line: every case is closed, and no request has failed."""
    told, found = verdict(load), verdict(people)
    assert told["passed"] is True, json.dumps(told, ensure_ascii=False)
    assert found["failed"] == []
    assert "faulty" not in found["told_to_wait"]
    assert found["closed"] == found["cases"] > 0
    return (
        f"{told['cases']} cases by broker in {told['requests']} requests, {told['repeated']} of them sent again; "
        f"{found['cases']} over HTTP in {found['requests']} requests and {found['seconds']} s, "
        f"told to wait {sum(found['told_to_wait'].values())} times, none failed"
    )


def test_the_nodes_are_of_a_kubernetes_that_the_chart_takes(lab: Lab) -> None:
    versions = {each["status"]["nodeInfo"]["kubeletVersion"] for each in lab.get("nodes")}

    assert versions == {"v1.34.4"}
    assert len(lab.ready()) == 2


def test_it_is_installed_in_a_namespace_that_takes_restricted_pods_alone(release: Release) -> None:
    began = time.monotonic()
    done = release.upgrade()

    assert done.returncode == 0, done.stderr + release.why()
    assert release.is_whole()
    assert release.images() == {IMAGES[0]}
    print(f"installed in {time.monotonic() - began:.0f} s: {len(release.pods())} pods")


def test_prepare_left_no_right_to_change_what_was_recorded(release: Release) -> None:
    may = "SELECT has_table_privilege('onething_{}', '{}', '{}')"

    for service, table in (("intake", "events"), ("casefile", "ledger")):
        rights = {
            right: release.engines.sql(may.format(service, table, right), f"onething_{service}")
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        }
        assert rights == {"SELECT": "t", "INSERT": "t", "UPDATE": "f", "DELETE": "f", "TRUNCATE": "f"}


def test_an_operator_types_what_wants_every_database(release: Release) -> None:
    lab, pod = release.lab, f"{RELEASE}-operator"
    made = release.helm(
        "template", RELEASE, str(ROOT / "charts" / "onething"), f"--values={release.values}",
        "--set=operator.enabled=true", "--show-only=templates/operator.yaml",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    lab.kubectl("apply", "--filename=-", give=made.stdout)
    lab.kubectl("wait", f"--namespace={SPACE}", "--for=condition=Ready", f"pod/{pod}", "--timeout=900s")
    told = lab.kubectl("exec", pod, f"--namespace={SPACE}", "--", "onething", "doctor", "--json", check=False)

    findings = json.loads(told[: told.rindex("]") + 1])
    amiss = [each for each in findings if each["state"] != "ok"]
    assert not [each for each in amiss if each["state"] == "bad" or each["check"] == "keys"], told
    print(f"the doctor looked at {len(findings)} things; not ok: {amiss}")
    lab.kubectl("delete", "pod", pod, f"--namespace={SPACE}")


def test_helm_test_drives_cases_kills_pods_and_ends_with_a_verdict(release: Release) -> None:
    done = release.helm("test", RELEASE, "--logs")

    assert done.returncode == 0, done.stdout[-4000:] + release.why()
    found = json.loads(next(line for line in reversed(done.stdout.splitlines()) if line.startswith('{"passed"')))
    assert found["passed"] is True
    assert found["cases"] >= 2
    assert len(found["killed"]) == 2
    assert not any("rehearsal" in name for name in found["killed"])
    print(f"{found['cases']} cases, {found['facts']} facts, killed {found['killed']}, {found['seconds']} s")
    release.comes_to(release.is_whole, "those that were killed are replaced")


def test_it_is_replaced_under_load_and_nothing_is_lost(release: Release) -> None:
    load, people = release.load("--cases=12", "--ledger"), release.people()
    began = time.monotonic()
    done = release.upgrade(f"image.tag={IMAGES[1].rpartition(':')[2]}")

    assert done.returncode == 0, done.stderr + release.why()
    release.comes_to(lambda: release.runs(IMAGES[1]), "the last of those before is told to end")
    seconds = time.monotonic() - began
    print(f"replaced in {seconds:.0f} s; {reckoned(load, people)}")


def test_it_goes_back_under_load_and_nothing_is_lost(release: Release) -> None:
    load, people = release.load("--cases=12", "--ledger"), release.people()
    began = time.monotonic()
    done = release.helm("rollback", RELEASE, "--wait")

    assert done.returncode == 0, done.stderr + release.why()
    release.comes_to(lambda: release.runs(IMAGES[0]), "the last of those before is told to end")
    seconds = time.monotonic() - began
    print(f"gone back in {seconds:.0f} s; {reckoned(load, people)}")


def test_a_prepare_that_fails_replaces_nothing(release: Release) -> None:
    before = {each["metadata"]["name"]: each["metadata"]["uid"] for each in release.pods()}
    done = release.upgrade(
        f"image.tag={IMAGES[1].rpartition(':')[2]}",
        "prepare.backoffLimit=0",
        "database.owner.existingSecret=onething-databases",  # whose roles own no tables
    )

    assert done.returncode != 0
    assert "pre-upgrade hooks failed" in done.stderr
    assert {each["metadata"]["name"]: each["metadata"]["uid"] for each in release.pods()} == before
    assert release.images() == {IMAGES[0]}
    assert release.is_whole()
    assert verdict(release.load("--cases=1"))["passed"] is True
    mended = release.helm("rollback", RELEASE, "--wait")
    assert mended.returncode == 0, mended.stderr


def test_a_node_is_drained_under_load_and_nothing_is_lost(release: Release) -> None:
    lab = release.lab
    load, people = release.load("--cases=12", "--ledger"), release.people()
    began = time.monotonic()
    said = lab.kubectl("drain", "node-1", "--ignore-daemonsets", "--delete-emptydir-data", "--force", check=False)
    seconds = time.monotonic() - began

    assert "drained" in said, said + release.why()
    release.comes_to(release.is_whole, "everything runs on the other node")
    assert {each["spec"]["nodeName"] for each in release.pods()} == {"node-0"}
    print(f"drained in {seconds:.0f} s; {reckoned(load, people)}")
    lab.kubectl("uncordon", "node-1")


def test_a_budget_lets_one_of_two_go_at_a_time(release: Release) -> None:
    lab = release.lab
    doubled = ("intake", "approval", "gateway")
    release.comes_to(
        lambda: release.budgets() == {f"{RELEASE}-{name}": 1 for name in doubled}, "each budget lets one go"
    )
    lab.kubectl("cordon", "node-0", "node-1")  # nobody takes the place of who goes
    for name in doubled:
        one, other = release.pods(name)

        assert "Success" in release.evict(one)
        assert "violate the pod's disruption budget" in release.evict(other)
        assert other["metadata"]["uid"] in {each["metadata"]["uid"] for each in release.pods(name)}
    lab.kubectl("uncordon", "node-0", "node-1")
    release.comes_to(release.is_whole, "those that went are replaced")


def test_network_policies_let_through_what_is_needed_and_nothing_else(release: Release) -> None:
    lab = release.lab
    lab.kubectl("drain", "node-1", "--ignore-daemonsets", "--delete-emptydir-data", "--force")
    release.comes_to(release.is_whole, "everything runs on one node")
    passer_by, monitoring, door = (release.looker(space) for space in (SPACE, "monitoring", "ingress-nginx"))
    engines = release.engines
    broker, database, store = ((HOST, port) for port in (engines.broker.tls_port, engines.database.port, S3))
    issuer, kubernetes = (HOST, urlsplit(release.issuer).port or 443), (HOST, 6443)

    def place(service: str, port: str) -> tuple[str, int]:
        """Where a pod of a service listens."""
        pod = release.pods(service)[0]
        ports = {each["name"]: each["containerPort"] for each in pod["spec"]["containers"][0]["ports"]}
        return pod["status"]["podIP"], ports[port]

    def reached() -> dict[str, bool]:
        """What can be reached from where, of the pairs that policies speak about."""
        health, http = place("intake", "health"), place("gateway", "http")
        intake, casefile, routing, gateway = (
            release.pod(service) for service in ("intake", "casefile", "routing", "gateway")
        )
        return {
            "monitoring looks at health": monitoring.reaches(health),
            "the door forwards to the gateway": door.reaches(http),
            "intake speaks to the broker": intake.reaches(broker),
            "intake keeps facts": intake.reaches(database),
            "intake keeps documents": intake.reaches(store),
            "casefile keeps packages": casefile.reaches(store),
            "the gateway asks the issuer": gateway.reaches(issuer),
            "a passer-by looks at health": passer_by.reaches(health),
            "a passer-by comes in by the back door": passer_by.reaches(http),
            "monitoring comes in by the back door": monitoring.reaches(http),
            "the door looks at health": door.reaches(health),
            "intake comes to the gateway": intake.reaches(http),
            "intake speaks to Kubernetes": intake.reaches(kubernetes),
            "routing looks into documents": routing.reaches(store),
            "routing asks the issuer": routing.reaches(issuer),
        }

    before = reached()
    assert all(before.values()), before
    needed = dict.fromkeys(list(before)[:7], True)  # the rest is nobody's business
    lab.enforce(0)
    eventually(lambda: not passer_by.reaches(place("gateway", "http")), "policies hold")
    release.comes_to(lambda: reached() == dict.fromkeys(before, False) | needed, "policies hold for all")

    done = release.upgrade(f"image.tag={IMAGES[1].rpartition(':')[2]}")  # prepare, too, and each service from its start
    assert done.returncode == 0, done.stderr + release.why()
    release.comes_to(lambda: release.runs(IMAGES[1]), "all begin anew under the policies")
    rehearsed = release.helm("test", RELEASE, "--logs")
    assert rehearsed.returncode == 0, rehearsed.stdout[-4000:] + release.why()
    assert reached() == dict.fromkeys(before, False) | needed
    print("under the policies: replaced, and cases driven while two pods were killed")
    lab.kubectl("uncordon", "node-1")


def test_what_is_uninstalled_leaves_the_facts(release: Release) -> None:
    count = "SELECT count(*) FROM events"
    facts = int(release.engines.sql(count, "onething_intake"))
    done = release.helm("uninstall", RELEASE, "--wait")

    assert done.returncode == 0, done.stderr
    eventually(lambda: not release.pods(), "no pod is left")
    assert int(release.engines.sql(count, "onething_intake")) == facts > 0
