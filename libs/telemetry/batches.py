"""A batch of work as it is seen from outside: counted, timed, traced, and named in the log meanwhile."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any, Protocol

import msgspec
from structlog.contextvars import bound_contextvars

from contracts.language import Note, Reply, Request
from telemetry import metrics, tracing

__all__ = ["commands", "sections"]

OUTCOMES = {"unavailable": "unavailable", "onething-error": "faulty"}
"""By the kind of an error: what became of the command; all other errors are refusals."""


class Declared(Protocol):
    """What a service says about itself."""

    @property
    def name(self) -> str: ...

    @property
    def commands(self) -> Mapping[str, Any]: ...


class Run(Protocol):
    """A run of an upstream's log."""

    @property
    def upstream(self) -> str: ...

    @property
    def notes(self) -> Sequence[Note]: ...


class _Traced(msgspec.Struct):
    """The one thing that is read of a fact here."""

    trace: str = ""


_traced = msgspec.json.Decoder(_Traced)


@contextmanager
def commands(service: Declared, requests: Sequence[Request], replies: Sequence[Reply | None]) -> Iterator[None]:
    """Around the decision on a batch of commands; ``replies`` are looked at when it ends."""
    began = perf_counter()
    verbs = [request.verb if request.verb in service.commands else "unknown" for request in requests]
    what = verbs[0] if len(set(verbs)) == 1 else "commands"
    with _named(service.name, what, {r.trace for r in requests if r.trace}, commands=len(requests)):
        try:
            yield
        finally:
            outcomes = map(_outcome, replies)
            metrics.commands_done(service.name, zip(verbs, outcomes, strict=True), perf_counter() - began)


@contextmanager
def sections(service: str, runs: Sequence[Run]) -> Iterator[None]:
    """Around the reactions to a batch of sections."""
    began = perf_counter()
    notes = [note for run in runs for note in run.notes]
    traces = {_traced.decode(note.state).trace for note in notes} - {""} if tracing.is_on() else set()
    outcome = "put-off"
    with _named(service, "sections", traces, sections=len(runs), facts=len(notes)):
        try:
            yield
            outcome = "reacted"
        finally:
            followed = [(run.upstream, len(run.notes)) for run in runs]
            metrics.sections_done(service, followed, outcome, perf_counter() - began)


@contextmanager
def _named(service: str, what: str, traces: Collection[str], **sizes: int) -> Iterator[None]:
    ids = {tracing.trace_id(each) for each in traces} - {""}
    named = {"service": service} | ({"trace": ids.pop()} if len(ids) == 1 else {})
    with tracing.span(service, f"{service} {what}", traces, **sizes), bound_contextvars(**named):
        yield


def _outcome(reply: Reply | None) -> str:
    if reply is None:
        return "faulty"
    if reply.error is None:
        return "answered"
    return OUTCOMES.get(reply.error["kind"], "refused")
