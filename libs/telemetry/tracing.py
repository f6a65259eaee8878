"""Following a request through the services: OpenTelemetry's spans, one a batch of work.

Nothing is made unless the standard variables ask for it: ``OTEL_EXPORTER_OTLP_ENDPOINT`` (or
``OTEL_EXPORTER_OTLP_TRACES_ENDPOINT``), or ``OTEL_TRACES_EXPORTER`` with ``otlp`` or ``console``. OTLP
travels over HTTP only: a gRPC exporter waits in C and would stop every green thread.

A request carries its trace as a W3C traceparent, the facts that it leads to keep it, and whoever reacts to
them goes on from there. Context is handed over by these words alone; a green thread inherits nothing.
"""

import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import eventlet
import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

__all__ = ["exported", "is_on", "onward", "sampled_trace", "span", "start_with", "stop", "trace_id", "traceparent"]

LAST_EXPORT = 5.0
"""Seconds in which the last spans may leave when the process stops."""

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")

log = structlog.get_logger(__name__)


class _Export:
    """Where spans go, and whose they are: one provider a service, for services may share a process."""

    def __init__(self, processor: "SpanProcessor", replica: str) -> None:
        self.processor = processor
        self.replica = replica
        self._providers: dict[str, TracerProvider] = {}

    def tracer(self, service: str) -> trace.Tracer:
        """The tracer of a service."""
        provider = self._providers.get(service)
        if provider is None:
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider

            who = {"service.namespace": "onething", "service.instance.id": f"{service}/{self.replica}"}
            if not os.environ.get("OTEL_SERVICE_NAME"):
                who["service.name"] = service
            provider = TracerProvider(resource=Resource.create(who), shutdown_on_exit=False)
            provider.add_span_processor(self.processor)
            self._providers[service] = provider
        return provider.get_tracer("onething")


_export: _Export | None = None


@contextmanager
def exported(replica: str) -> Iterator[None]:
    """Exports spans until the block ends, if the environment asks for it.

    What it asks for and cannot be had is logged, and the work goes on.
    """
    processor = _asked_for()
    if processor is not None:
        start_with(processor, replica)
    try:
        yield
    finally:
        stop()


def start_with(processor: "SpanProcessor", replica: str = "") -> None:
    """Begins to hand every finished span to this processor."""
    global _export  # noqa: PLW0603  a process has one tracing, as it has one standard error
    _export = _Export(processor, replica)


def stop() -> None:
    """Lets the last spans leave, for a moment, and makes none any more."""
    global _export
    ended, _export = _export, None
    if ended is not None:
        with eventlet.Timeout(LAST_EXPORT, False):  # False: silently
            ended.processor.shutdown()


def traceparent() -> str:
    """The current span as a W3C traceparent; empty where there is none."""
    return _written(trace.get_current_span().get_span_context())


def onward(given: str) -> str:
    """What to hand on for a request that came with ``given``: the current span, if it is of that trace."""
    if _export is None:
        return given
    current = trace.get_current_span().get_span_context()
    is_same = current.is_valid and trace_id(given) == f"{current.trace_id:032x}"
    return _written(current) if is_same else given


def trace_id(given: str) -> str:
    """The trace that a traceparent belongs to; empty where it is none."""
    parts = _TRACEPARENT.fullmatch(given)
    return parts[1] if parts else ""


def sampled_trace() -> str:
    """The trace of the current span, if it is exported; else empty."""
    current = trace.get_current_span().get_span_context()
    return f"{current.trace_id:032x}" if current.is_valid and current.trace_flags.sampled else ""


def is_on() -> bool:
    """Whether spans are made."""
    return _export is not None


@contextmanager
def span(service: str, name: str, given: Collection[str] = (), **attributes: str | int) -> Iterator[None]:
    """A span around a batch of work that came with these traceparents.

    Where all are of one trace it continues that trace; a batch of several begins its own and links to them.
    """
    if _export is None:
        yield
        return
    contexts = {each: context for each in given if (context := _read(each)) is not None}
    is_one = len({context.trace_id for context in contexts.values()}) == 1
    parent = Context()
    if is_one:
        parent = trace.set_span_in_context(NonRecordingSpan([*contexts.values()][-1]), parent)
    with _export.tracer(service).start_as_current_span(
        name,
        context=parent,
        kind=SpanKind.CONSUMER,
        attributes={f"onething.{key}": value for key, value in attributes.items()},
        links=[] if is_one else [trace.Link(context) for context in contexts.values()],
        record_exception=False,  # its message may be personal
        set_status_on_exception=False,
    ) as made:
        try:
            yield
        except BaseException as error:
            made.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def _written(context: SpanContext) -> str:
    if not context.is_valid:
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _read(given: str) -> SpanContext | None:
    parts = _TRACEPARENT.fullmatch(given)
    if parts is None:
        return None
    trace_of_it, parent, flags = (int(part, 16) for part in parts.groups())
    return SpanContext(trace_of_it, parent, is_remote=True, trace_flags=TraceFlags(flags))


def _asked_for() -> "SpanProcessor | None":
    endpoint = any(map(os.environ.get, _ENDPOINTS))
    asked = os.environ.get("OTEL_TRACES_EXPORTER") or ("otlp" if endpoint else "none")
    if asked == "none" or os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    exporter = _exporter(asked)
    if exporter is None:
        return None
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(exporter)


def _exporter(asked: str) -> "SpanExporter | None":
    if asked == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter()
    protocol = next(filter(None, map(os.environ.get, _PROTOCOLS)), "http/protobuf")
    if asked != "otlp" or protocol != "http/protobuf":
        known = "otlp over http/protobuf, and console, are known"
        log.warning("traces are not exported", reason=known, asked=asked, protocol=protocol)
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        log.warning("traces are not exported", reason="it needs the extra: pip install 'onething[otlp]'")
        return None
    return OTLPSpanExporter()
