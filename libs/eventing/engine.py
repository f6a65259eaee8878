"""Load, decide, save: the one lane in which a replica changes its service's facts.

Everything that changes facts goes through the lane one batch at a time: commands that arrived together, sections
of other services' logs, deadlines that came due. A batch is one transaction (group commit); where it conflicts
with another replica it is tried again, one by one (L1).
"""

import hashlib
import hmac
import random
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import eventlet
import msgspec
import structlog
from eventlet.semaphore import Semaphore

from contracts.language import Act, Caller, Command, Fact, Note, Position, Reply, Request
from eventing import mapper, scoping
from eventing.aggregate import Aggregate
from eventing.client import SYSTEM
from eventing.declarations import Declarations, Handler
from eventing.errors import Forbidden, Invalid, NotFound, OneThingError, Refused, Stale, Unavailable
from eventing.parking import AGAIN, BEHIND, Followed, ParkedFacts, describe
from eventing.snapshots import SNAPSHOT_EVERY, restore, shape_of, take
from eventing.store import Conflict, Move, NewEvent, Overtaken, Save, Store, StoredFact, segment_of
from eventing.views import Rows, View
from telemetry import batches, metrics, tracing

log = structlog.get_logger()

ATTEMPTS = 10
"""How often a command is decided again after it met a concurrent writer, before it is ``Stale``."""


DEADLINE_AGAIN = timedelta(minutes=1)
"""After which a deadline whose handler failed is tried again."""


def _step_aside(attempt: int) -> None:
    """Lets the other writer pass; two that met once do not meet for ever."""
    eventlet.sleep(random.uniform(0.0, min(0.002 * 2**attempt, 0.1)))


KEPT = (Refused, NotFound, Forbidden)
"""Errors that are answers: kept with the command, given again when it is repeated."""

_encode = msgspec.json.encode


class CommandIdReused(Invalid):
    """The command id was used before for a command with another content."""


class WrongStream(Refused):
    """The id belongs to something else in this service."""


class Faulty(OneThingError):
    """A fault of ours while handling a request; nothing was recorded."""


class Entry:
    """An aggregate in memory, with what its last save wrote, so that the next one writes only differences."""

    __slots__ = ("accepted", "aggregate", "rows", "saved", "timers")

    def __init__(self, aggregate: Aggregate, views: Iterable[View]) -> None:
        self.aggregate = aggregate
        self.saved = aggregate.version
        self.accepted = 0
        self.rows: dict[View, Rows] = {view: view.rows(aggregate) if aggregate.version else {} for view in views}
        self.timers: dict[str, datetime] = dict(aggregate.timers()) if aggregate.version else {}


class _Job(msgspec.Struct):
    """One thing to decide: a handler, its command, the act."""

    handler: Handler
    command: Command
    act: Act
    expected: int | None = None
    version: int = 0
    """The stream's version after it."""
    is_first: bool = False
    """Whether nothing was in the stream before it."""
    caller: Caller | None = None
    """Whose scope it must be within; None: the house's own policies want it."""

    @property
    def stream(self) -> str:
        return str(getattr(self.command, self.handler.key))


class Engine:
    """The lane of one replica of one service."""

    def __init__(
        self,
        service: Declarations,
        store: Store,
        clock: Callable[[], datetime],
        *,
        ship: Callable[[Sequence[StoredFact]], None] = lambda stored: None,
        cache_size: int = 5000,
        digest_key: bytes = b"",
    ) -> None:
        self.service = service
        self._digest_key = digest_key
        self.store = store
        self.clock = clock
        self.ship = ship
        self.lane = Semaphore(1)
        self.parked: dict[int, set[str]] = {}
        """segment → streams that are parked there, for the segments this replica owns."""
        self._cache: OrderedDict[str, Entry] = OrderedDict()
        self._cache_size = cache_size
        self._touched: dict[str, Entry] = {}
        self._extra: list[Any] = []
        self._afterwards: list[Callable[[], None]] = []
        self._views: dict[type[Aggregate], list[View]] = {
            aggregate: [view for view in service.views if view.of is aggregate] for aggregate in service.aggregates
        }
        self._shapes = {aggregate: shape_of(aggregate) for aggregate in service.aggregates}
        self._by_name = {aggregate.__name__: aggregate for aggregate in service.aggregates}
        self._decoders: dict[type[Command], msgspec.json.Decoder[Any]] = {
            message: msgspec.json.Decoder(message) for message in service.handlers
        }

    # commands

    def decide(self, requests: Sequence[Request]) -> list[Reply]:
        """Answers a batch of commands in order, saving what they record in as few transactions as can be."""
        replies: list[Reply | None] = [None] * len(requests)
        with batches.commands(self.service, requests, replies), self.lane:
            waiting = list(range(len(requests)))
            try:
                while waiting:
                    waiting = self._round(requests, replies, waiting)
            except Unavailable as error:
                self._forget()
                for i, reply in enumerate(replies):
                    if reply is None:
                        replies[i] = Reply(error=error.as_data())
            except BaseException:
                self._forget()
                raise
            return replies  # type: ignore[return-value]

    def _round(self, requests: Sequence[Request], replies: list[Reply | None], waiting: list[int]) -> list[int]:
        """Decides what can be decided together; returns what must wait for the next round."""
        known = self.store.replies([requests[i].id for i in waiting])
        jobs: dict[int, _Job] = {}
        later: list[int] = []
        ids: set[str] = set()
        streams: dict[str, bool] = {}
        now = self.clock()
        for i in waiting:
            request = requests[i]
            if request.id in known:
                replies[i] = self._again(request, *known[request.id])
                continue
            if request.id in ids:
                later.append(i)
                continue
            try:
                job = self._job(request, now)
            except OneThingError as error:
                replies[i] = Reply(error=error.as_data())
                continue
            ids.add(request.id)
            if job.stream in streams and (streams[job.stream] or job.handler.given):
                streams[job.stream] = True  # what is given must know of the command before: the next round
                later.append(i)
                continue
            streams[job.stream] = bool(job.handler.given)
            jobs[i] = job
        if jobs:
            try:
                self._settle(requests, replies, jobs)
            except Unavailable:
                raise
            except Exception:  # a concurrent writer, or a fault that one of them causes and not all shall have
                self._forget()
                self._one_by_one(requests, replies, jobs)
        return later

    def _one_by_one(self, requests: Sequence[Request], replies: list[Reply | None], jobs: dict[int, _Job]) -> None:
        for i, job in jobs.items():
            for attempt in range(ATTEMPTS):
                known = self.store.replies([requests[i].id])
                if requests[i].id in known:
                    replies[i] = self._again(requests[i], *known[requests[i].id])
                    break
                try:
                    self._settle(requests, replies, {i: job})
                    break
                except Conflict:
                    self._forget()
                    _step_aside(attempt)
                except Unavailable:
                    raise
                except Exception as error:
                    self._forget()
                    log.exception("command failed", service=self.service.name, verb=job.handler.verb, case=job.stream)
                    replies[i] = Reply(error=_as_error(error).as_data())
                    break
            else:
                replies[i] = Reply(error=Stale(stream=job.stream).as_data())

    def _settle(self, requests: Sequence[Request], replies: list[Reply | None], jobs: dict[int, _Job]) -> None:
        """Decides and saves in one transaction; the replies stand only when it has committed."""
        outcomes = dict(zip(jobs, self._run(list(jobs.values())), strict=True))
        kept = {i: o for i, o in outcomes.items() if not isinstance(o, Exception) or isinstance(o, KEPT)}
        streams = {i: jobs[i].stream for i in jobs}
        drafts = {
            i: (
                Reply(error=o.as_data())
                if isinstance(o, OneThingError)
                else Reply(
                    value=msgspec.Raw(_encode(o)),
                    version=jobs[i].version,
                    created=jobs[i].is_first and jobs[i].version > 0,
                )
            )
            for i, o in kept.items()
        }
        final: dict[int, Reply] = {}

        def answers(stored: Sequence[StoredFact]) -> list[tuple[str, str, bytes, datetime]]:
            at = {(fact.stream, fact.version): fact for fact in stored}
            for i, draft in drafts.items():
                fact = at.get((streams[i], jobs[i].version))
                final[i] = (
                    msgspec.structs.replace(draft, position=Position(self.service.name, fact.segment, fact.position))
                    if fact is not None and draft.error is None
                    else draft
                )
            return [(requests[i].id, self.digest(requests[i]), _encode(final[i]), jobs[i].act.at) for i in final]

        save = self._save()
        save.replies = answers if drafts else None
        self._commit(save)
        for i, outcome in outcomes.items():
            replies[i] = final[i] if i in final else Reply(error=_as_error(outcome).as_data())

    def _job(self, request: Request, now: datetime) -> _Job:
        handler = self.service.commands.get(request.verb)
        if handler is None:
            raise Invalid(verb=request.verb, service=self.service.name, reason="unknown command")
        try:
            command = self._decoders[handler.message].decode(request.body)
        except msgspec.ValidationError as error:
            raise Invalid(verb=request.verb, reason=str(error)) from error
        except msgspec.DecodeError as error:
            raise Invalid(verb=request.verb, reason=str(error)) from error
        act = Act(
            at=now,
            by=request.caller.by,
            cause=request.id,
            trace=tracing.onward(request.trace),
            caller=request.caller,
        )
        job = _Job(handler, command, act, request.expected, caller=request.caller)
        if not request.id or any(c < " " for c in request.id) or any(c < " " or c == ":" for c in job.stream):
            raise Invalid(verb=request.verb, reason="an id is printable, and that of a case or thing has no colon")
        return job

    def answered(self, request: Request) -> Reply | None:
        """The answer that this request got before; None: it is new, or it cannot be told from others."""
        known = self.store.replies([request.id]) if request.id else {}
        return self._again(request, *known[request.id]) if known else None

    def digest(self, request: Request) -> str:
        """What a command was about and who sent it, so that its id cannot be used for another; tells nothing itself."""
        caller = request.caller
        said = (request.verb, caller.by, caller.org, caller.hall, *filter(None, (caller.subject,)))
        content = b"\0".join((*(word.encode() for word in said), bytes(request.body)))
        return hmac.new(self._digest_key, content, hashlib.sha256).hexdigest()

    def _again(self, request: Request, digest: str, reply: bytes) -> Reply:
        if digest != self.digest(request):
            return Reply(error=CommandIdReused(id=request.id).as_data())
        return msgspec.json.decode(reply, type=Reply)

    # reactions

    def react(self, sections: Sequence[Followed]) -> None:
        """Does what the policies want because of these sections, and moves the positions, in one transaction.

        A fact whose consequences fail parks its case (L4); so does one that waits for something unavailable while
        others do not, and it is tried again by itself. ``Unavailable`` and ``Overtaken`` leave everything as it was.
        """
        with batches.sections(self.service.name, sections), self.lane:
            try:
                self._persist(sections)
            except (Unavailable, Overtaken):
                raise
            except Exception as error:
                notes = [note for section in sections for note in section.notes]
                if len(notes) <= 1:
                    self._persist(sections, failed=error)
                else:
                    self._isolate(sections)

    def _isolate(self, sections: Sequence[Followed]) -> None:
        """Goes note by note through sections that failed together in the database, and parks those that do."""
        for section in sections:
            prev = section.prev
            for note in section.notes:
                upto = section.upto if note is section.notes[-1] else note.position
                single = [Followed(section.upstream, section.segment, prev, upto, [note])]
                try:
                    self._persist(single)
                except Overtaken:
                    raise
                except Exception as error:
                    self._persist(single, failed=error)
                prev = upto
            if not section.notes:
                self._persist([section])

    def _persist(self, sections: Sequence[Followed], failed: Exception | None = None) -> None:
        """Reacts and saves; meets concurrent writers by reading again."""
        for attempt in range(ATTEMPTS):
            try:
                self._react(sections, failed)
            except Conflict:
                self._forget()
                _step_aside(attempt)
            except BaseException:
                self._forget()
                raise
            else:
                return
        raise Unavailable(what="store", service=self.service.name, error="conflicts")

    def _react(self, sections: Sequence[Followed], failed: Exception | None) -> None:
        now = self.clock()
        parked = ParkedFacts(self.parked, sections)
        work = self._work(sections, failed, parked, now)
        jobs = [job for _, _, wanted in work for job in wanted]
        outcomes = iter(
            self._run(jobs, whole=[len(wanted) for _, _, wanted in work], cases=[note.stream for _, note, _ in work])
        )
        failures: dict[tuple[str, int, int], Exception] = {}
        went_on = False
        for section, note, wanted in work:
            results = [next(outcomes) for _ in wanted]
            failure = next((result for result in results if isinstance(result, Exception)), None)
            if failure is not None:
                failures[section.upstream, section.segment, note.position] = failure
            elif wanted:
                went_on = True
        if failures:
            self._park(sections, failures, parked)
            waiting = next((failure for failure in failures.values() if isinstance(failure, Unavailable)), None)
            if waiting is not None and not went_on:
                raise waiting  # not one case's trouble: the whole batch waits, nothing is parked
        save = self._save()
        save.moves = _moves(sections)
        save.parked = parked.rows(now, self.store.last_parked()) if parked.entries else []
        if self.service.projectors:
            notes = [(section.upstream, section.segment, note) for section in sections for note in section.notes]
            save.extra.extend(self._projections(parked.without(notes)))
        self._commit(save)
        for section, note, reason, _ in parked.entries:
            self.parked.setdefault(section.segment, set()).add(note.stream)
            log.error(
                "case parked",
                service=self.service.name,
                upstream=section.upstream,
                segment=section.segment,
                position=note.position,
                case=note.stream,
                topic=note.topic,
                error=reason.partition(":")[0],  # the whole of it may be personal, and stands in the parking
            )

    def _work(
        self, sections: Sequence[Followed], failed: Exception | None, parked: ParkedFacts, now: datetime
    ) -> list[tuple[Followed, Note, list[_Job]]]:
        """What the policies want because of each fact that one of them listens to; a fact that no policy can read, or
        whose case is parked, parks."""
        work = []
        for section in sections:
            topics = self.service.reactions.topics(section.upstream)
            held = parked.streams(section.segment)
            for note in section.notes:
                if note.stream in held:
                    parked.add(section, note, BEHIND)
                elif failed is not None:
                    parked.add(section, note, describe(failed), wish=AGAIN if isinstance(failed, Unavailable) else "")
                elif note.topic in topics:
                    try:
                        work.append((section, note, self._wanted(section.upstream, section.segment, note, now)))
                    except Exception as error:
                        parked.add(section, note, describe(error))
        return work

    @staticmethod
    def _park(
        sections: Sequence[Followed], failures: Mapping[tuple[str, int, int], Exception], parked: ParkedFacts
    ) -> None:
        """Parks the facts whose consequences failed, and behind each all later ones of its case, heeded or not."""
        out: set[str] = set()
        for section in sections:
            for note in section.notes:
                failure = failures.get((section.upstream, section.segment, note.position))
                if parked.has(section.upstream, section.segment, note):
                    out.add(note.stream)
                elif note.stream in out:
                    parked.add(section, note, BEHIND)
                elif failure is not None:
                    out.add(note.stream)
                    parked.add(section, note, describe(failure), wish=AGAIN if isinstance(failure, Unavailable) else "")

    def unpark(
        self,
        case: str,
        operations: str,
        record: Callable[[Any, tuple[str, ...]], None],
        *,
        again: bool,
    ) -> None:
        """Takes the parked facts of one case out of parking, in one transaction with the record of who did it.

        ``again`` does first what they want done, in their order: all of it, or the case stays parked. Which facts
        these are is read inside the lane, so that none is parked meanwhile; that nobody else did them is checked
        when they are taken out.
        """
        with self.lane:
            try:
                parked = self.store.parked(case)
                if not parked:
                    return
                now = self.clock()
                jobs = (
                    [job for upstream, segment, note in parked for job in self._wanted(upstream, segment, note, now)]
                    if again
                    else []
                )
                for outcome in self._run(jobs, whole=[len(jobs)] if jobs else []):
                    if isinstance(outcome, Exception):
                        raise outcome
                self._load([(operations, self._by_name["Operations"])])
                entry = self._touched[operations]
                record(
                    entry.aggregate, tuple(f"{upstream}/{segment:02}/{n.position}" for upstream, segment, n in parked)
                )
                entry.accepted = len(entry.aggregate.pending)
                save = self._save()
                save.unparked = [(upstream, segment, note.position) for upstream, segment, note in parked]
                if again:
                    save.extra.extend(self._projections(parked))
                self._commit(save)
            except BaseException:
                self._forget()
                raise
            self.parked.get(segment_of(case), set()).discard(case)

    def _projections(self, notes: Sequence[tuple[str, int, Note]]) -> list[Any]:
        """What the projectors do with these notes, to be done in the transaction."""
        steps = []
        for declared in self.service.projectors:
            wanted = [note for note in notes if note[0] in declared.upstreams]
            if wanted:
                steps.append(partial(getattr(self.service, declared.method), notes=wanted))
        return steps

    def _wanted(self, upstream: str, segment: int, note: Note, now: datetime) -> list[_Job]:
        if note.topic not in self.service.reactions.topics(upstream):
            return []
        fact = mapper.decode(note.topic, note.state)
        act = Act(
            at=now,
            by=SYSTEM.by,
            acting_as=fact.acting_as,
            in_name_of=fact.in_name_of,
            cause=f"{upstream}/{segment:02}/{note.position}",
            trace=tracing.onward(fact.trace),
            caller=SYSTEM,
        )
        commands = self.service.reactions.commands(upstream, note.topic, fact)
        return [_Job(self.service.handlers[type(wanted)], wanted, act) for wanted in commands]

    # deadlines

    def fire(self, due: Sequence[tuple[str, str, str]]) -> int:
        """Lets deadlines happen: (stream, timer, aggregate). Returns how many did; once each, whoever runs (L8)."""
        fired = 0
        with self.lane:
            for stream, name, aggregate_name in due:
                try:
                    fired += self._fire(stream, name, self._by_name[aggregate_name])
                except Conflict:
                    self._forget()  # somebody was at this stream just now: the next tick sees what is left
                except Unavailable:
                    self._forget()
                    raise
                except Exception:
                    self._forget()
                    log.exception("deadline failed", service=self.service.name, stream=stream, timer=name)
                    metrics.deadline_failed(self.service.name)
                    now = self.clock()
                    self.store.correct_deadline(stream, name, now, now + DEADLINE_AGAIN)
        return fired

    def _fire(self, stream: str, name: str, aggregate_type: type[Aggregate]) -> int:
        now = self.clock()
        self._load([(stream, aggregate_type)])
        entry = self._touched[stream]
        standing = entry.aggregate.timers().get(name)
        if standing is None or standing > now:
            self.store.correct_deadline(stream, name, now, standing)
            self._done([])
            return 0
        method = self.service.deadlines[aggregate_type, name.partition(":")[0]]
        act = Act(at=now, by=SYSTEM.by, cause=f"deadline/{name}", caller=SYSTEM)
        handler = getattr(self.service, method)
        if handler.__code__.co_argcount > 3:
            handler(entry.aggregate, act, name)
        else:
            handler(entry.aggregate, act)
        entry.accepted = len(entry.aggregate.pending)
        save = self._save()
        still = entry.aggregate.timers().get(name)
        if still is not None and still <= now:
            log.error("deadline did not end", service=self.service.name, stream=stream, timer=name)
            save.timers_gone.append((stream, name))
        self._commit(save)
        return 1

    # shared

    def get(self, aggregate_type: type[Aggregate], stream: str) -> Aggregate:
        """An aggregate as it is committed now, for reading only. Raises ``NotFound``."""
        stored = self.store.load([(stream, 0)]).get(stream, ())
        facts = [mapper.decode(topic, state) for _, topic, state in stored]
        if not facts or self._is_of_another(aggregate_type, facts[0]):
            raise NotFound(what=aggregate_type.__name__.lower(), id=stream)
        return aggregate_type.replay(stream, facts)

    def _is_of_another(self, aggregate_type: type[Aggregate], first: Fact) -> bool:
        """Whether a stream that begins so is another aggregate's. What is no aggregate of the service reads any."""
        return aggregate_type in self.service.aggregates and type(first) not in aggregate_type.facts()

    def also(self, step: Any) -> None:
        """Adds a statement to the transaction of the command that is being handled."""
        self._extra.append(step)

    def afterwards(self, step: Callable[[], None]) -> None:
        """Does something once the transaction that is being saved has committed; never, if it does not commit.

        A courtesy, like shipping: a process that dies in between does not do it.
        """
        self._afterwards.append(step)

    def _run(
        self, jobs: Sequence[_Job], *, whole: Sequence[int] | None = None, cases: Sequence[str] | None = None
    ) -> list[Any]:
        """Decides jobs in order on loaded aggregates; returns answers or exceptions.

        ``whole`` groups the jobs: when one of a group fails, nothing of that group remains. ``cases`` names the case
        of each group: one that failed, and every stream that its group touched, stays out for the rest of the batch.
        """
        self._load([(job.stream, job.handler.on) for job in jobs])
        givens = self._givens(jobs)
        outcomes: list[Any] = []
        bounds = whole if whole is not None else [1] * len(jobs)
        out: set[str] = set()
        start = 0
        for number, size in enumerate(bounds):
            case = cases[number] if cases is not None else ""
            group = range(start, start + size)
            start += size
            marks = {jobs[i].stream: self._touched[jobs[i].stream].accepted for i in group}
            extra_mark = len(self._extra)
            results: list[Any] = []
            failure: Exception | None = None
            for i in group:
                if failure is None and (case in out or jobs[i].stream in out):
                    failure = Refused(reason=BEHIND)
                if failure is not None:
                    results.append(failure)
                    continue
                try:
                    results.append(self._one(jobs[i], givens[i]))
                    jobs[i].version = self._touched[jobs[i].stream].aggregate.version
                except Exception as error:
                    failure = error
                    results.append(error)
                    if not isinstance(error, OneThingError):
                        log.exception(
                            "handler failed",
                            service=self.service.name,
                            verb=jobs[i].handler.verb,
                            case=jobs[i].stream,
                        )
            if failure is None:
                for stream in marks:
                    entry = self._touched[stream]
                    entry.accepted = len(entry.aggregate.pending)
            else:
                if cases is not None:
                    out.update(marks, (case,))
                del self._extra[extra_mark:]
                for stream, accepted in marks.items():
                    self._rewind(stream, accepted)
            outcomes.extend(results)
        return outcomes

    def _one(self, job: _Job, given: Any) -> Any:
        if isinstance(given, Exception):
            raise given
        entry = self._touched[job.stream]
        aggregate = entry.aggregate
        if not isinstance(aggregate, job.handler.on):
            raise WrongStream(id=job.stream, is_a=type(aggregate).__name__.lower())
        job.is_first = aggregate.version == 0
        if job.is_first and not job.handler.creates:
            raise NotFound(what=job.handler.on.__name__.lower(), id=job.stream)
        if job.expected is not None and job.expected != aggregate.version:
            raise Stale(stream=job.stream, expected=job.expected, version=aggregate.version)
        is_new = aggregate.version == 0
        if not (job.handler.given or is_new):
            self._in_scope(job, aggregate)  # what is given was asked for within scope only
        method = getattr(self.service, job.handler.method)
        if job.handler.given:
            answer = method(aggregate, job.command, job.act, given)
        else:
            answer = method(aggregate, job.command, job.act)
        if is_new:
            self._in_scope(job, aggregate)  # what comes into being must be within its maker's scope
        return answer

    def _in_scope(self, job: _Job, aggregate: Aggregate) -> None:
        """Raises NotYourRole, OutOfScope. What does not exist yet concerns nobody: there it is a matter of roles."""
        if job.caller is None:
            return
        if aggregate.version == 0:
            scoping.reaches(job.handler.message, job.caller)
            return
        reach = self.service.reach_of(aggregate, job.command, job.caller)
        scoping.check(job.command, job.caller, reach)

    def _givens(self, jobs: Sequence[_Job]) -> list[Any]:
        givens: list[Any] = [None] * len(jobs)
        by_handler: dict[Handler, list[int]] = {}
        for i, job in enumerate(jobs):
            if job.handler.given:
                aggregate = self._touched[job.stream].aggregate
                if isinstance(aggregate, job.handler.on) and (aggregate.version or job.handler.creates):
                    try:
                        self._in_scope(job, aggregate)
                    except OneThingError as error:
                        givens[i] = error
                        continue
                    by_handler.setdefault(job.handler, []).append(i)
        for handler, where in by_handler.items():
            batch = [(self._touched[jobs[i].stream].aggregate, jobs[i].command, jobs[i].act) for i in where]
            try:
                found = list(getattr(self.service, handler.given)(batch))
            except OneThingError as error:
                found = [error] * len(where)
            except Exception as error:
                if len(where) > 1:
                    raise  # each gets what is given to it alone
                found = [error]
            for i, given in zip(where, found, strict=True):
                givens[i] = given
        return givens

    def _load(self, wanted: Sequence[tuple[str, type[Aggregate]]]) -> None:
        """Brings streams to memory as they are committed: only facts that are new since the last time are read."""
        types = {stream: kind for stream, kind in wanted if stream not in self._touched}
        if not types:
            return
        cold = [stream for stream in types if stream not in self._cache]
        for kind in set(types.values()):
            shape = self._shapes[kind]
            if shape and cold:
                mine = [stream for stream in cold if types[stream] is kind]
                for stream, (version, state) in self.store.snapshots(mine, kind.__name__, shape).items():
                    self._cache[stream] = Entry(restore(kind, stream, version, state), self._views[kind])
        known = [(s, self._cache[s].saved if s in self._cache else 0) for s in types]
        found = self.store.load(known)
        for stream, kind in types.items():
            entry = self._cache.get(stream)
            news = found.get(stream, ())
            if entry is None or news:
                aggregate = entry.aggregate if entry is not None else self._blank(kind, stream, news)
                for _, topic, state in news:
                    aggregate.apply(mapper.decode(topic, state))
                entry = Entry(aggregate, self._views[type(aggregate)])
            self._touched[stream] = self._cache[stream] = entry
            self._cache.move_to_end(stream)

    def _blank(self, kind: type[Aggregate], stream: str, news: Sequence[tuple[int, str, bytes]]) -> Aggregate:
        """An empty aggregate of the type that the stream's first fact belongs to."""
        if news:
            first = mapper.decode(news[0][1], news[0][2])
            for aggregate in self.service.aggregates:
                if type(first) in aggregate.facts():
                    return aggregate(stream)
        return kind(stream)

    def _rewind(self, stream: str, accepted: int) -> None:
        """Takes back what a failed handler did to an aggregate in memory."""
        entry = self._touched[stream]
        aggregate = entry.aggregate
        if len(aggregate.pending) == accepted:
            return
        kept = aggregate.pending[:accepted]
        facts: list[Fact] = [
            mapper.decode(topic, state)
            for version, topic, state in self.store.load([(stream, 0)]).get(stream, ())
            if version <= entry.saved
        ]
        fresh = type(aggregate).replay(stream, [*facts, *kept])
        fresh.pending = kept
        entry.aggregate = fresh

    def _save(self) -> Save:
        """What the touched aggregates recorded, and the rows and timers that differ because of it."""
        save = Save(extra=list(self._extra))
        for stream, entry in self._touched.items():
            aggregate = entry.aggregate
            facts = aggregate.pending[: entry.accepted]
            if not facts:
                continue
            for n, fact in enumerate(facts, start=entry.saved + 1):
                save.events.append(NewEvent(stream, n, fact.TOPIC, mapper.encode(fact)))
            for view, before in entry.rows.items():
                after = view.rows(aggregate)
                changed = [row for key, row in after.items() if before.get(key) != row]
                if changed:
                    save.rows.setdefault(view, []).extend(changed)
                gone = [key for key in before if key not in after]
                if gone:
                    save.gone.setdefault(view, []).extend(gone)
                entry.rows[view] = after
            timers = dict(aggregate.timers())
            kind, segment = type(aggregate).__name__, segment_of(stream)
            save.timers.extend(
                (stream, name, kind, segment, due_at)
                for name, due_at in timers.items()
                if entry.timers.get(name) != due_at
            )
            save.timers_gone.extend((stream, name) for name in entry.timers if name not in timers)
            entry.timers = timers
            if entry.saved // SNAPSHOT_EVERY != aggregate.version // SNAPSHOT_EVERY:
                shape = self._shapes[type(aggregate)]
                if shape:
                    save.snapshots.append((stream, kind, aggregate.version, shape, take(aggregate)))
        return save

    def _commit(self, save: Save) -> None:
        self._afterwards.clear()
        try:
            stored = self.store.save(save)
        except BaseException:
            self._forget()
            raise
        steps, self._afterwards = self._afterwards, []
        self._done(stored)
        for step in steps:
            step()

    def _done(self, stored: Sequence[StoredFact]) -> None:
        for entry in self._touched.values():
            entry.aggregate.pending.clear()
            entry.accepted = 0
            entry.saved = entry.aggregate.version
        self._extra.clear()
        for stream in [stream for stream, entry in self._touched.items() if not entry.saved]:
            self._cache.pop(stream, None)  # what does not exist may yet become something else
        self._touched.clear()
        while len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)
        if stored:
            metrics.facts_recorded(self.service.name, stored)
            self.ship(stored)

    def _forget(self) -> None:
        """Drops everything in memory that was touched but not committed."""
        for stream in self._touched:
            self._cache.pop(stream, None)
        self._touched.clear()
        self._extra.clear()
        self._afterwards.clear()


def _moves(sections: Sequence[Followed]) -> list[Move]:
    """One step per upstream and segment over contiguous sections."""
    spans: dict[tuple[str, int], tuple[int, int]] = {}
    for section in sections:
        key = (section.upstream, section.segment)
        prev = spans[key][0] if key in spans else section.prev
        spans[key] = (prev, section.upto)
    return [Move(u, s, prev, upto) for (u, s), (prev, upto) in spans.items() if upto > prev]


def _as_error(outcome: Any) -> OneThingError:
    if isinstance(outcome, OneThingError):
        return outcome
    return Faulty(fault=type(outcome).__name__)
