"""What makes a catalogue sound, beyond what its schema can say."""

from collections.abc import Callable, Iterator, Mapping

from catalogue.conditions import questions_in
from catalogue.errors import NoHandler, NotSelectable
from catalogue.examples import BOUND, answers_for
from catalogue.lawfulness import lawfulness
from catalogue.model import Catalogue, Item, Question, Role, Source, Theme
from catalogue.references import Finding, conditions_of, error, references, warning
from catalogue.selection import Standing
from kernel.identifiers import InvalidIdentifier, check_uscc


def check(catalogue: Catalogue) -> list[Finding]:
    """Everything that is wrong with a catalogue: names that lead nowhere, and rules that cannot work.

    Every theme is tried under all combinations of answers (at most BOUND of them).
    """
    found = references(catalogue)
    if any(each.severity == "error" for each in found):
        return found
    if is_place(catalogue):
        found += _organisations(catalogue)
    for theme in catalogue.themes.values():
        for rule in THEME_RULES:
            found += rule(theme)
        found += lawfulness(catalogue, theme)
        if is_place(catalogue):
            found += _handlers(catalogue, theme)
    return found


def is_place(catalogue: Catalogue) -> bool:
    """Whether cases are handled there: a city or county, not the nation or a province."""
    return not catalogue.region.endswith("0000")


def _organisations(catalogue: Catalogue) -> Iterator[Finding]:
    for organisation in catalogue.organisations.values():
        where = f"organisations/{organisation.id}"
        if organisation.uscc is None:
            yield warning("no_uscc", where, organisation=organisation.name)
            continue
        try:
            check_uscc(organisation.uscc)
        except InvalidIdentifier:
            yield error("bad_uscc", where, code=organisation.uscc)


def _tolerance(theme: Theme) -> Iterator[Finding]:
    for item in theme.items:
        where = f"{theme.id}/{item.id}"
        for material in item.materials:
            if material.tolerable and material.role is Role.MAIN:
                yield error("main_tolerated", f"{where}/{material.id}", material=material.name)
        if item.tolerance.listed and not any(material.tolerable for material in item.materials):
            yield warning("nothing_to_tolerate", where, item=item.name)


def _one_of(theme: Theme) -> Iterator[Finding]:
    for item in theme.items:
        for dependency in item.depends_on:
            if len(set(dependency.any_of)) != len(dependency.any_of) or not dependency.any_of:
                yield error("one_of_too_small", f"{theme.id}/{item.id}", names=", ".join(dependency.any_of))


def _produced(theme: Theme) -> Iterator[Finding]:
    before: dict[str, set[str]] = {}
    for item in theme.items:
        direct = {each for dependency in item.depends_on for each in dependency.any_of}
        before[item.id] = direct.union(*(before.get(each, set()) for each in direct))
        for material in item.materials:
            where = f"{theme.id}/{item.id}/{material.id}"
            if material.source is Source.PRODUCED and not material.produced_by:
                yield error("no_producer", where, material=material.name)
            # What may be missing at acceptance may also be produced while the review runs (并联审批).
            late = set(material.produced_by) - before[item.id]
            if late and not material.tolerable:
                yield error("produced_too_late", where, material=material.name, names=", ".join(sorted(late)))


def _used(theme: Theme) -> Iterator[Finding]:
    in_conditions = {name for _, condition in conditions_of(theme) for name in questions_in(condition)}
    areas = {item.area_question for item in theme.items}
    for question in theme.questions:
        if question.id not in in_conditions | areas:
            yield error("unused_question", f"{theme.id}/questions/{question.id}", question=question.text)


def _every_case(theme: Theme) -> Iterator[Finding]:
    """All that only shows when the theme is tried with every combination of answers."""
    seen: set[str] = set()
    dead_ends: set[tuple[str, str]] = set()
    count = 0
    for answers in answers_for(theme, bound=BOUND):
        count += 1
        try:
            selection = theme.select(answers)
        except NotSelectable as impossible:
            dead_ends.add((impossible.item, ", ".join(impossible.missing)))
            continue
        seen |= {item for item, standing in selection.standings.items() if standing is not Standing.NOT_NEEDED}
    for item, missing in sorted(dead_ends):
        yield error("dangling_edge", f"{theme.id}/{item}", names=missing)
    for each in theme.items:
        if each.adopted and each.id not in seen:
            yield error("unreachable", f"{theme.id}/{each.id}", item=each.name)
    if count == BOUND:
        yield warning("too_many_cases", theme.id, bound=BOUND)


def _materials_reachable(theme: Theme) -> Iterator[Finding]:
    wanted = {(item.id, material.id) for item in theme.items if item.adopted for material in item.materials}
    for answers in answers_for(theme, bound=BOUND):
        if not wanted:
            return
        try:
            selection = theme.select(answers)
        except NotSelectable:
            continue
        wanted -= {(item, needed.material.id) for needed in selection.materials for item in needed.items}
    for item_id, material_id in sorted(wanted):
        yield error("material_never_needed", f"{theme.id}/{item_id}/{material_id}", material=material_id)


THEME_RULES: tuple[Callable[[Theme], Iterator[Finding]], ...] = (
    _tolerance,
    _one_of,
    _produced,
    _used,
    _every_case,
    _materials_reachable,
)


def _handlers(catalogue: Catalogue, theme: Theme) -> Iterator[Finding]:
    """Every item has one handler in every area that its question offers."""
    questions = {question.id: question for question in theme.questions}
    for item in theme.items:
        for area in _areas(item, questions):
            try:
                catalogue.handler(item, area)
            except NoHandler as none:
                key = "handlers_overlap" if none.candidates else "no_handler"
                yield error(key, f"{theme.id}/{item.id}", area=area, names=", ".join(none.candidates))


def _areas(item: Item, questions: Mapping[str, Question]) -> list[str | None]:
    if item.area_question is None:
        return [None]
    return [option.value for option in questions[item.area_question].options]
