"""A batch of work as it is seen from outside: counted, timed, traced, and named in the log meanwhile."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from time import perf_counter
from typing import Any, Protocol

import msgspec
from structlog.contextvars import bound_contextvars

from contracts.language import Note, Reply, Request
from telemetry import metrics, tracing

__all__ = ["Question", "commands", "question", "sections"]

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


class _Cased(msgspec.Struct):
    """The one thing that is read of a command or question here."""

    case_id: str = ""


class Question:
    """What becomes of a question; whoever answers it says so."""

    error: Mapping[str, Any] | None = None
    """The error that it is answered with; None: it is answered."""


_CASE = re.compile(r"[0-9A-Za-z-]{1,64}")
_traced = msgspec.json.Decoder(_Traced)
_cased = msgspec.json.Decoder(_Cased)


@contextmanager
def commands(service: Declared, requests: Sequence[Request], replies: Sequence[Reply | None]) -> Iterator[None]:
    """Around the decision on a batch of commands; ``replies`` are looked at when it ends."""
    began = perf_counter()
    verbs = [request.verb if request.verb in service.commands else "unknown" for request in requests]
    what = verbs[0] if len(set(verbs)) == 1 else "commands"
    traces, place = {r.trace for r in requests if r.trace}, _place(requests)
    with _named(service.name, what, traces, place, commands=len(requests)):
        try:
            yield
        finally:
            outcomes = map(_outcome, replies)
            metrics.commands_done(service.name, zip(verbs, outcomes, strict=True), perf_counter() - began)


@contextmanager
def question(service: str, entrypoint: str, verb: str, request: Request) -> Iterator[Question]:
    """Around the answer to a question; it has a span where it came with a trace, for many ask without end."""
    began = perf_counter()
    asked = Question()
    with ExitStack() as around:
        traces, place = {request.trace} - {""}, _place([request])
        if traces:
            around.enter_context(_named(service, verb, traces, place))
        else:
            around.enter_context(bound_contextvars(service=service, **place))
        try:
            yield asked
        except BaseException:
            asked.error = {"kind": "onething-error"}
            raise
        finally:
            metrics.question_done(service, entrypoint, verb, _became(asked.error), perf_counter() - began)


@contextmanager
def sections(service: str, runs: Sequence[Run]) -> Iterator[None]:
    """Around the reactions to a batch of sections."""
    began = perf_counter()
    notes = [note for run in runs for note in run.notes]
    traces = {_traced.decode(note.state).trace for note in notes} - {""} if tracing.is_on() else set()
    outcome = "put-off"
    cases = {note.stream for note in notes}
    place = {"case": cases.pop()} if len(cases) == 1 else {}
    with _named(service, "sections", traces, place, sections=len(runs), facts=len(notes)):
        try:
            yield
            outcome = "reacted"
        finally:
            followed = [(run.upstream, len(run.notes)) for run in runs]
            metrics.sections_done(service, followed, outcome, perf_counter() - began)


@contextmanager
def _named(service: str, what: str, traces: Collection[str], place: Mapping[str, str], **sizes: int) -> Iterator[None]:
    ids = {tracing.trace_id(each) for each in traces} - {""}
    named = {"service": service, **place} | ({"trace": ids.pop()} if len(ids) == 1 else {})
    with tracing.span(service, f"{service} {what}", traces, **place, **sizes), bound_contextvars(**named):
        yield


def _place(requests: Sequence[Request]) -> dict[str, str]:
    """The case and the hall that all of these are of; what is of several is not named."""
    halls = {request.caller.hall for request in requests}
    cases = {_case(request) for request in requests} if len(halls) == 1 else set()
    found = {"hall": halls.pop() if len(halls) == 1 else "", "case": cases.pop() if len(cases) == 1 else ""}
    return {name: value for name, value in found.items() if value}


def _case(request: Request) -> str:
    try:
        case = _cased.decode(request.body).case_id
    except msgspec.DecodeError:  # who decides on it says so
        return ""
    return case if _CASE.fullmatch(case) else ""


def _outcome(reply: Reply | None) -> str:
    return "faulty" if reply is None else _became(reply.error)


def _became(error: Mapping[str, Any] | None) -> str:
    return "answered" if error is None else OUTCOMES.get(error["kind"], "refused")
