"""Watching: Prometheus scrapes by the charts' alerts and says what fires, and spans go to a receiver."""

import json
import re
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import eventlet
import eventlet.wsgi
import yaml
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from testkit.process import LOOPBACK, NotReady, Process, free_port

CHARTS = Path(__file__).parents[2] / "charts"
OURS = CHARTS / "onething" / "rules" / "onething.yaml"
ENGINES = CHARTS / "platform" / "rules" / "platform.yaml"
SOONER = {"5m": "15s", "30m": "60s", "1h": "20s", "6h": "30s"}
"""Windows of the alerts, and how long they are here."""
RESTARTS = 300.0
"""Seconds in which a process that starts three times starts too often: what a slow machine needs for that."""
LOWER = {
    "OnethingLogLagHigh": ("> 60", "> 5"),
    "OnethingReplicationLag": ("> 30", "> 3"),
    "OnethingArchiveStuck": ("> 100", "> 3"),
    "OnethingRestarting": ("[30m]", f"[{RESTARTS:.0f}s]"),
}
"""What is an alarm, and what is one here."""
FOR = "2s"
PATIENCE = 180.0
"""Seconds in which an alert fires, or clears."""


def shortened(file: Path) -> dict[str, Any]:
    """A chart's alerts with windows and patience of seconds."""
    rules: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            if "for" in rule:
                rule["for"] = FOR
            level, lower = LOWER.get(rule["alert"], ("", ""))
            assert level in rule["expr"]
            rule["expr"] = rule["expr"].replace(level, lower) if level else rule["expr"]
            rule["expr"] = re.sub(
                r"\[(5m|30m|1h|6h)(:\w+)?\]",
                lambda found: f"[{SOONER[found[1]]}{':1s' if found[2] else ''}]",
                rule["expr"],
            )
    return rules


def scraped(job: str, targets: list[str], **more: Any) -> dict[str, Any]:
    """A job of Prometheus."""
    return {"job_name": job, "static_configs": [{"targets": targets}], **more}


def installed(program: str) -> str:
    """Where a program of Debian's package of the same name is; raises NotReady where it is not."""
    found = shutil.which(program)
    if found is None:
        raise NotReady(f"{program} is not there; type:  sudo apt-get install --yes --no-install-recommends {program}")
    return found


class Prometheus:
    """Debian's Prometheus on loopback: it scrapes every three seconds and waits as long, as gauges may."""

    def __init__(self, directory: Path, rules: Path, *jobs: dict[str, Any]) -> None:
        program = installed("prometheus")
        place = directory / "prometheus"
        place.mkdir()
        (place / "rules.yaml").write_text(yaml.safe_dump(shortened(rules), allow_unicode=True))
        (place / "prometheus.yaml").write_text(
            json.dumps(
                {
                    "global": {"scrape_interval": "3s", "scrape_timeout": "3s", "evaluation_interval": "1s"},
                    "rule_files": ["rules.yaml"],
                    "scrape_configs": [*jobs],
                }
            )
        )
        self.address = f"{LOOPBACK}:{free_port()}"
        arguments = (
            f"--config.file={place / 'prometheus.yaml'}",
            f"--storage.tsdb.path={place / 'data'}",
            f"--web.listen-address={self.address}",
        )
        self.process = Process([program, *arguments], directory / "prometheus.log")

    def __enter__(self) -> Self:
        self.process.start().wait_until(lambda: self._get("/-/ready") is not None, timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate(timeout=30)

    def firing(self) -> set[tuple[str, str]]:
        """(alert, service) of everything that fires now; the service is empty where an alert names none."""
        return {
            (each["labels"]["alertname"], each["labels"].get("service", ""))
            for each in self._asked("/api/v1/alerts")["alerts"]
            if each["state"] == "firing"
        }

    def query(self, query: str) -> list[dict[str, Any]]:
        """What a query gives now."""
        found: list[dict[str, Any]] = self._asked("/api/v1/query?" + urllib.parse.urlencode({"query": query}))["result"]
        return found

    def _asked(self, path: str) -> Any:
        """What it answers; it is asked again where it does not, for silence is no answer."""
        while (found := self._get(path)) is None:
            assert self.process.running
            eventlet.sleep(0.25)
        return json.loads(found)["data"]

    def _get(self, path: str) -> str | None:
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except (OSError, urllib.error.URLError):
            return None


class Alerts:
    """What happens to the alerts of a Prometheus, waited for and told."""

    def __init__(self, prometheus: Prometheus, tell: Callable[[str], None]) -> None:
        self.prometheus = prometheus
        self.tell = tell

    def until(self, holds: Callable[[], Any], what: str, *, within: float = PATIENCE) -> float:
        """Waits; returns the seconds that it took."""
        began = time.monotonic()
        while not holds():
            took = time.monotonic() - began
            assert took < within, f"{what}: not after {took:.0f} s; firing: {sorted(self.prometheus.firing())}"
            eventlet.sleep(0.25)
        return time.monotonic() - began

    def fires(self, alert: str, *services: str) -> None:
        wanted = {(alert, service) for service in services or ("",)}
        took = self.until(lambda: wanted <= self.prometheus.firing(), f"{alert} fires")
        self.tell(f"{alert} ({', '.join(services)}) fires after {took:.1f} s")

    def clears(self, *alerts: str, within: float = PATIENCE) -> None:
        def are_quiet() -> bool:
            return not {name for name, _ in self.prometheus.firing()} & {*alerts}

        took = self.until(are_quiet, f"{alerts} clear", within=within)
        self.tell(f"{', '.join(alerts)} cleared after {took:.1f} s")


class Spans:
    """What exporters sent: spans by trace and service."""

    def __init__(self) -> None:
        self.requests = 0
        self.by_trace: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self.address = ""

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        """A receiver of OTLP over HTTP, as far as traces go."""
        if environ["PATH_INFO"] != "/v1/traces" or environ["CONTENT_TYPE"] != "application/x-protobuf":
            start("404 Not Found", [])
            return [b""]
        request = ExportTraceServiceRequest.FromString(environ["wsgi.input"].read())
        self.requests += 1
        for resource in request.resource_spans:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.by_trace[span.trace_id.hex()][names["service.name"]].append(span)
        start("200 OK", [("Content-Type", "application/x-protobuf")])
        return [b""]


@contextmanager
def receiving() -> Iterator[Spans]:
    """A receiver on loopback."""
    spans, listening = Spans(), eventlet.listen((LOOPBACK, 0))
    spans.address = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    server = eventlet.spawn(eventlet.wsgi.server, listening, spans, log_output=False)
    try:
        yield spans
    finally:
        server.kill()
        listening.close()
