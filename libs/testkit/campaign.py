"""What must be true after a campaign of faults: what was acknowledged stands, once, and nothing else does.

Nothing here asks the services: what lies in their databases (``evidence``) is compared with what the callers
were told. What a case of W1 leads to is written down here once more, by hand.
"""

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from contracts.certificate import HandOverPackages
from contracts.intake import Register
from contracts.language import Command, Position, Reply
from testkit.evidence import FOLLOWS, PARTS, SEGMENTS, Evidence, Recorded, gather


class Shape(msgspec.Struct, frozen=True):
    """An item of W1: who decides it, on which material, and what comes of it."""

    org: str
    material: str
    output: str


W1 = {
    "WA01": Shape("gaj", "wa_identity", "wa_one"),
    "WA02": Shape("scjg", "wa_address", "wa_two"),
    "WA03": Shape("ybj", "wa_insurance", "wa_three"),
    "WA04": Shape("rsj", "wa_employment", "wa_four"),
    "WA05": Shape("wjw", "wa_marriage", "wa_five"),
}
"""The benchmark's theme: five items side by side."""

OPTIONAL = {
    "onething.review.warned.v1",
    "onething.certificate.rendered.v1",
    "onething.message.sent.v1",
    "onething.message.sending-failed.v1",
}
"""What the clock, the renderer or the sender may add to a case, at most once for each part."""

NUMBERS = {
    "onething.case.opened.v1": "number",
    "onething.case.notice-issued.v1": "number",
    "onething.review.granted.v1": "decision",
    "onething.certificate.issued.v1": "number",
}
"""Topic → the field that no two facts share."""


class Acknowledged(msgspec.Struct, frozen=True):
    """A command that its service said yes to, and what it said."""

    service: str
    id: str
    command: Command
    value: Any
    position: Position | None


def verify(stores: Mapping[str, str], acknowledged: Sequence[Acknowledged]) -> list[str]:
    """Everything that is wrong in these databases (service → URL), given what was acknowledged."""
    return problems(gather(stores), acknowledged)


def problems(evidence: Evidence, acknowledged: Sequence[Acknowledged]) -> list[str]:
    """Everything in the evidence that does not fit what was acknowledged, in words."""
    return [f"{check.__name__}: {problem}" for check in CHECKS for problem in check(evidence, acknowledged)]


Check = Callable[[Evidence, Sequence[Acknowledged]], Iterator[str]]


def logs_are_gapless(evidence: Evidence, _: Sequence[Acknowledged]) -> Iterator[str]:
    """Positions count from 1 in each segment, versions from 1 in each stream, each stream in its segment."""
    for service, log in evidence.logs.items():
        last: dict[int, int] = dict.fromkeys(SEGMENTS, 0)
        versions: Counter[str] = Counter()
        for fact in log:
            if fact.position != last[fact.segment] + 1:
                yield f"{fact} comes after position {last[fact.segment]}"
            last[fact.segment] = fact.position
            versions[fact.stream] += 1
            if fact.version != versions[fact.stream]:
                yield f"{fact} is the stream's fact number {versions[fact.stream]}"
            if zlib.crc32(fact.stream.encode()) % len(SEGMENTS) != fact.segment:
                yield f"{fact} is in a segment that is not its stream's"
        for segment, position in last.items():
            if evidence.heads[service].get(segment, 0) != position:
                yield f"head of {service}/{segment:02} is not {position}"


def everything_is_followed(evidence: Evidence, _: Sequence[Acknowledged]) -> Iterator[str]:
    """Every service stands at the end of every log that it follows."""
    for service, upstreams in FOLLOWS.items():
        for upstream in upstreams:
            for segment in SEGMENTS:
                position = evidence.followed[service].get((upstream, segment), 0)
                head = evidence.heads[upstream].get(segment, 0)
                if position != head:
                    yield f"{service} stands at {position} of {head} in {upstream}/{segment:02}"


def nothing_waits(evidence: Evidence, acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    """No case is parked, no deadline of a closed case stands."""
    cases = {_case(each) for each in acknowledged}
    for service in evidence.logs:
        yield from (f"{case} is parked in {service}" for case in evidence.parked[service])
        yield from (f"{case} has a deadline in {service}" for case in evidence.deadlines[service] if case in cases)


def answers_are_kept(evidence: Evidence, acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    """What a caller was told stands with the command, and who reads from the position on sees its facts.

    Commands that were saved together are told of the same position, that of the last of their facts.
    """
    at = {(fact.service, fact.segment, fact.position): fact for log in evidence.logs.values() for fact in log}
    last = {(fact.service, fact.cause): fact for fact in at.values()}
    for each in acknowledged:
        stored = evidence.answers[each.service].get(each.id)
        if stored is None:
            yield f"{each.service} has forgotten command {each.id}"
            continue
        reply = msgspec.json.decode(stored, type=Reply)
        if reply.error is not None or msgspec.json.decode(reply.value) != each.value:
            yield f"{each.service} has another answer to command {each.id}"
        if each.position is not None:
            there = at.get((each.position.service, each.position.segment, each.position.position))
            own = last.get((each.service, each.id))
            if there is None or own is None or there.stream != own.stream or there.version < own.version:
                yield f"command {each.id} was told of {there}, and led to {own}"


def cases_are_whole(evidence: Evidence, acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    """Each case has exactly the facts that its acknowledged commands lead to, in all services together."""
    found: defaultdict[str, Counter[tuple[str, str, str]]] = defaultdict(Counter)
    for log in evidence.logs.values():
        for fact in log:
            if fact.body.get("case_id"):
                found[fact.stream].update((fact.service, fact.topic, part) for part in fact.parts)
    wanted = {case: _expected(commands) for case, commands in by_case(acknowledged).items()}
    for case in found.keys() | wanted.keys():
        if case not in wanted:
            yield f"{case} has facts, but nobody was told of it"
            continue
        for (service, topic, part), count in sorted((wanted[case] - found[case]).items()):
            yield f"{case}: {service} lacks {topic} {part} ×{count}"
        for (service, topic, part), count in sorted((found[case] - wanted[case]).items()):
            if topic not in OPTIONAL or count > 1:
                yield f"{case}: {service} has {topic} {part} ×{count} too many"


def nothing_happened_twice(evidence: Evidence, _: Sequence[Acknowledged]) -> Iterator[str]:
    """No cause has the same consequence twice, and no number was given twice."""
    for log in evidence.logs.values():
        seen: dict[tuple[str, ...], Recorded] = {}
        for fact in log:
            keys: list[tuple[str, ...]] = [
                ("because of", fact.stream, fact.cause, fact.topic, part) for part in fact.parts
            ]
            if fact.topic in NUMBERS:
                keys.append(("numbered", fact.topic, str(fact.body[NUMBERS[fact.topic]])))
            for key in keys:
                if key in seen:
                    yield f"{fact} and {seen[key]} are the same: {' '.join(key)}"
                seen[key] = fact


def causes_are_known(evidence: Evidence, acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    """Behind a fact of a case is a command that was acknowledged, or a fact of that case elsewhere."""
    cases = {_case(each) for each in acknowledged}
    commands = {(each.service, each.id) for each in acknowledged}
    at = {f"{f.service}/{f.segment:02}/{f.position}": f for log in evidence.logs.values() for f in log}
    for service, log in evidence.logs.items():
        for fact in log:
            if fact.stream not in cases or (service, fact.cause) in commands or fact.topic in OPTIONAL:
                continue
            cause = at.get(fact.cause)
            if cause is None or cause.stream != fact.stream or cause.service not in FOLLOWS[service]:
                yield f"{fact} has no known cause: {fact.cause!r}"


def order_holds(evidence: Evidence, _acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    """In each stream, consequences stand in the order of their causes in each upstream."""
    for log in evidence.logs.values():
        chains: defaultdict[tuple[str, str], list[tuple[int, Recorded]]] = defaultdict(list)
        for fact in log:
            upstream, _, place = fact.cause.partition("/")
            if upstream in FOLLOWS and place:
                chains[fact.stream, upstream].append((int(place.partition("/")[2]), fact))
        for chain in chains.values():
            yield from (
                f"{after} follows {before}, but was caused earlier"
                for (first, before), (second, after) in pairwise(chain)
                if second < first
            )


def custody_is_complete(evidence: Evidence, acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    """Every copy that was taken in lies in one place, and every packet that was planned has arrived."""
    taken_in: defaultdict[str, set[str]] = defaultdict(set)
    for fact in evidence.logs["intake"]:
        if fact.topic == "onething.case.materials-received.v1":
            taken_in[fact.stream].update(fact.parts)
    for case in by_case(acknowledged):
        places, faults = custody(evidence, case)
        yield from (f"{case}: {fault}" for fault in faults)
        if places.keys() != taken_in[case]:
            yield f"{case}: taken in {sorted(taken_in[case])}, in custody {sorted(places)}"


def custody(evidence: Evidence, case: str) -> tuple[dict[str, str], list[str]]:
    """By routing's facts alone: where every copy of a case is, and what is wrong with its packets."""
    places: dict[str, str] = {}
    packets: dict[str, dict[str, Any]] = {}
    state: dict[str, str] = {}
    faults: list[str] = []
    follows = {"dispatched": ("planned",), "received": ("planned", "dispatched")}
    for fact in evidence.logs["routing"]:
        if fact.stream != case or fact.topic not in PARTS:
            continue
        happened = fact.topic.split(".")[2]
        if fact.topic == "onething.original.taken-in.v1":
            faults += [f"copy {copy} entered twice" for copy in fact.parts if copy in places]
            places |= fact.body["copies"]
        elif fact.topic == "onething.distribution.planned.v1":
            faults += [f"copy {copy} entered twice" for copy in fact.body.get("copies", {}) if copy in places]
            places |= fact.body.get("copies", {})
            faults += [f"packet {packet} planned twice" for packet in fact.parts if packet in packets]
            packets |= {each["packet"]: each for each in fact.body["packets"]}
            state |= dict.fromkeys(fact.parts, "planned")
        elif happened in follows:
            for name in fact.parts:
                if state.get(name) not in follows[happened]:
                    faults.append(f"packet {name} {happened} when it was {state.get(name)}")
                    continue
                state[name] = happened
                if packets[name]["medium"] == "paper":
                    place = packets[name]["to"] if happened == "received" else fact.body["carrier"]
                    places |= dict.fromkeys(packets[name]["copies"], place)
    faults += [f"packet {name} is still {stands}" for name, stands in state.items() if stands != "received"]
    return places, faults


def ledger_is_complete(evidence: Evidence, _: Sequence[Acknowledged]) -> Iterator[str]:
    """Casefile has every published fact of every service exactly once."""
    published = Counter(
        (fact.service, fact.segment, fact.position)
        for service in FOLLOWS["casefile"]
        for fact in evidence.logs[service]
        if fact.is_published
    )
    remembered = Counter(evidence.ledger)
    yield from (f"casefile lacks {place}" for place in (published - remembered))
    yield from (f"casefile has {place} too often, or for no reason" for place in (remembered - published))


CHECKS: tuple[Check, ...] = (
    logs_are_gapless,
    everything_is_followed,
    nothing_waits,
    answers_are_kept,
    cases_are_whole,
    nothing_happened_twice,
    causes_are_known,
    order_holds,
    custody_is_complete,
    ledger_is_complete,
)


def by_case(acknowledged: Sequence[Acknowledged]) -> dict[str, list[Acknowledged]]:
    """The acknowledged commands of each case that was registered."""
    cases: dict[str, list[Acknowledged]] = {
        _case(each): [] for each in acknowledged if isinstance(each.command, Register)
    }
    for each in acknowledged:
        if _case(each) in cases:
            cases[_case(each)].append(each)
    return cases


def _case(each: Acknowledged) -> str:
    return str(getattr(each.command, "case_id", ""))


def _expected(commands: Sequence[Acknowledged]) -> Counter[tuple[str, str, str]]:
    """(service, topic, part) of all that must have come of the commands of one finished case."""
    opened = next(each.command for each in commands if isinstance(each.command, Register))
    handed = next((each for each in commands if isinstance(each.command, HandOverPackages)), None)
    granted = [str(each.command.item) for each in commands if hasattr(each.command, "item")]
    paper = [f"{each.material}-1" for each in opened.materials if each.medium == "paper"]
    packages = list(W1) if opened.output_mode == "itemised" else [opened.theme]
    if sorted(granted) != sorted(W1) or handed is None or sorted(handed.value["packages"]) != sorted(packages):
        return Counter({("the caller", "was not told of", "every decision and the hand-over"): 1})
    packets = [f"p{number}" for number in range(1, len(W1) + 1)]
    certificates = [f"{item}.{shape.output}" for item, shape in W1.items()]
    return Counter(
        (service, f"onething.{topic}.v1", part)
        for service, topic, parts in (
            ("intake", "case.opened", [""]),
            ("intake", "case.notice-issued", [""]),
            ("intake", "case.form-filled", [""]),
            ("intake", "case.materials-received", [f"{shape.material}-1" for shape in W1.values()]),
            ("intake", "case.items-accepted", W1),
            ("intake", "case.closed", [""]),
            ("vault", "case-key.bound", [""]),
            ("routing", "original.taken-in", paper),
            ("routing", "distribution.planned", packets),
            ("routing", "packet.dispatched", packets),
            ("routing", "packet.received", packets),
            ("routing", "distribution.items-supplied", W1),
            ("routing", "return.planned", [f"p{len(packets) + number}" for number, _ in enumerate(paper, start=1)]),
            ("approval", "bundle.opened", [""]),
            ("approval", "review.planned", W1),
            ("approval", "review.unlocked", W1),
            ("approval", "review.supplied", W1),
            ("approval", "review.granted", W1),
            ("approval", "bundle.concluded", [""]),
            ("certificate", "output.planned", [""]),
            ("certificate", "certificate.issued", certificates),
            ("certificate", "package.assembled", packages),
            ("certificate", "output.verdict-noted", [""]),
            ("certificate", "package.handed-over", packages),
            ("certificate", "output.completed", [""]),
            ("notification", "message.prepared", [f"m{number}" for number, _ in enumerate(packages, start=1)]),
        )
        for part in parts
    )
