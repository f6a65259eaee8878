"""Everything that is counted: one table, from which the metrics are made and the reference page is generated.

Names carry their unit. What a batch of work adds is counted where it happens; what stands at an instant
(lags, parked cases) is asked of the services when somebody looks.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, Protocol

import msgspec
import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

__all__ = ["TABLE", "Metric", "Sample", "commands_done", "exposition", "facts_recorded", "sections_done"]

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets of every duration."""


class Metric(msgspec.Struct, frozen=True):
    """A row of the reference table."""

    name: str
    kind: Literal["counter", "histogram", "gauge"]
    labels: tuple[str, ...]
    description: str


TABLE: tuple[Metric, ...] = (
    Metric(
        "onething_commands_total",
        "counter",
        ("service", "verb", "outcome"),
        "Commands, by what became of them: `answered`, `refused` by a rule, `unavailable` (the same command "
        "may succeed later), `faulty` (a fault of the service)",
    ),
    Metric(
        "onething_command_batch_seconds",
        "histogram",
        ("service",),
        "Time from a batch's arrival in the service to its answers, waiting for the batch before it included",
    ),
    Metric(
        "onething_facts_recorded_total",
        "counter",
        ("service", "fact"),
        "Facts that a service has added to its log, by topic",
    ),
    Metric(
        "onething_sections_total",
        "counter",
        ("service", "upstream", "outcome"),
        "Sections of other services' logs: `reacted` to, or `put-off`, to be tried again",
    ),
    Metric(
        "onething_facts_followed_total",
        "counter",
        ("service", "upstream"),
        "Facts in the sections that were reacted to",
    ),
    Metric(
        "onething_section_batch_seconds",
        "histogram",
        ("service",),
        "Time to react to the sections that arrived together, waiting for the batch before them included",
    ),
    Metric(
        "onething_follower_lag_facts",
        "gauge",
        ("service", "upstream", "segment"),
        "Facts that an upstream is known to have in a segment of its log and that were not reacted to yet; "
        "from the replica that owns the segment",
    ),
    Metric(
        "onething_follower_lag_seconds",
        "gauge",
        ("service", "upstream", "segment"),
        "Seconds since the owner of a segment last knew that it had everything: an upstream that does not "
        "answer counts, too, and in quiet times the value moves between 0 and about 1",
    ),
    Metric(
        "onething_parked_cases",
        "gauge",
        ("service",),
        "Cases that cannot go on in a service until an operator decides, in the segments of this replica",
    ),
    Metric(
        "onething_ledger_faults",
        "gauge",
        ("service",),
        "Originals whose custody does not sum to one place each, by the last round of the check; always 0, or an alarm",
    ),
    Metric(
        "onething_deadlines_overdue",
        "gauge",
        ("service",),
        "Deadlines that should have happened ten seconds ago and did not, in the segments of this replica; "
        "counted up to 1000",
    ),
    Metric(
        "onething_segments_owned",
        "gauge",
        ("service",),
        "Segments of the log that this replica works on; over all replicas of a service they add up to 16",
    ),
    Metric(
        "onething_broker_connected",
        "gauge",
        ("service",),
        "1 while this replica is connected to the broker, else 0",
    ),
)
"""Every metric of onething. Beside it stand the process's own: `process_cpu_seconds_total` and its like."""

REGISTRY = CollectorRegistry()
"""What this process has counted so far."""

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
ProcessCollector(registry=REGISTRY)


def _counter(name: str) -> Counter:
    row = _ROWS[name]
    return Counter(row.name, row.description, row.labels, registry=REGISTRY)


def _histogram(name: str) -> Histogram:
    row = _ROWS[name]
    return Histogram(row.name, row.description, row.labels, registry=REGISTRY, buckets=SECONDS)


_ROWS = {row.name: row for row in TABLE}
_commands = _counter("onething_commands_total")
_command_seconds = _histogram("onething_command_batch_seconds")
_facts = _counter("onething_facts_recorded_total")
_sections = _counter("onething_sections_total")
_followed = _counter("onething_facts_followed_total")
_section_seconds = _histogram("onething_section_batch_seconds")


class Recorded(Protocol):
    """A fact in the log."""

    @property
    def topic(self) -> str: ...


def commands_done(service: str, done: Iterable[tuple[str, str]], seconds: float) -> None:
    """Counts a batch of commands: (verb, outcome) of each, and how long it took."""
    for (verb, outcome), number in Tally(done).items():
        _commands.labels(service, verb, outcome).inc(number)
    _command_seconds.labels(service).observe(seconds)


def facts_recorded(service: str, stored: Sequence[Recorded]) -> None:
    """Counts what one transaction has added to the log."""
    for topic, number in Tally(fact.topic for fact in stored).items():
        _facts.labels(service, topic).inc(number)


def sections_done(service: str, upstreams: Iterable[tuple[str, int]], outcome: str, seconds: float) -> None:
    """Counts a batch of sections: (upstream, facts) of each, and how long it took."""
    for upstream, facts in upstreams:
        _sections.labels(service, upstream, outcome).inc()
        if outcome == "reacted":
            _followed.labels(service, upstream).inc(facts)
    _section_seconds.labels(service).observe(seconds)


class Sample(NamedTuple):
    """What a gauge shows now; ``labels`` in the order of the table."""

    name: str
    labels: tuple[str, ...]
    value: float


def exposition(samples: Iterable[Sample], accept: str = "") -> tuple[str, bytes]:
    """Everything counted and these samples: media type and text, in the format that the reader accepts."""
    encode, media_type = choose_encoder(accept)
    return media_type, encode(_Seen(samples))


class _Seen(Collector):
    """The registry, and samples beside it."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self.samples = samples

    def collect(self) -> Iterator[Family]:
        yield from REGISTRY.collect()
        gauges = {
            row.name: GaugeMetricFamily(row.name, row.description, labels=row.labels)
            for row in TABLE
            if row.kind == "gauge"
        }
        for name, labels, value in self.samples:
            gauges[name].add_metric(labels, value)
        yield from gauges.values()
