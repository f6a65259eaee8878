"""The four questions: why not finished, why blocked, why asked, why lawful. Each is a function of facts and catalogue.

A reason cites a fact where, and only where, the answer says something that was read in it.
"""

from collections.abc import Iterator, Sequence

from casefile.explaining.course import Course, Known, Track, course
from casefile.explaining.reasons import Explained, Reason, law, line, reason
from catalogue.errors import CatalogueError
from catalogue.joins import Progress, join
from catalogue.model import Theme
from catalogue.selection import NeededMaterial, Standing
from contracts.approval import DecisionRevoked, ReviewDenied, ReviewEnded, ReviewGranted
from contracts.intake import Acceptance, ItemsAccepted
from contracts.routing import ReplacementRequested

NO_CASE = Explained("unknown")
"""Nothing was recorded that a case begins with."""


def unfinished(facts: Sequence[Known], theme: Theme) -> Explained:
    """Why a case is not finished: what each item is at, what lies ready; or that it is."""
    found = course(facts)
    if found.opened is None:
        return NO_CASE
    if found.closed is not None:
        return Explained(
            "finished",
            (reason("closed", found.closed, on=found.closed.at, outcome=found.closed.fact.outcome),),
        )
    reasons = [each for item in found.items for each in _of_item(found, item, theme)]
    reasons += _of_packages(found)
    if not reasons:
        verdict = found.concluded.fact.verdict if found.concluded else ""
        reasons = [reason("closing", found.concluded, verdict=verdict)]
    return Explained("unfinished", tuple(reasons))


def blocked(facts: Sequence[Known], theme: Theme, item: str) -> Explained:
    """Why an item is blocked, or what it waits for; or what else it is at."""
    found = course(facts)
    track = found.items.get(item)
    if found.opened is None or track is None or track.selected is None or track.standing == Standing.NOT_NEEDED:
        return NO_CASE
    if track.blocked is not None:
        return Explained("blocked", tuple(_losses(found, item, track.blocked)))
    if track.accepted and _waits(track):
        waiting = tuple(_waiting(found, item, theme))
        if waiting:
            return Explained("waiting", waiting)
    reasons = tuple(_of_item(found, item, theme))
    return Explained("at_work" if reasons else "over", reasons or (_end(item, track),))


def asked(facts: Sequence[Known], theme: Theme, material: str) -> Explained:
    """Why a material was asked for: the answers and items that need it, and what was told of it since."""
    found = course(facts)
    if found.opened is None:
        return NO_CASE
    reasons: list[Reason] = []
    for needed in _needed(found, theme):
        if needed.material.id == material:
            by = [found.items[item].selected for item in needed.items if item in found.items]
            since = min((each.at for each in by if each is not None), default=None)
            rules = [line("materials", item) for item in needed.items]
            reasons.append(reason("needed", *by, material=material, why=needed.reason, since=since, rules=rules))
    mine = {copy: receipt for copy, receipt in found.copies.items() if _material(receipt, copy) == material}
    came = max((_order(receipt) for receipt in mine.values()), default=(-1, ""))
    last = found.corrections[-1] if found.corrections else None
    if last is not None and _order(last) > came:
        items = [item for item, missing in last.fact.missing.items() if material in missing]
        if items:
            reasons.append(
                reason(
                    "told_missing", last, told=last.at, material=material, due=last.fact.due_on, rules=[law("answer")]
                )
            )
    for copy, refusal in found.refused.items():
        if copy in mine and _order(refusal) > came:
            reasons.append(
                reason(
                    "copy_refused", refusal, mine[copy], material=material, received=mine[copy].at, refused=refusal.at,
                    fault=refusal.fact.copies[copy].kind, rules=[law("answer")],
                )
            )  # fmt: skip
    last_loss = found.replacements[-1] if found.replacements else None
    if last_loss is not None and isinstance(last_loss.fact, ReplacementRequested):
        reasons += [
            reason("replacement", last_loss, mine[copy], material=material, received=mine[copy].at, asked=last_loss.at)
            for copy in last_loss.fact.copies
            if copy in mine
        ]
    reasons += [
        reason("further", each, asked=each.at, material=material, basis=each.fact.basis, rules=[law("further")])
        for each in found.further
        if each.fact.what == material
    ]
    return Explained("asked" if reasons else "not_asked", tuple(reasons))


def lawful(facts: Sequence[Known], item: str, grants: Sequence[Known] = ()) -> Explained:
    """Why the acceptance of an item was lawful: who could accept it, what was told and brought; or what is not shown.

    ``grants`` are the facts of the grant that the acceptance names (``grant_of``).
    """
    found = course(facts)
    track = found.items.get(item)
    if found.opened is None or track is None or track.accepted is None:
        return Explained("not_accepted")
    fact: ItemsAccepted = track.accepted.fact
    accepted = next(each for each in fact.items if each.item == item)
    reasons = [_told(found)] if found.notices else []
    lacking: list[str] = [] if found.notices else ["notice"]
    if fact.deemed:
        receipts = [each for each in found.receipts if getattr(each.fact, "deemed_accepted_at", None) is not None]
        last = receipts[-1] if receipts else None
        lacking += [] if last else ["receipt"]
        reasons.append(
            reason(
                "deemed", track.accepted, last, item=item, on=track.accepted.at, received=last and last.at,
                due=last and last.fact.deemed_accepted_at, rules=[law("answer")],
            )
        )  # fmt: skip
    else:
        granted, missing = _authority(track.accepted, fact, accepted, grants, item)
        reasons += granted
        lacking += missing
    receipts = [found.copies[copy] for copy in accepted.materials if copy in found.copies]
    absent = [copy for copy in accepted.materials if copy not in found.copies]
    lacking += absent
    if accepted.materials:
        there = [copy for copy in accepted.materials if copy in found.copies]
        reasons.append(
            reason("complete", *receipts, item=item, copies=there, rules=[law("complete"), line("materials", item)])
        )
    if accepted.tolerated or accepted.committed:
        reasons.append(
            reason(
                "terms", track.accepted, item=item, tolerated=[each.material for each in accepted.tolerated],
                committed=accepted.committed, document=fact.signed.document if fact.signed else "",
                rules=[line("tolerance", item)],
            )
        )  # fmt: skip
    if lacking:
        reasons.append(reason("lacking", item=item, what=lacking))
    return Explained("not_shown" if lacking else "lawful", tuple(reasons))


def grant_of(facts: Sequence[Known], item: str) -> str:
    """The grant that the item was accepted under; empty: none is named."""
    track = course(facts).items.get(item)
    if track is None or track.accepted is None:
        return ""
    return next((each.grant for each in track.accepted.fact.items if each.item == item), "")


# an item on its way


def _of_item(found: Course, item: str, theme: Theme) -> Iterator[Reason]:
    """What an item is at; nothing where it has come to its end. One that failed by others is still to be answered."""
    track = found.items[item]
    if track.selected is None or track.standing in {Standing.NOT_NEEDED, Standing.SATISFIED}:
        return
    is_answered = track.accepted is not None or track.standing == Standing.UNDERWAY
    if track.gone or track.revoked or (track.blocked and is_answered):
        return
    if track.standing == Standing.UNDERWAY and not track.accepted:
        if track.origin is None:
            yield reason("elsewhere", track.selected, item=item, since=track.selected.at)
        return
    if track.decided is not None:
        yield from _decided(item, track, track.decided, theme)
    elif track.accepted is None:
        yield _not_accepted(found, item, track.selected, track.correction)
    elif track.planned is None:
        yield reason("not_taken_up", track.accepted, item=item, accepted=track.accepted.at)
    elif track.unlocked is None:
        since = track.relocked or track.planned
        handler = _handler(track, item)
        begin = reason("about_to_begin", track.planned, since, item=item, handler=handler, since=since.at)
        yield from [*_waiting(found, item, theme)] or [begin]
    else:
        yield from _open(item, track, track.unlocked)


def _not_accepted(found: Course, item: str, selected: Known, told: Known | None) -> Reason:
    since = selected.at
    receipt = found.receipts[-1] if found.receipts else None
    if told is not None and (receipt is None or _order(told) > _order(receipt)):
        missing = told.fact.missing[item]
        return reason(
            "correction", selected, told, item=item, since=since, told=told.at, missing=missing,
            rules=[law("answer")],
        )  # fmt: skip
    if receipt is not None:
        due = getattr(receipt.fact, "deemed_accepted_at", None)
        return reason(
            "answer_owed", selected, receipt, item=item, since=since, received=receipt.at, due=due,
            rules=[law("answer")],
        )  # fmt: skip
    return reason("to_be_applied", selected, item=item, since=since)


def _open(item: str, track: Track, unlocked: Known) -> Iterator[Reason]:
    clocks = next(each for each in unlocked.fact.reviews if each.item == item)
    handler = _handler(track, item)
    for pause in track.pauses.values():
        yield reason(
            "suspended", pause, item=item, procedure=pause.fact.procedure, since=pause.fact.started_on,
            expected=pause.fact.expected_on, rules=[law("suspension")],
        )  # fmt: skip
    if track.pauses:
        return
    if track.supplied is None:
        yield reason("unsupplied", track.planned, unlocked, item=item, handler=handler, started=clocks.started_on)
        return
    yield reason(
        "under_review", track.planned, unlocked, track.supplied, item=item, handler=handler,
        started=clocks.started_on, promised=clocks.promised_due, statutory=clocks.statutory_due,
        rules=[line("limits", item)],
    )  # fmt: skip


def _decided(item: str, track: Track, decided: Known, theme: Theme) -> Iterator[Reason]:
    fact = decided.fact
    if not isinstance(fact, ReviewGranted):
        return
    if fact.tolerant and track.confirmed is None:
        accepted = track.accepted.fact.items if track.accepted else ()
        missing = [each.material for one in accepted if one.item == item for each in one.tolerated]
        yield reason(
            "tolerant", decided, track.accepted if missing else None, item=item, decided=decided.at,
            missing=missing, rules=[line("tolerance", item)],
        )  # fmt: skip
    elif track.issued is None and any(each.id == item and each.outputs for each in theme.items):
        yield reason("certificate_pending", decided, item=item, decided=decided.at, rules=[line("outputs", item)])


def _of_packages(found: Course) -> Iterator[Reason]:
    for package, way in found.packages.items():
        ready, last = way[0], way[-1]
        if len(way) > 1 and hasattr(last.fact, "method"):
            yield reason(
                "on_the_way", ready, last, package=package, ready=ready.at, sent=last.at, rules=[law("delivery")]
            )
        else:
            due = getattr(ready.fact, "due_on", None)
            yield reason("to_be_collected", ready, package=package, ready=ready.at, due=due, rules=[law("delivery")])


# the item graph


def _waits(track: Track) -> bool:
    return track.planned is not None and not (track.unlocked or track.decided or track.gone or track.revoked)


def _handler(track: Track, item: str) -> str:
    reviews = track.planned.fact.reviews if track.planned else ()
    return next((each.handler for each in reviews if each.item == item), "")


def _waiting(found: Course, item: str, theme: Theme) -> Iterator[Reason]:
    """The items that the join of an item waits for, each with the fact that says how far it is."""
    track = found.items[item]
    standings = {name: Standing(each.standing) for name, each in found.items.items() if each.standing}
    progress = {name: _progress(each) for name, each in found.items.items()}
    definition = next((each for each in theme.items if each.id == item), None)
    since = track.relocked or track.planned
    if definition is None or since is None:
        return
    for other in join(definition, standings, progress).waiting_for:
        state, at = _state(found.items.get(other, Track()))
        yield reason(
            "waits_for", track.planned, since, at, item=item, handler=_handler(track, item), since=since.at,
            other=other, state=state, other_since=at and at.at, rules=[line("depends_on", item)],
        )  # fmt: skip


def _progress(track: Track) -> Progress:
    if track.origin is not None:
        return {"granted": Progress.APPROVED, "denied": Progress.DENIED}.get(track.origin.fact.outcome, Progress.GONE)
    if track.gone is not None or track.blocked is not None:
        return Progress.GONE
    if track.revoked is not None:
        return Progress.DENIED
    if track.decided is not None:
        if isinstance(track.decided.fact, ReviewDenied):
            return Progress.DENIED
        tolerant = track.decided.fact.tolerant and track.confirmed is None
        return Progress.APPROVED_TOLERANT if tolerant else Progress.APPROVED
    return Progress.ACCEPTED if track.planned is not None else Progress.PENDING


def _state(track: Track) -> tuple[str, Known | None]:
    """How far an item is, in a word, and the last fact that says so."""
    steps = (
        ("decided", track.decided), ("under_review", track.unlocked), ("waiting", track.planned),
        ("accepted", track.accepted), ("not_accepted", track.selected),
    )  # fmt: skip
    return next(((word, fact) for word, fact in steps if fact is not None), ("unknown", None))


def _losses(found: Course, item: str, known: Known, seen: tuple[str, ...] = ()) -> Iterator[Reason]:
    """Why an item is blocked: the items that failed before it, and how; through blocked ones down to the first."""
    because = [each for each in known.fact.because if each not in seen]
    yield reason(
        "blocked", known, item=item, since=known.at, because=known.fact.because,
        rules=[line("depends_on", item)],
    )  # fmt: skip
    for other in because:
        failed = found.items.get(other, Track())
        if failed.blocked is not None:
            yield from _losses(found, other, failed.blocked, (*seen, item))
        else:
            yield _end(other, failed)


def _end(item: str, track: Track) -> Reason:
    """How an item came to its end."""
    last = track.revoked or track.gone or track.decided or track.origin
    if last is None:
        return reason("unknown_loss", item=item)
    fact = last.fact
    if isinstance(fact, ReviewGranted):
        return reason("over", last, item=item, how="granted", since=last.at)
    if isinstance(fact, ReviewDenied):
        how = "denied"
    elif isinstance(fact, DecisionRevoked):
        how = "revoked"
    elif isinstance(fact, ReviewEnded):
        how = fact.reason
    else:
        how = getattr(fact, "outcome", "") or last.topic.split(".")[-2]
    return reason("lost", last, item=item, how=how, since=last.at)


# materials, notices and grants


def _needed(found: Course, theme: Theme) -> tuple[NeededMaterial, ...]:
    standings = {item: track.standing for item, track in found.items.items() if track.selected}
    chosen = [item for item, standing in standings.items() if standing == Standing.SELECTED]
    try:
        return theme.select(
            found.answers,
            chosen=chosen,
            satisfied={item: item for item, standing in standings.items() if standing == Standing.SATISFIED},
            underway=[item for item, standing in standings.items() if standing == Standing.UNDERWAY],
        ).materials
    except CatalogueError:  # the history is not one of this catalogue's
        return ()


def _material(receipt: Known, copy: str) -> str:
    return next(str(each.material) for each in receipt.fact.materials if each.copy == copy)


def _order(known: Known) -> tuple[int, str]:
    return known.seq, known.chain


def _told(found: Course) -> Reason:
    last = found.notices[-1]
    return reason("told", last, number=last.fact.number, on=last.at, rules=[law("notice")])


def _authority(
    known: Known, fact: ItemsAccepted, accepted: Acceptance, grants: Sequence[Known], item: str
) -> tuple[list[Reason], list[str]]:
    """The grant that the acceptance rests on, and what of it is not shown."""
    by_name = {each.topic.split(".")[-2]: each for each in grants}
    made, published = by_name.get("made"), by_name.get("published")
    at = accepted.authorised_at or known.at
    lacking = [f"grant {accepted.grant}"] if made is None else []
    if published is None or published.at > at:
        lacking.append("publication")
    if made is not None:
        if "accept" not in made.fact.powers:
            lacking.append("power")
        if "*" not in made.fact.items and item not in made.fact.items:
            lacking.append("scope")
        day = accepted.accepted_on or at.date()
        if day < made.fact.valid_from or (made.fact.valid_until is not None and day > made.fact.valid_until):
            lacking.append("term")
    ended = by_name.get("revoked") or by_name.get("expired")
    if ended is not None and ended.at <= at:
        lacking.append("ended")
    found = [
        reason(
            "authority", known, made, item=item, on=known.at, hall=fact.hall, handler=accepted.in_name_of,
            grant=accepted.grant, form=made and made.fact.legal_form, grantor=made and made.fact.grantor,
            document=made and made.fact.document, rules=[law("authority")],
        )
    ]  # fmt: skip
    if published is not None:
        found.append(
            reason(
                "published", published, item=item, grant=accepted.grant, on=published.at,
                publication=published.fact.publication, rules=[law("announced")],
            )
        )  # fmt: skip
    return found, lacking
