"""One lab with engines beside it and the image on its nodes; the tests go through one release of the chart in order."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import yaml

from .engines import PASSWORD, S3, Engines
from .lab import HOST, Lab, cannot

ROOT = Path(__file__).parents[2]
SERVERS = Path(os.environ.get("ONETHING_KUBERNETES", ROOT / ".tox" / "kubernetes"))
SPACE, RELEASE = "halls", "county"
GLANCE, STANDSTILL = 5.0, 900.0
"""Seconds between two looks at a release; how long nothing at all may come on before it counts as stuck."""
UNBOUNDED = "24h"
"""How long Helm would wait: the pods decide, and not it."""
IMAGES = ("localhost/onething:one", "localhost/onething:two")


class Release:
    """The chart's release in the lab."""

    def __init__(self, lab: Lab, engines: Engines, directory: Path) -> None:
        self.lab = lab
        self.engines = engines
        self.values = directory / "values.yaml"
        self.keys = directory / "keys"
        self.issuer = ""

    def helm(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What Helm says. It may take as long as pods come on, and is ended where they do not."""
        helm = subprocess.Popen(
            [
                "helm", f"--kubeconfig={self.lab.kubeconfig}", f"--namespace={SPACE}", *arguments,
                f"--timeout={UNBOUNDED}",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        progress = Progress(self.states)
        while True:
            try:
                out, err = helm.communicate(timeout=GLANCE)
            except subprocess.TimeoutExpired:
                if progress.has_ended():
                    helm.terminate()
            else:
                return subprocess.CompletedProcess(helm.args, helm.returncode, out, err)

    def comes_to(self, is_so: Callable[[], bool], what: str) -> None:
        """Waits until it is so, for as long as pods come on."""
        progress = Progress(self.states)
        while not is_so():
            assert not progress.has_ended(), f"{what}: nothing came on for {STANDSTILL:.0f} s\n{self.why()}"
            time.sleep(GLANCE)

    def states(self) -> set[tuple[str, ...]]:
        """Each pod with its phase and its conditions."""
        return {
            (each["metadata"]["uid"], each["status"]["phase"], condition["type"], condition["status"])
            for each in self.lab.get("pods", f"--namespace={SPACE}")
            for condition in each["status"].get("conditions", ())
        }

    def upgrade(self, *sets: str) -> subprocess.CompletedProcess[str]:
        return self.helm(
            "upgrade", RELEASE, str(ROOT / "charts" / "onething"), "--install", f"--values={self.values}", "--wait",
            *(f"--set={each}" for each in sets),
        )  # fmt: skip

    def deployments(self) -> dict[str, dict[str, Any]]:
        """service → its Deployment."""
        found = self.lab.get("deployments", f"--namespace={SPACE}")
        return {each["metadata"]["name"].removeprefix(f"{RELEASE}-"): each for each in found}

    def pods(self, service: str = "") -> list[dict[str, Any]]:
        """The services' pods, or those of one, that are not about to end."""
        of = f",app.kubernetes.io/component={service}" if service else ""
        found = self.lab.get("pods", f"--namespace={SPACE}", f"--selector=app.kubernetes.io/instance={RELEASE}{of}")
        return [
            each
            for each in found
            if "deletionTimestamp" not in each["metadata"] and each["spec"]["restartPolicy"] == "Always"
        ]

    def images(self) -> set[str]:
        """What the services' pods run."""
        return {each["spec"]["containers"][0]["image"] for each in self.pods()}

    def is_whole(self) -> bool:
        """Whether every Deployment has as many ready pods as it wants, all of the newest kind."""
        ready = Counter(
            each["metadata"]["labels"]["app.kubernetes.io/component"] for each in self.pods() if is_ready(each)
        )
        return all(
            (status := each["status"]).get("updatedReplicas") == each["spec"]["replicas"] == status.get("replicas")
            and status.get("readyReplicas") == each["spec"]["replicas"] == ready[name]
            for name, each in self.deployments().items()
        )

    def runs(self, image: str) -> bool:
        """Whether it is whole, all of this image: Helm waits for those that come, and not for those that go."""
        return self.is_whole() and self.images() == {image}

    def budgets(self) -> dict[str, int]:
        """Budget → how many pods it lets go now."""
        found = self.lab.get("poddisruptionbudgets", f"--namespace={SPACE}")
        return {each["metadata"]["name"]: each["status"].get("disruptionsAllowed", 0) for each in found}

    def evict(self, pod: dict[str, Any]) -> str:
        """Asks for a pod to go, as a drain does, and what is answered."""
        name = {"name": pod["metadata"]["name"], "namespace": SPACE}
        return self.lab.kubectl(
            "create", f"--raw=/api/v1/namespaces/{SPACE}/pods/{name['name']}/eviction", "--filename=-",
            give=json.dumps({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": name}), check=False,
        )  # fmt: skip

    def looker(self, space: str) -> "Pod":
        """A pod of nobody's in a namespace, beside the release."""
        hardened = {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
            "runAsNonRoot": True,
        }
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "looker", "namespace": space},
            "spec": {
                "containers": [
                    {
                        "name": "looker",
                        "image": IMAGES[0],
                        "imagePullPolicy": "Never",
                        "command": ["python", "-c", "import signal; signal.sigwait({signal.SIGTERM})"],
                        "securityContext": hardened,
                    }
                ]
            },
        }
        self.lab.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
        self.lab.apply(pod)
        self.lab.kubectl("wait", f"--namespace={space}", "--for=condition=Ready", "pod/looker", "--timeout=600s")
        return Pod(self.lab, space, "looker")

    def pod(self, service: str) -> "Pod":
        """A pod of a service."""
        return Pod(self.lab, SPACE, self.pods(service)[0]["metadata"]["name"])

    def why(self) -> str:
        """What stands in the way, for whoever reads a failure."""
        pods = self.lab.kubectl("get", "pods", "--output=wide", f"--namespace={SPACE}", check=False)
        events = self.lab.kubectl("get", "events", "--sort-by=.lastTimestamp", f"--namespace={SPACE}", check=False)
        said = [
            self.lab.kubectl("logs", each["metadata"]["name"], f"--namespace={SPACE}", "--tail=10", check=False)
            for each in self.pods()
            if not is_ready(each)
        ]
        return "\n".join([pods, events[-6000:], *said])

    def load(self, *arguments: str) -> subprocess.Popen[str]:
        """Somebody who drives cases through the release meanwhile, from outside, and reckons up at the end."""
        return self._beside("console", "rehearse", "--json", *arguments)

    def people(self) -> subprocess.Popen[str]:
        """People who come to the gateway meanwhile, over HTTP, until their input is closed."""
        (gateway,) = (
            each["spec"]["clusterIP"]
            for each in self.lab.get("services", f"--namespace={SPACE}")
            if each["metadata"]["name"] == f"{RELEASE}-gateway"
        )
        return self._beside("tests.cluster.door", "load", str(self.keys), self.issuer, f"http://{gateway}")

    def _beside(self, *arguments: str) -> subprocess.Popen[str]:
        """A process outside of the cluster that speaks to its broker."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("ONETHING_")} | {
            "ONETHING_PROFILE": "cluster",
            "ONETHING_REGION": "990102",
            "AMQP_URI": f"amqps://rehearsal:{PASSWORD}@127.0.0.1:{self.engines.broker.tls_port}/onething",
            "DATABASE_URL": "file:/nowhere/{service}",
            "CONTENTS_URL": f"s3://onething?endpoint=http://127.0.0.1:{S3}",
            "ONETHING_SECRET_KEY_FILE": str(self.keys / "secret-key"),
            "SSL_CERT_FILE": str(self.engines.authority.file),
        }
        return subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


class Pod(NamedTuple):
    """Where one can look from."""

    lab: Lab
    space: str
    name: str

    def reaches(self, place: tuple[str, int]) -> bool:
        """Whether a connection to an address and port comes about."""
        look = f"import socket; socket.create_connection({place!r}, 60).close(); print('reached')"
        said = self.lab.kubectl("exec", f"--namespace={self.space}", self.name, "--", "python", "-c", look, check=False)
        assert "reached" in said or "Error: [Errno" in said or "TimeoutError" in said, said
        return "reached" in said


class Progress:
    """Whether anything comes about that was not so before: what ends and begins again without end does not count."""

    def __init__(self, look: Callable[[], set[tuple[str, ...]]]) -> None:
        self._look = look
        self._seen: set[tuple[str, ...]] = set()
        self._last = time.monotonic()

    def has_ended(self) -> bool:
        """Whether nothing new came about for so long."""
        with suppress(subprocess.SubprocessError, ValueError):  # the API server may be late, too
            if new := self._look() - self._seen:
                self._seen |= new
                self._last = time.monotonic()
        return time.monotonic() - self._last > STANDSTILL


def is_ready(pod: dict[str, Any]) -> bool:
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions", ()))


def verdict(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What the load found, once it has ended; its input is closed."""
    out, err = process.communicate()
    assert out.strip(), err[-3000:]
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def secret(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": SPACE}, "stringData": data}


def config_map(name: str, file: str, text: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": SPACE},
        "data": {file: text},
    }


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A cluster of two nodes."""
    if why := cannot(SERVERS):
        pytest.skip(why)
    made = Lab(tmp_path_factory.mktemp("lab"), SERVERS)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def engines(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """The engines, as the platform chart declares them."""
    made = Engines(tmp_path_factory.mktemp("engines"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def release(lab: Lab, engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """What the chart needs, and its values; nothing is installed yet."""
    archive = Path(os.environ.get("ONETHING_IMAGE_ARCHIVE", ROOT / ".tox" / "image-archive.tar"))
    if not archive.exists():
        pytest.skip(f"no images in {archive}; type: tox -e cluster")
    lab.load(archive)
    directory = tmp_path_factory.mktemp("release")
    made = Release(lab, engines, directory)
    made.keys.mkdir()
    issuer = subprocess.Popen(
        [sys.executable, "-m", "tests.cluster.door", "issuer", str(made.keys), HOST],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert issuer.stdout is not None
    people = json.loads(issuer.stdout.readline())
    made.issuer = people["url"]
    for line in (
        "openssl rand -out secret-key 32",
        "openssl rand -hex -out vault-kek 32",
        "openssl genpkey -algorithm ed25519 -out seal.key",
        "openssl req -x509 -newkey rsa:3072 -nodes -days 730 -subj /CN=exit -keyout pdf.key -out pdf.crt",
    ):  # as docs/how-to/run-on-a-cluster.md says
        subprocess.run(line.split(), cwd=made.keys, check=True, capture_output=True)
    space = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": SPACE, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
    }
    lab.apply(space)
    for name, files in (("keys", ("secret-key", "vault-kek")), ("signing", ("seal.key", "pdf.key", "pdf.crt"))):
        lab.kubectl(
            "create", "secret", "generic", f"onething-{name}", f"--namespace={SPACE}",
            *(f"--from-file={made.keys / each}" for each in files),
        )  # fmt: skip
    services = [each.removeprefix("onething_") for each in engines.roles if not each.endswith("_owner")]
    broker, database = engines.broker.tls_port, engines.database.port
    trust = "?sslmode=verify-full&sslrootcert=/etc/onething/trust/ca.pem"
    url = f"postgresql+psycopg://onething_{{}}{{}}:{PASSWORD}@{HOST}:{database}/onething_{{}}{trust}"
    believed = engines.authority.file.read_text() + Path(people["certificate"]).read_text()
    lab.apply(
        secret(
            "onething-broker",
            **{each: f"amqps://{each}:{PASSWORD}@{HOST}:{broker}/onething" for each in (*services, "rehearsal")},
        ),
        secret("onething-databases", **{each: url.format(each, "", each) for each in services}),
        secret("onething-database-owners", **{each: url.format(each, "_owner", each) for each in services}),
        config_map("onething-authorities", "ca.pem", believed),
        config_map("onething-themes", "w1.yaml", (ROOT / "libs" / "console" / "w1" / "w1.yaml").read_text("utf-8")),
        secret("onething-contents", credentials="[default]\naws_access_key_id = k\naws_secret_access_key = s\n"),
    )
    repository, _, tag = IMAGES[0].rpartition(":")
    made.values.write_text(
        yaml.safe_dump(
            {
                "image": {"repository": repository, "tag": tag, "pullPolicy": "Never"},
                "authorities": {"existingConfigMap": "onething-authorities"},
                "catalogue": {"existingConfigMap": "onething-themes"},
                "oidc": {"issuers": made.issuer, "clientId": "onething-lab", "port": urlsplit(made.issuer).port},
                "broker": {"existingSecret": "onething-broker", "uriKey": "{service}", "port": broker},
                "database": {
                    "existingSecret": "onething-databases",
                    "port": database,
                    "owner": {"existingSecret": "onething-database-owners", "role": "onething_{service}"},
                },
                "contents": {
                    "url": f"s3://onething?endpoint=http://{HOST}:{S3}",
                    "existingSecret": "onething-contents",
                    "port": S3,
                },
                "networkPolicy": {"dns": [{"ipBlock": {"cidr": f"{HOST}/32"}}]},
                "keys": {"existingSecret": "onething-keys"},
                "signing": {"existingSecret": "onething-signing"},
                "defaults": {"replicas": 1, "resources": {"requests": {"cpu": "10m"}}},
                "services": {
                    **{name: {"resources": {"requests": {"cpu": "10m"}}} for name in services},
                    "intake": {"replicas": 2, "resources": {"requests": {"cpu": "10m"}}},
                    "approval": {"replicas": 2, "resources": {"requests": {"cpu": "10m"}}},
                    "gateway": {"replicas": 2, "resources": {"requests": {"cpu": "10m"}}},
                },
                "startupSeconds": 3600,  # all services are replaced at once, on the cores of one machine
                "prepare": {"activeDeadlineSeconds": 3600},
                "rehearsal": {"cases": 2, "kills": 2, "ledger": True, "activeDeadlineSeconds": 7200},
            }
        )
    )
    yield made
    issuer.communicate(timeout=60)
