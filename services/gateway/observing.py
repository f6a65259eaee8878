"""What is told of every request: a count, its time, a span, and a line in the log; never who a person is.

The line names the route, not the address: what stands in an address may be somebody's.
"""

from contextlib import ExitStack
from time import perf_counter
from typing import Any

import falcon
import structlog

from telemetry import metrics, tracing

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = structlog.get_logger(__name__)


class Observing:
    """Middleware: the first of all, so that it sees the whole."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        """A request begins."""
        req.context.began = perf_counter()
        req.context.trace = given_trace(req)
        if tracing.is_on():
            req.context.span = ExitStack()
            given = {req.context.trace} - {""}
            req.context.span.enter_context(tracing.span("gateway", f"gateway {_method(req)}", given))

    def process_resource(self, req: falcon.Request, _resp: falcon.Response, _resource: Any, params: Any) -> None:
        """It is known what it is about."""
        req.context.case = str(params.get("case_id", ""))

    def process_response(self, req: falcon.Request, resp: falcon.Response, resource: Any, _succeeded: bool) -> None:
        """It is answered, or its stream has begun."""
        seconds = perf_counter() - req.context.began
        route = kind_of(req, resource)
        metrics.request_done("gateway", route, _method(req), resp.status_code, seconds)
        log.info(
            "request",
            route=req.uri_template or route,
            method=_method(req),
            status=resp.status_code,
            ms=round(seconds * 1000, 1),
            **_whereabouts(req),
        )
        span: ExitStack | None = getattr(req.context, "span", None)
        if span is not None:
            span.close()


def _whereabouts(req: falcon.Request) -> dict[str, str]:
    """What the lines of the services behind it name, too: the trace, the case and the hall, where there are any."""
    caller = getattr(req.context, "caller", None)
    named = {
        "trace": tracing.trace_id(tracing.traceparent() or req.context.trace),
        "case": getattr(req.context, "case", ""),
        "hall": caller.hall if caller is not None else "",
    }
    return {name: value for name, value in named.items() if value}


def given_trace(req: falcon.Request) -> str:
    """The traceparent of a request; empty where it brings none that is one."""
    brought = (req.get_header("traceparent") or "").strip()
    return brought if tracing.trace_id(brought) else ""


def kind_of(req: falcon.Request, resource: Any) -> str:
    """The class of a request's route."""
    if resource is None:
        return "other"
    kind = getattr(resource, "kind", None)
    if kind is not None:
        return str(kind.get(req.method, "other") if isinstance(kind, dict) else kind)
    return "other" if req.path.startswith("/api/") else "page"


def _method(req: falcon.Request) -> str:
    return req.method if req.method in METHODS else "other"
