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

from telemetry import tracing

__all__ = [
    "TABLE",
    "Metric",
    "Sample",
    "commands_done",
    "exposition",
    "facts_recorded",
    "feed_delivered",
    "question_done",
    "request_done",
    "sections_done",
    "turned_away",
    "webhook_attempted",
    "webhook_delivered",
]

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
        "onething_questions_total",
        "counter",
        ("service", "entrypoint", "verb", "outcome"),
        "Questions by RPC, by entrypoint (`ask`, `read_log`, `operate`) and by what became of them, as commands",
    ),
    Metric(
        "onething_question_seconds",
        "histogram",
        ("service", "entrypoint"),
        "Time from a question's arrival in the service to its answer, waiting for positions included",
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
        "onething_log_facts",
        "gauge",
        ("service", "segment"),
        "Position of the last fact in a segment of a service's log; from the replica that owns the segment",
    ),
    Metric(
        "onething_follower_position_facts",
        "gauge",
        ("service", "upstream", "segment"),
        "Position in a segment of an upstream's log up to which all was reacted to; from the owner of the segment",
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
        "onething_tree_faults",
        "gauge",
        ("service",),
        "1 while the tree over all facts does not continue what was signed last, by the last look; else 0",
    ),
    Metric(
        "onething_unarchived_cases",
        "gauge",
        ("service",),
        "Closed cases whose package ought to have been made a day ago, over all replicas",
    ),
    Metric(
        "onething_unwarned_reviews",
        "gauge",
        ("service",),
        "Reviews that can be decided or wait for materials, whose limit has passed and of which no red warning was "
        "given; over all replicas",
    ),
    Metric(
        "onething_unsigned_packets",
        "gauge",
        ("service",),
        "Packets that left with a carrier and that nobody has signed for in time, over all replicas",
    ),
    Metric(
        "onething_unprinted_certificates",
        "gauge",
        ("service",),
        "Certificates that were issued ten minutes ago and have no document yet, over all replicas; 0 where documents "
        "are made when somebody asks",
    ),
    Metric(
        "onething_late_messages",
        "gauge",
        ("service",),
        "Messages to applicants that should have left ten minutes ago and did not, over all replicas",
    ),
    Metric(
        "onething_deadlines_due",
        "gauge",
        ("service",),
        "Deadlines that have come or will within the hour, in the segments of this replica; counted up to 1000",
    ),
    Metric(
        "onething_deadlines_overdue",
        "gauge",
        ("service",),
        "Deadlines that should have happened ten seconds ago and did not, in the segments of this replica; "
        "counted up to 1000",
    ),
    Metric(
        "onething_deadline_failures_total",
        "counter",
        ("service",),
        "Deadlines that came and whose rule failed; each is tried again a minute later",
    ),
    Metric(
        "onething_segments_owned",
        "gauge",
        ("service",),
        "Segments of the log that this replica works on; over all replicas of a service they add up to 16",
    ),
    Metric(
        "onething_http_requests_total",
        "counter",
        ("service", "route", "method", "status"),
        "Requests to the gateway, by class of route (`command`, `query`, `content`, `feed`, `page`, `other`) and class "
        "of status (`2xx` …)",
    ),
    Metric(
        "onething_http_request_seconds",
        "histogram",
        ("service", "route"),
        "Time from a request's head to its answer, by class of route; of a stream, to its beginning",
    ),
    Metric(
        "onething_http_turned_away_total",
        "counter",
        ("service", "reason"),
        "Requests that were not looked at: `overloaded`, more than one `caller` or `address` may make, `connections` "
        "or `feeds` beyond those that one may have at a time",
    ),
    Metric(
        "onething_http_open_requests",
        "gauge",
        ("service",),
        "Requests that this process of the gateway is working on",
    ),
    Metric(
        "onething_http_open_connections",
        "gauge",
        ("service",),
        "Connections that are open at this process of the gateway, the live feed's included",
    ),
    Metric(
        "onething_broker_connected",
        "gauge",
        ("service",),
        "1 while this replica is connected to the broker, else 0",
    ),
    Metric(
        "onething_database_connections",
        "gauge",
        ("service", "state"),
        "Connections of this replica to its database: `used`, `idle`, and `free`, which may still be opened",
    ),
    Metric(
        "onething_clock_skew_seconds",
        "gauge",
        ("service",),
        "By how much the clock of the database is ahead of the one of this replica's machine; negative: behind",
    ),
    Metric(
        "onething_feed_delay_seconds",
        "histogram",
        ("service",),
        "Time from when a fact happened to when it was written to a subscriber of the live feed; once for each "
        "subscriber, those included who had been away",
    ),
    Metric(
        "onething_feed_lag_facts",
        "gauge",
        ("service",),
        "Events of the live feed that are known to be there and did not come to this process yet, over all halls "
        "that somebody subscribes to here",
    ),
    Metric(
        "onething_feed_subscriptions",
        "gauge",
        ("service",),
        "Halls that are subscribed to at this process, once for each subscriber",
    ),
    Metric(
        "onething_feed_refilled_facts",
        "gauge",
        ("service",),
        "Events of the live feed that this process read from halls because they were lost or late on the way",
    ),
    Metric(
        "onething_webhook_attempts_total",
        "counter",
        ("service", "outcome"),
        "Requests to webhooks, by what became of them: `delivered`, `failed` (to be tried again), `parked` (failed for "
        "too long), `gone` (the address wants nothing any more)",
    ),
    Metric(
        "onething_webhook_delay_seconds",
        "histogram",
        ("service",),
        "Time from when an event was taken from the feed to when a webhook had taken it",
    ),
    Metric(
        "onething_webhook_deliveries",
        "gauge",
        ("service", "state"),
        "Deliveries that are not done, over all replicas: `waiting`, or `parked` until somebody decides",
    ),
    Metric(
        "onething_webhook_lag_facts",
        "gauge",
        ("service",),
        "Events in the feeds that were not taken into the queue of a webhook yet, once for each webhook",
    ),
    Metric(
        "onething_indicator_ratio",
        "gauge",
        ("service", "indicator"),
        "Headline ratios of the indicators over the last thirty days, counted once a minute at most; an "
        "indicator without a denominator or a source is not shown",
    ),
    Metric(
        "onething_indicator_value",
        "gauge",
        ("service", "indicator", "unit"),
        "Headlines of the indicators that are no ratios, over the last thirty days, in their unit; shown and counted "
        "as the ratios are",
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
_questions = _counter("onething_questions_total")
_question_seconds = _histogram("onething_question_seconds")
_facts = _counter("onething_facts_recorded_total")
_sections = _counter("onething_sections_total")
_followed = _counter("onething_facts_followed_total")
_section_seconds = _histogram("onething_section_batch_seconds")
_deadline_failures = _counter("onething_deadline_failures_total")
_requests = _counter("onething_http_requests_total")
_request_seconds = _histogram("onething_http_request_seconds")
_turned_away = _counter("onething_http_turned_away_total")
_feed_seconds = _histogram("onething_feed_delay_seconds")
_webhook_attempts = _counter("onething_webhook_attempts_total")
_webhook_seconds = _histogram("onething_webhook_delay_seconds")


def exemplar() -> dict[str, str] | None:
    """The trace of which what is observed now is an example; None where none is exported."""
    trace = tracing.sampled_trace()
    return {"trace_id": trace} if trace else None


class Recorded(Protocol):
    """A fact in the log."""

    @property
    def topic(self) -> str: ...


def commands_done(service: str, done: Iterable[tuple[str, str]], seconds: float) -> None:
    """Counts a batch of commands: (verb, outcome) of each, and how long it took."""
    for (verb, outcome), number in Tally(done).items():
        _commands.labels(service, verb, outcome).inc(number)
    _command_seconds.labels(service).observe(seconds, exemplar())


def question_done(service: str, entrypoint: str, verb: str, outcome: str, seconds: float) -> None:
    """Counts a question: by which entrypoint, of what kind, what became of it, and how long it took."""
    _questions.labels(service, entrypoint, verb, outcome).inc()
    _question_seconds.labels(service, entrypoint).observe(seconds, exemplar())


def facts_recorded(service: str, stored: Sequence[Recorded]) -> None:
    """Counts what one transaction has added to the log."""
    for topic, number in Tally(fact.topic for fact in stored).items():
        _facts.labels(service, topic).inc(number)


def sections_done(service: str, upstreams: Iterable[tuple[str, int]], outcome: str, seconds: float) -> None:
    """Counts a batch of sections: (upstream, facts) of each, and how long it took."""
    number, followed = Tally[str](), Tally[str]()
    for upstream, facts in upstreams:
        number[upstream] += 1
        followed[upstream] += facts
    for upstream in number:
        _sections.labels(service, upstream, outcome).inc(number[upstream])
        if outcome == "reacted":
            _followed.labels(service, upstream).inc(followed[upstream])
    _section_seconds.labels(service).observe(seconds, exemplar())


def request_done(service: str, route: str, method: str, status: int, seconds: float) -> None:
    """Counts a request over HTTP; within its span, so that its time leads to its trace."""
    _requests.labels(service, route, method, f"{status // 100}xx").inc()
    _request_seconds.labels(service, route).observe(seconds, exemplar())


def deadline_failed(service: str) -> None:
    """A deadline came, and its rule failed."""
    _deadline_failures.labels(service).inc()


def turned_away(service: str, reason: str) -> None:
    """Counts a request over HTTP that was not looked at."""
    _turned_away.labels(service, reason).inc()


def feed_delivered(service: str, delays: Iterable[float]) -> None:
    """Counts events that were written to a subscriber: how long after they happened."""
    for delay in delays:
        _feed_seconds.labels(service).observe(max(delay, 0.0))


def webhook_attempted(service: str, outcome: str) -> None:
    """Counts a request to a webhook."""
    _webhook_attempts.labels(service, outcome).inc()


def webhook_delivered(service: str, delay: float) -> None:
    """Counts how long an event was in the queue."""
    _webhook_seconds.labels(service).observe(max(delay, 0.0))


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
