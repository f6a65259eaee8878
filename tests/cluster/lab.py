"""A real Kubernetes on this machine: API server, controllers, scheduler, nodes with containerd and runc, no registry.

It runs in namespaces of its own (network, mounts, processes), which `tox -e cluster` makes with `unshare`: nothing of
it is seen outside, and all of it is gone when its first process ends. Only the nodes' control groups outlive a run that
was killed; the next one removes them.
"""

import json
import os
import secrets
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

HOST, HOSTS = "10.99.0.1", ("10.99.0.1", "10.99.0.2")
SERVICES, DNS_DOMAIN = "10.96.0.0/16", "cluster.local"
TOKEN = secrets.token_hex(16)
PAUSE = "localhost/pause:1"
PATIENCE = 1800.0
"""Seconds that bound a wait and decide nothing."""
STATE = ("/run/containerd", "/run/netns", "/opt/containerd", "/var/lib/cni", "/var/lib/kubelet", "/var/log/containers")
SERVERS = (
    "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl", "kube-router",
)  # fmt: skip
PACKAGES = {
    "etcd": "etcd-server",
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "conmon": "conmon",
    "podman": "podman",
    "mmdebstrap": "mmdebstrap",
    "dnsmasq": "dnsmasq-base",
    "ipset": "ipset",
    "iptables": "iptables",
    "openssl": "openssl",
    "ip": "iproute2",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "/usr/lib/cni/host-local": "containernetworking-plugins",
}
"""Program → Debian's package of it."""


def eventually(look: Callable[[], Any], what: str) -> Any:
    """What a look finds once it finds something. Fails with the last thing that went wrong."""
    until, problem = time.monotonic() + PATIENCE, ""
    while time.monotonic() < until:
        try:
            if found := look():
                return found
        except (subprocess.SubprocessError, OSError, ValueError, KeyError) as error:
            problem = f"{error} {getattr(error, 'stderr', '') or ''}"
        time.sleep(0.5)
    raise AssertionError(f"{what}: not within {PATIENCE:.0f} s. {problem}")


class Lab:
    """One cluster of so many nodes."""

    def __init__(self, directory: Path, servers: Path, nodes: int = 2) -> None:
        self.directory = directory
        self.servers = servers
        self.nodes = nodes
        self.kubeconfig = directory / "kubeconfig"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._names = directory / "hosts"
        self._over = threading.Event()

    # life

    def start(self) -> None:
        """Starts everything, and returns when all nodes are ready."""
        self.directory.mkdir(parents=True, exist_ok=True)
        assert _leave_no_group(), "another cluster runs on this machine"
        self._apart()
        self._network()
        self._keys()
        self._control()
        for number in range(self.nodes):
            self._node(number)
        self._run("kube-proxy", str(self.servers / "kube-proxy"), f"--config={self._proxy()}")
        eventually(lambda: len(self.ready()) == self.nodes, "nodes are ready")
        threading.Thread(target=self._tell_names, daemon=True).start()

    def stop(self) -> None:
        """Ends everything that was started."""
        self._over.set()
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        _end_containers()
        eventually(_leave_no_group, "the nodes' groups are gone")

    def kubectl(self, *arguments: str, give: str | None = None, check: bool = True) -> str:
        """What kubectl says. Raises CalledProcessError."""
        done = subprocess.run(
            [self.servers / "kubectl", f"--kubeconfig={self.kubeconfig}", *arguments],
            input=give,
            capture_output=True,
            text=True,
            check=check,
        )
        return done.stdout if check else done.stdout + done.stderr

    def get(self, kind: str, *arguments: str) -> list[dict[str, Any]]:
        """Objects of a kind."""
        found: list[dict[str, Any]] = json.loads(self.kubectl("get", kind, "--output=json", *arguments))["items"]
        return found

    def apply(self, *objects: Mapping[str, Any]) -> None:
        """Makes objects, or makes them so."""
        self.kubectl("apply", "--filename=-", give=yaml.safe_dump_all(objects))

    def ready(self) -> list[str]:
        """Names of the nodes that are."""
        return [
            each["metadata"]["name"]
            for each in self.get("nodes")
            if any(c["type"] == "Ready" and c["status"] == "True" for c in each["status"].get("conditions", ()))
        ]

    def enforce(self, number: int) -> None:
        """Lets network policies hold for the pods of one node: nodes share a network here, and the rules in it."""
        self._run(
            "kube-router", str(self.servers / "kube-router"), f"--kubeconfig={self.kubeconfig}", "--run-firewall=true",
            "--run-router=false", "--run-service-proxy=false", f"--hostname-override=node-{number}",
            f"--service-cluster-ip-range={SERVICES}", "--health-port=0",
        )  # fmt: skip

    def load(self, archive: Path) -> None:
        """Gives every node the images of an archive."""
        for number in range(self.nodes):
            subprocess.run(
                ["ctr", f"--address={self._socket(number)}", "--namespace=k8s.io", "images", "import", archive],
                check=True,
                capture_output=True,
            )

    # parts

    def _run(self, name: str, *arguments: str) -> None:
        with (self.directory / f"{name}.log").open("wb") as log:
            self._processes.append(subprocess.Popen([*arguments], stdout=log, stderr=log, stdin=subprocess.DEVNULL))

    def _apart(self) -> None:
        """What containers' programs write at places of their own is seen here alone, and gone with us."""
        subprocess.run(["mount", "--make-rshared", "/"], check=True)
        for each in STATE:
            Path(each).mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "-t", "tmpfs", "lab", each], check=True)

    def _network(self) -> None:
        lines = [
            "ip link set lo up",
            "ip link add lab0 type bridge",
            *(f"ip address add {each}/24 dev lab0" for each in HOSTS[: self.nodes]),
            "ip link set lab0 up",
            "ip route add default dev lab0",
        ]
        for line in lines:
            subprocess.run(line.split(), check=True, capture_output=True)
        for name in ("net/ipv4/ip_forward", "net/bridge/bridge-nf-call-iptables", "net/ipv4/conf/all/route_localnet"):
            Path("/proc/sys", name).write_text("1")

    def _keys(self) -> None:
        place = self.directory
        names = ",".join(
            [*(f"IP:{each}" for each in (*HOSTS, "10.96.0.1")), "DNS:kubernetes.default.svc", "DNS:kubernetes.default"]
        )
        for line in (
            (
                f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lab -addext subjectAltName={names}"
                f" -keyout {place}/api.key -out {place}/api.crt"
            ),
            f"openssl genrsa -out {place}/accounts.key 2048",
        ):
            subprocess.run(line.split(), check=True, capture_output=True)
        (place / "tokens.csv").write_text(f"{TOKEN},lab,lab,system:masters\n")
        self.kubeconfig.write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [
                        {
                            "name": "lab",
                            "cluster": {
                                "server": f"https://{HOST}:6443",
                                "certificate-authority": str(place / "api.crt"),
                            },
                        }
                    ],
                    "users": [{"name": "lab", "user": {"token": TOKEN}}],
                    "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "lab"}}],
                    "current-context": "lab",
                }
            )
        )

    def _control(self) -> None:
        place = self.directory
        self._run(
            "etcd", "etcd", f"--data-dir={place}/etcd", "--listen-client-urls=http://127.0.0.1:2379",
            "--advertise-client-urls=http://127.0.0.1:2379", "--listen-peer-urls=http://127.0.0.1:2380",
            "--unsafe-no-fsync",
        )  # fmt: skip
        self._run(
            "kube-apiserver", str(self.servers / "kube-apiserver"), "--etcd-servers=http://127.0.0.1:2379",
            f"--bind-address={HOST}", f"--advertise-address={HOST}", "--secure-port=6443",
            f"--tls-cert-file={place}/api.crt", f"--tls-private-key-file={place}/api.key",
            f"--token-auth-file={place}/tokens.csv", "--authorization-mode=RBAC",
            f"--service-cluster-ip-range={SERVICES}", "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-signing-key-file={place}/accounts.key",
            f"--service-account-key-file={place}/accounts.key", "--kubelet-preferred-address-types=InternalIP",
        )  # fmt: skip
        eventually(lambda: self.kubectl("get", "--raw=/readyz") == "ok", "the API server is ready")
        for name, more in (
            (
                "kube-controller-manager",
                (
                    f"--service-account-private-key-file={place}/accounts.key",
                    f"--root-ca-file={place}/api.crt",
                    "--use-service-account-credentials=true",
                    "--node-monitor-grace-period=30s",
                ),
            ),
            ("kube-scheduler", ()),
        ):
            self._run(
                name, str(self.servers / name), f"--kubeconfig={self.kubeconfig}", "--leader-elect=false",
                f"--authentication-kubeconfig={self.kubeconfig}", f"--authorization-kubeconfig={self.kubeconfig}",
                *more,
            )  # fmt: skip
        self._run(
            "dnsmasq", "dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", f"--listen-address={HOST}",
            "--bind-interfaces", f"--addn-hosts={self._names}", "--local=/./", "--user=root",
            f"--pid-file={place}/dnsmasq.pid",
        )  # fmt: skip
        self._names.touch()

    def _socket(self, number: int) -> Path:
        return self.directory / f"containerd-{number}.sock"

    def _node(self, number: int) -> None:
        place = self.directory / f"node-{number}"
        network = place / "cni"
        network.mkdir(parents=True)
        (network / "10-lab.conflist").write_text(
            json.dumps(
                {
                    "cniVersion": "0.4.0",
                    "name": f"lab{number}",
                    "plugins": [
                        {
                            "type": "bridge",
                            "bridge": f"pods{number}",
                            "isGateway": True,
                            "hairpinMode": True,
                            "ipam": {
                                "type": "host-local",
                                "dataDir": str(place / "addresses"),
                                "ranges": [[{"subnet": f"10.244.{number}.0/24"}]],
                                "routes": [{"dst": "0.0.0.0/0"}],
                            },
                        }
                    ],
                }
            )
        )
        (place / "containerd.toml").write_text(
            f"""version = 2
root = "{place}/containerd"
state = "{place}/state"
[grpc]
  address = "{self._socket(number)}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{network}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
"""
        )
        self._run(f"containerd-{number}", "containerd", f"--config={place}/containerd.toml")
        eventually(self._socket(number).exists, "containerd listens")
        (place / "kubelet.yaml").write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "kubelet.config.k8s.io/v1beta1",
                    "kind": "KubeletConfiguration",
                    "address": HOSTS[number],
                    "port": 10250,
                    "healthzBindAddress": HOSTS[number],
                    "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
                    "authorization": {"mode": "AlwaysAllow"},
                    "cgroupDriver": "cgroupfs",
                    "cgroupRoot": f"/onething-lab-{number}",
                    "clusterDNS": [HOST],
                    "clusterDomain": DNS_DOMAIN,
                    "containerRuntimeEndpoint": f"unix://{self._socket(number)}",
                    "enforceNodeAllocatable": [],
                    "evictionHard": {},
                    "failSwapOn": False,
                    "localStorageCapacityIsolation": False,
                    "imageGCHighThresholdPercent": 100,
                    "makeIPTablesUtilChains": number == 0,
                    "podLogsDir": str(place / "logs"),
                    "volumePluginDir": str(place / "plugins"),
                }
            )
        )
        Path(f"/sys/fs/cgroup/cpuset/onething-lab-{number}").mkdir(exist_ok=True)
        for each in Path("/sys/fs/cgroup").iterdir():
            if (each / "cgroup.procs").exists():
                (each / f"onething-lab-{number}").mkdir(exist_ok=True)
        for name in ("cpuset.cpus", "cpuset.mems"):
            top = Path("/sys/fs/cgroup/cpuset")
            (top / f"onething-lab-{number}" / name).write_text((top / name).read_text())
        self._run(
            f"kubelet-{number}", str(self.servers / "kubelet"), f"--config={place}/kubelet.yaml",
            f"--kubeconfig={self.kubeconfig}", f"--root-dir={place}/kubelet", f"--hostname-override=node-{number}",
            f"--node-ip={HOSTS[number]}", f"--cert-dir={place}/pki",
        )  # fmt: skip

    def _proxy(self) -> Path:
        file = self.directory / "proxy.yaml"
        file.write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
                    "kind": "KubeProxyConfiguration",
                    "mode": "iptables",
                    "hostnameOverride": "node-0",
                    "clusterCIDR": "10.244.0.0/16",
                    "clientConnection": {"kubeconfig": str(self.kubeconfig)},
                    "conntrack": {
                        "maxPerCore": 0,
                        "min": 0,
                        "tcpEstablishedTimeout": "0s",
                        "tcpCloseWaitTimeout": "0s",
                    },
                }
            )
        )
        return file

    def _tell_names(self) -> None:
        """Services by name, for DNS: what CoreDNS does elsewhere."""
        told = ""
        while not self._over.wait(1.0):
            try:
                services = self.get("services", "--all-namespaces")
            except (subprocess.SubprocessError, ValueError):
                continue
            lines = []
            for each in services:
                name, space = each["metadata"]["name"], each["metadata"]["namespace"]
                if (address := each["spec"].get("clusterIP", "None")) != "None":
                    lines.append(f"{address} {name}.{space}.svc.{DNS_DOMAIN} {name}.{space}.svc {name}.{space} {name}")
            if (text := "\n".join(lines) + "\n") != told:
                self._names.write_text(text)
                os.kill(int((self.directory / "dnsmasq.pid").read_text()), 1)
                told = text


def _end_containers() -> None:
    """Ends what the nodes left running: all that there is in these namespaces but us and our ancestors."""
    for each in Path("/proc").iterdir():
        if each.name.isdigit() and each.name != str(os.getpid()):
            with suppress(OSError):
                if (
                    b"containerd-shim" in (each / "cmdline").read_bytes()
                    or "onething-lab" in (each / "cgroup").read_text()
                ):
                    os.kill(int(each.name), 9)


def _leave_no_group() -> bool:
    """Removes the nodes' control groups, which outlive namespaces; False while something is still in one."""
    tops = list(Path("/sys/fs/cgroup").glob("*/onething-lab-*"))
    for top in tops:
        for each in (*sorted(top.rglob("*/"), reverse=True), top):
            with suppress(OSError):
                each.rmdir()
    return not any(top.exists() for top in tops)


def cannot(servers: Path) -> str:
    """Why there can be no cluster here, or ""."""
    missing = {package for program, package in PACKAGES.items() if shutil.which(program) is None}
    if missing:
        return f"not installed; type: sudo apt-get install --yes --no-install-recommends {' '.join(sorted(missing))}"
    if os.geteuid() != 0:
        return "nodes want root"
    if absent := [each for each in SERVERS if not (servers / each).exists()]:
        return f"not built: {', '.join(absent)} in {servers}; type: tests/cluster/build"
    if os.getpid() != 1:
        return "not in namespaces of its own; type: tox -e cluster"
    return ""
