"""``onething theme exercise``: what the law does to a theme, tried out on a release that runs, from its data alone.

Every trial is made from the catalogue, so a new theme gets the same ones for nothing: the happy path, every refusal,
every deadline, joining from each possible entry item, tolerance and its lapse, promise, suspension, extension, a
denial, withdrawals, a revocation. What is expected comes from the theme's data; what happens, from the services.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

from msgspec import Struct

from catalogue import Catalogue, Item, Theme
from catalogue.examples import answers_for, happy_answers
from console.journey import ATTEMPTS, EVIDENCE, Journey, Stuck, Time
from contracts.approval import GrantReview
from contracts.casefile import VerifyCase
from contracts.intake import BroughtMaterial, Origin, ReceiveMaterials
from contracts.language import Caller
from eventing.client import Client
from eventing.errors import OneThingError

LONGEST_LIMIT = timedelta(weeks=16)
"""Longer than any limit of the catalogue with its holidays."""


LATE = ("red", "escalated")


class Trial(Struct, frozen=True):
    """One thing that is tried: which rule, on what, and how."""

    rule: str
    subject: str
    expected: str
    run: Callable[["Ground"], str]


class Tried(Struct, frozen=True):
    """What came of a trial."""

    theme: str
    rule: str
    subject: str
    expected: str
    happened: str
    seconds: float

    @property
    def is_well(self) -> bool:
        """Whether what happened was expected."""
        return self.expected == self.happened


class Ground(Struct, frozen=True):
    """Where trials take place: a furnished release, its catalogue, one theme, and its time."""

    client: Client
    catalogue: Catalogue
    theme: Theme
    time: Time

    def journey(self, answers: dict[str, str] | None = None, **parts: Any) -> Journey:
        """A case of the theme; without answers, the ones that a plain applicant gives."""
        return Journey(
            self.client, self.catalogue, self.theme, answers or happy_answers(self.theme), self.time, **parts
        )


def exercise(ground: Ground, *, only: Iterable[str] = ()) -> Iterator[Tried]:
    """Runs the trials of a theme (all rules, or only some), one after the other."""
    wanted = set(only)
    for trial in trials(ground.catalogue, ground.theme):
        if wanted and trial.rule not in wanted:
            continue
        began = monotonic()
        try:
            happened = trial.run(ground)
        except (OneThingError, Stuck) as fault:
            happened = f"{type(fault).__name__}: {fault}"
        yield Tried(
            theme=ground.theme.id,
            rule=trial.rule,
            subject=trial.subject,
            expected=trial.expected,
            happened=happened,
            seconds=round(monotonic() - began, 3),
        )


def trials(catalogue: Catalogue, theme: Theme) -> Iterator[Trial]:
    """All trials of a theme, in the order in which they are run."""
    yield from _paths(theme)
    yield from _refusals(theme)
    yield from _entries(theme)
    yield from _tolerances(catalogue, theme)
    yield from _promises(theme)
    yield from _denials(theme)
    yield from _withdrawals(theme)
    yield from _revocations(theme)
    yield from _pauses(theme)
    yield Trial("deadline", "no answer in five working days", "accepted", _deemed)
    yield Trial("deadline", "no decision in time", "red", _late)


# the happy path


def covering_answers(theme: Theme) -> list[dict[str, str]]:
    """A few sets of answers that together select every item of the theme which any answers can select."""
    chosen, seen = [], set[str]()
    for answers in sorted(answers_for(theme), key=lambda each: -len(theme.select(each).selected)):
        news = set(theme.select(answers).selected) - seen
        if news:
            chosen.append(answers)
            seen |= news
    return chosen


def _paths(theme: Theme) -> Iterator[Trial]:
    for number, answers in enumerate(covering_answers(theme), start=1):

        def run(ground: Ground, answers: dict[str, str] = answers) -> str:
            case = ground.journey(answers)
            case.register()
            verdict = case.decide()
            case.hand_over()
            closed = case.closed()
            verified = case.patiently(lambda: case.client.ask(VerifyCase(case_id=case.case_id)))["verified"]
            return f"{verdict}, {closed['status']}{'' if verified else ', not verified'}"

        yield Trial("path", f"answers {number}", "granted, closed", run)


# refusals


def _refusals(theme: Theme) -> Iterator[Trial]:
    happy = happy_answers(theme)
    selection = theme.select(happy)
    for question in happy:
        rest = {key: value for key, value in happy.items() if key != question}
        yield _refused("unanswered-questions", question, answers=rest)
        yield _refused("unknown-answer", question, answers={**happy, question: "no such option"})
    for needed in selection.materials:
        if needed.material.source != "produced":
            material = needed.material.id
            yield _refused(
                "materials-missing", material, materials=lambda case, m=material: case.materials(without=[m])
            )
    yield _refused(
        "unrelated-material",
        "a diary",
        materials=lambda case: (*case.materials(), BroughtMaterial(material="grandmothers-diary")),
    )
    required = [field.key for field in selection.fields if field.required]
    for key in required:
        yield _refused(
            "form-incomplete",
            key,
            values=lambda case, k=key: {each: value for each, value in case.values().items() if each != k},
        )
    for field in selection.fields:
        if field.type in WRONG:
            yield _refused(
                "form-invalid",
                field.key,
                values=lambda case, f=field: {**case.values(), f.key: WRONG[f.type]},
            )
    yield _refused("evidence-missing", selection.selected[0], satisfied={selection.selected[0]: " "})
    yield Trial("refusal", "a hall without a grant", "no-authority", _without_grant)
    yield Trial("refusal", "another department", "out-of-scope", _another_department)


WRONG = {
    "citizen_id": "990102199001010016",
    "uscc": "11990102MB0000027D",
    "mobile": "12",
    "date": "soon",
    "number": "x",
}
"""Values that no field of these types takes: check digits and forms are wrong."""


def _refused(code: str, subject: str, **changes: Any) -> Trial:
    def run(ground: Ground) -> str:
        case = ground.journey()
        made = {key: change(case) if callable(change) else change for key, change in changes.items()}
        return _code(lambda: case.register(**made))

    return Trial("refusal", f"{code.replace('-', ' ')}: {subject}", code, run)


def _code(attempt: Callable[[], Any]) -> str:
    """The code with which an attempt is refused."""
    try:
        attempt()
    except OneThingError as refusal:
        return refusal.code
    return "nothing was refused"


def _without_grant(ground: Ground) -> str:
    case = ground.journey()
    stranger = ground.client.as_(Caller(by="x", hall="elsewhere", window="elsewhere-1", roles=("clerk",)))
    return _code(lambda: stranger.command(case.registration(), attempts=ATTEMPTS))


def _another_department(ground: Ground) -> str:
    case = ground.journey()
    case.register()
    item = next(iter(case.patiently(case.reviews)))
    stranger = ground.client.as_(Caller(by="x", org="nobody", roles=("reviewer",)))
    return _code(lambda: stranger.command(GrantReview(case_id=case.case_id, item=item), attempts=ATTEMPTS))


# 接续受理


def _entries(theme: Theme) -> Iterator[Trial]:
    selected = theme.select(happy_answers(theme)).selected
    if len(selected) < 2:
        return
    for item in selected:
        before = tuple(each for each in _ahead(theme, item) if each in selected)
        yield Trial("entry", f"{item} done elsewhere", "granted, closed", _entering(item, before, "granted"))
        yield Trial("entry", f"{item} underway elsewhere", "granted, closed", _entering(item, before, "underway"))
        if not theme.item(item).is_internal:  # nobody applies for an internal step, here or elsewhere
            expected = _denied_entry(theme, item, selected)
            yield Trial("entry", f"{item} denied elsewhere", expected, _entering_denied(item, before))
        yield Trial("entry", f"{item} first, then the rest joined", "granted, closed", _joining(item, before))


def _ahead(theme: Theme, item_id: str) -> tuple[str, ...]:
    """Everything that has to be approved before an item, in topological order."""
    needed: set[str] = set()
    todo = [item_id]
    while todo:
        for dependency in theme.item(todo.pop()).depends_on:
            for each in dependency.any_of:
                if each not in needed:
                    needed.add(each)
                    todo.append(each)
    return tuple(item.id for item in theme.items if item.id in needed)


def _origin(ground: Ground, item: str, outcome: str) -> Origin:
    today = ground.time.today()
    return Origin(
        item=item,
        outcome=outcome,  # type: ignore[arg-type]
        number=EVIDENCE.format(item=item),
        system="county-archive",
        accepted_on=today - timedelta(days=2),
        concluded_on=None if outcome == "underway" else today,
    )


def _granted(ground: Ground, items: tuple[str, ...]) -> tuple[Origin, ...]:
    return tuple(_origin(ground, each, "granted") for each in items)


def _entering(item: str, before: tuple[str, ...], outcome: str) -> Callable[[Ground], str]:
    def run(ground: Ground) -> str:
        origins = (*_granted(ground, before), _origin(ground, item, outcome))
        case = ground.journey(origins=origins)
        if not case.selection.selected:
            return "granted, closed"  # nothing of the theme is left to be handled
        case.register(entry_item=item)
        if outcome == "underway":
            case.conclude_origin(item, "granted")
        verdict = case.decide()
        case.hand_over()
        return f"{verdict}, {case.closed()['status']}"

    return run


def _denied_entry(theme: Theme, item: str, selected: tuple[str, ...]) -> str:
    """What was denied elsewhere is no entry for what needs it."""
    if any(item in _ahead(theme, each) for each in selected):
        return "origin-denied"
    left = set(selected) - {item, *_ahead(theme, item)}
    return "granted, closed" if left else "nothing-selected"


def _entering_denied(item: str, before: tuple[str, ...]) -> Callable[[Ground], str]:
    def run(ground: Ground) -> str:
        origins = (*_granted(ground, before), _origin(ground, item, "denied"))
        case = ground.journey(origins=origins)
        try:
            case.register()
        except OneThingError as refusal:
            return refusal.code
        verdict = case.decide()
        case.hand_over()
        return f"{verdict}, {case.closed()['status']}"

    return run


def _joining(item: str, before: tuple[str, ...]) -> Callable[[Ground], str]:
    def run(ground: Ground) -> str:
        origins = _granted(ground, before)
        case = ground.journey(origins=origins)
        whole = case.selection.selected
        case.register_only(item)
        case.join(tuple(each for each in whole if each != item))
        verdict = case.decide()
        case.hand_over()
        return f"{verdict}, {case.closed()['status']}"

    return run


# 容缺受理


def tolerable(catalogue: Catalogue, theme: Theme) -> Iterator[tuple[Item, str]]:
    """What can be missing for a while under the happy answers: item and material."""
    selection = theme.select(happy_answers(theme))
    for item in (theme.item(each) for each in selection.selected):
        promised = item.promised.days if item.promised else 0
        if not item.tolerance.listed or promised - catalogue.rules.tolerance_margin.days < 1:
            continue
        for needed in selection.materials:
            used = next((each for each in item.materials if each.id == needed.material.id), None)
            alone = needed.items == (item.id,)
            if used and alone and used.tolerable and used.role == "secondary" and needed.material.source != "produced":
                yield item, used.id


def _tolerances(catalogue: Catalogue, theme: Theme) -> Iterator[Trial]:
    for item, material in tolerable(catalogue, theme):
        held = item.tolerance.mode == "hold"

        def supplied(ground: Ground, material: str = material) -> str:
            case = ground.journey()
            case.register_tolerant(material)
            case.supply(material)
            verdict = case.decide()
            case.hand_over()
            return f"{verdict}, {case.closed()['status']}"

        def decided_first(ground: Ground, item: Item = item, material: str = material) -> str:
            case = ground.journey()
            case.register_tolerant(material)
            case.decide_until(lambda: case.review(item.id)["status"] == "granted_tolerant")
            early = any(each["issued"]["item"] == item.id for each in case.certificates())
            case.supply(material)
            verdict = case.decide()
            case.hand_over()
            return f"{verdict}, {case.closed()['status']}{', certificate too early' if early else ''}"

        def lapsed(ground: Ground, item: Item = item, material: str = material) -> str:
            case = ground.journey()
            case.register_tolerant(material)
            ground.time.advance(timedelta(days=45))
            return str(case.patiently(lambda: case.item_state(item.id) in ("lapsed", "terminated") and "terminated"))

        yield Trial("tolerance", f"{item.id} {material} supplied", "granted, closed", supplied)
        if not held:
            yield Trial(
                "tolerance", f"{item.id} {material} supplied after the decision", "granted, closed", decided_first
            )
        yield Trial("tolerance", f"{item.id} {material} never supplied", "terminated", lapsed)


# 告知承诺


def _promises(theme: Theme) -> Iterator[Trial]:
    selected = theme.select(happy_answers(theme)).selected
    for item in (theme.item(each) for each in selected):
        if item.commitment is None:
            continue
        if item.commitment.excluded:

            def excluded(ground: Ground, item: Item = item) -> str:
                case = ground.journey()
                return _code(lambda: case.register_promising(item))

            yield Trial("promise", f"{item.id} excluded", "no-commitment", excluded)
            continue

        def kept(ground: Ground, item: Item = item) -> str:
            case = ground.journey()
            case.register_promising(item)
            verdict = case.decide()
            case.hand_over()
            return f"{verdict}, {case.closed()['status']}"

        def broken(ground: Ground, item: Item = item) -> str:
            case = ground.journey()
            case.register_promising(item)
            case.decide()
            case.revoke(item.id, "false_promise")
            state = case.certificate_states(item.id)
            return "revoked" if state <= {"revoked"} else f"certificates are {sorted(state)}"

        yield Trial("promise", f"{item.id} kept", "granted, closed", kept)
        yield Trial("promise", f"{item.id} broken", "revoked", broken)


# denial, withdrawal, revocation


def _denials(theme: Theme) -> Iterator[Trial]:
    for denied in theme.select(happy_answers(theme)).selected:
        dead = dead_with(theme, denied)

        def run(ground: Ground, denied: str = denied) -> str:
            case = ground.journey()
            case.register()
            case.decide(deny={denied})
            lost = sorted(i for i, review in case.reviews().items() if review["status"] != "granted")
            case.hand_over()
            return f"{' '.join(lost)}, {case.closed()['status']}"

        yield Trial("denial", denied, f"{' '.join(sorted(dead))}, closed", run)


def dead_with(theme: Theme, denied: str) -> set[str]:
    """The items that can never be granted once one is denied: what needs it, and what needs that."""
    selection = theme.select(happy_answers(theme))
    dead = {denied}
    for item in theme.items:  # in topological order
        if item.id not in selection.selected or item.id in dead:
            continue
        for edge in item.depends_on:
            part = [each for each in edge.any_of if selection.standings[each] == "selected"]
            # an ACCEPTED trigger was met before anybody was denied
            if part and all(each in dead for each in part) and edge.trigger == "approved":
                dead.add(item.id)
    return dead


def _withdrawals(theme: Theme) -> Iterator[Trial]:
    selected = theme.select(happy_answers(theme)).selected

    def before(ground: Ground) -> str:
        case = ground.journey()
        case.open()
        case.withdraw()
        return str(case.closed()["outcome"])

    def after(ground: Ground) -> str:
        case = ground.journey()
        case.register()
        case.patiently(case.reviews)
        case.withdraw()
        return str(case.closed()["outcome"])

    def late(ground: Ground) -> str:
        case = ground.journey()
        case.register()
        case.decide()
        try:
            case.withdraw_item(selected[0])
        except OneThingError:  # a case without results is closed by then
            return _standing(case)
        case.patiently(lambda: case.item_state(selected[0]) != "withdrawing")
        return _standing(case)

    def _standing(case: Journey) -> str:
        return "the decision stands" if case.review(selected[0])["status"] == "granted" else "it fell"

    yield Trial("withdrawal", "the case before acceptance", "withdrawn", before)
    yield Trial("withdrawal", "the case after acceptance", "withdrawn", after)
    yield Trial("withdrawal", f"{selected[0]} after its decision", "the decision stands", late)


def _revocations(theme: Theme) -> Iterator[Trial]:
    selected = theme.select(happy_answers(theme)).selected
    item = next((each for each in selected if theme.item(each).outputs), None)
    if item is None:
        return

    def run(ground: Ground) -> str:
        case = ground.journey()
        case.register()
        case.decide()
        case.hand_over()
        case.closed()
        case.revoke(item, "unlawful")
        state = case.certificate_states(item)
        return "revoked" if state <= {"revoked"} else f"certificates are {sorted(state)}"

    yield Trial("revocation", item, "revoked", run)


# clocks


def _pauses(theme: Theme) -> Iterator[Trial]:
    for item in theme.select(happy_answers(theme)).selected:
        of = theme.item(item)
        if of.statutory and of.statutory.days and not of.depends_on:
            yield Trial("clock", f"{item} suspended for an inspection", "later", _suspending(item))
            if of.item_type == "licence" and (of.prolongation is None or of.prolongation.days):
                yield Trial("clock", f"{item} extended", "later", _extending(item))
            return


def _suspending(item: str) -> Callable[[Ground], str]:
    def run(ground: Ground) -> str:
        case = ground.journey()
        case.register()
        before = case.due_on(item)
        case.suspend(item, "inspection", 5)
        ground.time.advance(timedelta(days=7))
        case.resume(item, "inspection")
        return _compared(before, case.due_on(item))

    return run


def _extending(item: str) -> Callable[[Ground], str]:
    def run(ground: Ground) -> str:
        case = ground.journey()
        case.register()
        before = case.due_on(item, "statutory")
        case.extend(item)
        return _compared(before, case.due_on(item, "statutory"))

    return run


def _compared(before: str, after: str) -> str:
    return "later" if after > before else f"{before} became {after}"


def _deemed(ground: Ground) -> str:
    case = ground.journey()
    whole = case.registration()
    case.open()
    case.clerk.command(ReceiveMaterials(case_id=case.case_id, materials=whole.materials), attempts=ATTEMPTS)
    ground.time.advance(timedelta(days=17))  # five working days and more, whatever holidays fall into them
    asked = [needed for needed in case.selection.materials if needed.material.source != "produced"]
    handed_in = {item for needed in asked for item in needed.items}
    return str(case.patiently(lambda: all(case.item_state(each) == "accepted" for each in handed_in) and "accepted"))


def _late(ground: Ground) -> str:
    case = ground.journey()
    case.register()
    limited = {
        item
        for item, review in case.patiently(case.reviews).items()
        if any(limit["days"] for limit in review["clocks"].values())
    }
    ground.time.advance(LONGEST_LIMIT)
    return str(case.patiently(lambda: all(case.review(each)["warned"] in LATE for each in limited) and "red"))
