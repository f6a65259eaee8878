"""Following other services' logs: in order, without gaps, exactly once (L2, L3).

Sections arrive pushed; what does not continue this service's own position is kept for a moment and then pulled.
Every second of silence is pulled too, so a lost message, a wiped queue or a new broker costs a second, never a fact.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import eventlet
import msgspec
import structlog
from eventlet.event import Event
from kombu import Connection, Consumer, Queue

from contracts.language import Note
from eventing.engine import Engine
from eventing.errors import OneThingError, Unavailable
from eventing.parking import Followed
from eventing.shipping import MARK, Part, Shipment, log_exchange
from eventing.signing import Signer
from eventing.store import Overtaken
from eventing.transports import HEARTBEAT, listening

log = structlog.get_logger()

SILENCE = 1.0
"""Seconds without movement after which a segment is asked for."""

STARTING = 180.0
"""Seconds that an upstream may take to start, as the chart has it (``startupSeconds``): who was never heard is not
called silent before. The services of a house start together, and this one may be the first."""

PATIENCE = 0.05
"""Seconds that a section may wait for the one before it."""

REST = (0.01, 0.2)
"""Seconds between two batches, at least and at most; in between it is as long as the batch took, and the wait for its
turn before it. What comes meanwhile is one transaction, not many: the busier the process and the machine, the cheaper
each fact. The first one never waits."""

BATCH = 400
"""Facts handled in one transaction."""

HEARD = 64, 1024
"""Shipments and parts of them that stay read: all followers of a process hear the same ones."""

_shipments = msgspec.msgpack.Decoder(Shipment)
_notes = msgspec.msgpack.Decoder(list[Note])

Pull = Callable[[str, dict[int, int], int], list[Followed]]
"""(upstream, segment → after, limit) → sections that continue there."""


class Follower:
    """Follows a service's upstreams for the segments that this replica owns."""

    def __init__(self, engine: Engine, upstreams: Sequence[str], amqp_uri: str, pull: Pull, signer: Signer) -> None:
        self.engine = engine
        self.rest = engine.service.rest
        self.upstreams = tuple(upstreams)
        self.amqp_uri = amqp_uri
        self.pull = pull
        self.signer = signer
        self.service = engine.service.name
        self.load_parked: Callable[[set[int]], None] = lambda segments: None
        """Reads which cases of these segments are parked."""
        self.watched: dict[tuple[str, str], Callable[[Note], None]] = {}
        """(service, topic) → what to do at once when such a fact is pushed here, whoever owns its segment.

        A courtesy, not a reaction: nothing may depend on it.
        """
        self._positions: dict[tuple[str, int], int] = {}
        self._moved: dict[tuple[str, int], float] = {}
        self._known: dict[tuple[str, int], int] = {}
        """How far each segment is known to reach."""
        self._level: dict[tuple[str, int], float] = {}
        """When all of it that was known had been followed."""
        self._inbox: dict[tuple[str, int], dict[int, tuple[int, Any, float]]] = {}
        self._heard: set[str] = set()
        """The upstreams that have answered."""
        self._silent_since: dict[str, float] = {}
        """The upstreams that do not answer now, and since when."""
        self._called_silent: set[str] = set()
        self._wake = Event()
        self._stopping = False

    # ownership

    def own(self, segments: Iterable[int]) -> None:
        """Starts following these segments, from where this service stands."""
        if not self.upstreams:
            return
        wanted = set(segments)
        positions = self.engine.store.positions(self.upstreams)
        self.load_parked(wanted)  # after the positions: whatever is parked up to them is known
        for key, position in positions.items():
            if key[1] in wanted:
                self._positions[key] = position
                self._moved[key] = 0.0
                self._inbox[key] = {}
                self._known[key], self._level[key] = position, time.monotonic()
        self._signal()

    def disown(self, segments: Iterable[int]) -> None:
        """Stops following these segments; another replica goes on."""
        gone = set(segments)
        for key in [key for key in self._positions if key[1] in gone]:
            del self._positions[key], self._moved[key], self._inbox[key], self._known[key], self._level[key]

    def position(self, upstream: str, segment: int) -> int | None:
        """How far this replica has followed a segment; None when another replica owns it."""
        return self._positions.get((upstream, segment))

    def lag(self) -> list[tuple[str, int, int, float]]:
        """(upstream, segment, facts known to be there and not followed, seconds since it last had everything)."""
        now = time.monotonic()
        return [
            (*key, max(self._known[key] - position, 0), now - self._level[key])
            for key, position in self._positions.items()
        ]

    def _learn(self, upstream: str, asked: Iterable[int], sections: Iterable[Followed]) -> None:
        """An upstream's answer: these facts are there, and in the other segments there is nothing new."""
        for section in sections:
            key = (upstream, section.segment)
            if key in self._known:
                self._known[key] = max(self._known[key], section.upto)
        now = time.monotonic()
        for segment in asked:
            self._note_level((upstream, segment), now)

    def _note_level(self, key: tuple[str, int], now: float) -> None:
        if key in self._positions and self._positions[key] >= self._known[key]:
            self._level[key] = now

    # intake of sections

    def offer(self, shipment: Shipment) -> None:
        """Takes pushed sections of segments that are owned here."""
        for part in shipment.parts if any(service == shipment.service for service, _ in self.watched) else ():
            for note in _notes_in(part):
                if watcher := self.watched.get((shipment.service, note.topic)):
                    watcher(note)
        if shipment.service not in self.upstreams:
            return
        now = time.monotonic()
        for part in shipment.parts:
            key = (shipment.service, part.segment)
            position = self._positions.get(key)
            if position is not None and part.upto > position:
                self._known[key] = max(self._known[key], part.upto)
                self._put(key, part, now)
        self._signal()

    def _put(self, key: tuple[str, int], part: Part, now: float) -> None:
        box = self._inbox[key]
        if len(box) < BATCH and (part.prev not in box or box[part.prev][0] < part.upto):
            box[part.prev] = (part.upto, part, now)

    def listen(self) -> None:
        """Receives pushed sections until stopped; a lost connection is made again and everything is pulled."""
        heard = dict.fromkeys([*self.upstreams, *(service for service, _ in self.watched)])
        if not heard:
            return
        pause = 0.1
        while not self._stopping:
            try:
                with Connection(self.amqp_uri, heartbeat=HEARTBEAT, connect_timeout=5) as connection:
                    channel = connection.channel()
                    exchange = log_exchange()(channel)
                    exchange.declare()
                    queue = Queue("", exchange=exchange, exclusive=True, auto_delete=True, durable=False)(channel)
                    queue.queue_declare()
                    for upstream in heard:
                        queue.bind_to(exchange, routing_key=upstream)
                    consumer = Consumer(channel, [queue], on_message=self._receive, no_ack=True, auto_declare=False)
                    consumer.consume(no_ack=True)
                    pause = 0.1
                    self._everything_is_old()
                    for _ in listening(connection):
                        if self._stopping:
                            break
            except Exception as error:
                if self._stopping:
                    return
                log.warning("following by pull only", service=self.service, error=str(error))
                eventlet.sleep(pause)
                pause = min(pause * 2, 2.0)

    def _receive(self, message: Any) -> None:
        try:
            shipment = _read(self.signer, _body(message), str(message.headers.get(MARK)))
        except msgspec.DecodeError as error:
            log.warning("unreadable shipment", service=self.service, error=str(error))
            return
        if shipment is None:
            log.warning("a shipment that this house did not make", service=self.service)
        else:
            self.offer(shipment)

    def _everything_is_old(self) -> None:
        for key in self._moved:
            self._moved[key] = 0.0
        self._signal()

    # work

    def run(self) -> None:
        """Reacts to sections as they come, and pulls what is missing, until stopped."""
        if not self.upstreams:
            return
        pause = 0.05
        late = 0.0
        while not self._stopping:
            try:
                sections = self._collect()
                if sections:
                    began = time.monotonic()
                    self._react(sections)
                    ended = time.monotonic()
                    rest = self._rest(sections, ended - began + late)
                    eventlet.sleep(rest)
                    late = time.monotonic() - ended - rest
                elif self._pull_what_is_missing():
                    pass
                else:
                    with eventlet.Timeout(PATIENCE if self._has_gaps() else SILENCE / 4, False):
                        self._wake.wait()
                    self._wake = Event()
                pause = 0.05
            except Overtaken:
                log.info("overtaken by another replica", service=self.service)
                self._reload()
            except OneThingError as error:
                log.warning("following waits", service=self.service, error=str(error), retry_in_s=pause)
                eventlet.sleep(pause)
                pause = min(pause * 2, 2.0)

    def _rest(self, sections: Sequence[Followed], taken: float) -> float:
        """Seconds until the next batch; who is behind does not rest longer than it must."""
        least, most = REST
        rest = min(max(taken, least), most)
        if not self.rest:
            return rest
        is_behind = sum(len(section.notes) for section in sections) >= BATCH
        return min(rest, self.rest) if is_behind else self.rest

    def stop(self) -> None:
        """Ends the loops after the batch in hand."""
        self._stopping = True
        self._signal()

    def _react(self, sections: list[Followed]) -> None:
        self.engine.react(sections)
        now = time.monotonic()
        for section in sections:
            key = (section.upstream, section.segment)
            if key in self._positions:
                self._positions[key] = section.upto
                self._moved[key] = now
                self._note_level(key, now)

    def _collect(self) -> list[Followed]:
        """Sections that continue the positions without a gap, over all segments, up to a batch."""
        sections: list[Followed] = []
        taken = 0
        for key, box in self._inbox.items():
            if not box:
                continue
            position = self._positions[key]
            while taken < BATCH:
                found = self._next(box, position)
                if found is None:
                    break
                upto, raw = found
                notes = raw if isinstance(raw, list) else _notes_in(raw)
                fresh = [note for note in notes if note.position > position]
                sections.append(Followed(key[0], key[1], position, upto, fresh))
                taken += len(fresh)
                position = upto
            if taken >= BATCH:
                break
        return sections

    @staticmethod
    def _next(box: dict[int, tuple[int, Any, float]], position: int) -> tuple[int, Any] | None:
        found = box.pop(position, None)
        if found is not None and found[0] > position:
            return found[0], found[1]
        for prev in [prev for prev in box if prev < position]:
            upto, raw, _ = box.pop(prev)
            if upto > position:
                return upto, raw
        return None

    def _has_gaps(self) -> bool:
        return any(self._inbox.values())

    def _pull_what_is_missing(self) -> bool:
        """Asks upstreams for what did not come; true when something was found."""
        now = time.monotonic()
        wanted: dict[str, dict[int, int]] = {}
        for key, position in self._positions.items():
            waiting = [since for _, _, since in self._inbox[key].values()]
            if now - self._moved[key] > SILENCE or (waiting and now - min(waiting) > PATIENCE):
                wanted.setdefault(key[0], {})[key[1]] = position
        found = False
        for upstream, after in wanted.items():
            if self._stopping:
                break
            try:
                sections = self.pull(upstream, after, BATCH)
            except Unavailable as error:
                self._note_silence(upstream, error)
                sections = []
            else:
                self._note_answer(upstream)
                self._learn(upstream, after, sections)
            now = time.monotonic()
            for segment in after:
                if (upstream, segment) in self._moved:
                    self._moved[upstream, segment] = now
                    self._expire(self._inbox[upstream, segment], now)
            for section in sections:
                box = self._inbox.get((upstream, section.segment))
                if box is not None and section.upto > section.prev:
                    box[section.prev] = (section.upto, list(section.notes), now)
                    self._moved[upstream, section.segment] = 0.0  # there may be more
                    found = True
        return found

    def _note_answer(self, upstream: str) -> None:
        self._heard.add(upstream)
        self._silent_since.pop(upstream, None)
        self._called_silent.discard(upstream)

    def _note_silence(self, upstream: str, error: Unavailable) -> None:
        """Says once that an upstream is silent, which answered before or had the time to start."""
        now = time.monotonic()
        since = self._silent_since.setdefault(upstream, now)
        if upstream not in self._called_silent and (upstream in self._heard or now - since >= STARTING):
            self._called_silent.add(upstream)
            log.warning("upstream silent", service=self.service, upstream=upstream, error=str(error))

    @staticmethod
    def _expire(box: dict[int, tuple[int, Any, float]], now: float) -> None:
        """Forgets sections that waited in vain: what they hold is pulled."""
        for prev in [prev for prev, (_, _, since) in box.items() if now - since > SILENCE]:
            del box[prev]

    def _reload(self) -> None:
        try:
            self.own({segment for _, segment in self._positions})
        except Unavailable:
            eventlet.sleep(0.2)

    def _signal(self) -> None:
        if not self._wake.ready():
            self._wake.send()


@lru_cache(maxsize=HEARD[0])
def _read(signer: Signer, body: bytes, mark: str) -> Shipment | None:
    """The shipment; None where this house did not make it. Raises msgspec.DecodeError."""
    return _shipments.decode(body) if signer.is_ours(body, mark) else None


@lru_cache(maxsize=HEARD[1])
def _notes_in(part: Part) -> list[Note]:
    """The notes of a part. Nobody changes the list: others have it, too."""
    return _notes.decode(part.notes)


def _body(message: Any) -> bytes:
    body = message.body
    return body if isinstance(body, bytes) else bytes(body) if isinstance(body, memoryview) else body.encode("latin-1")
