"""一次告知: the one notice of everything that a case takes, as data and as the text that is handed out.

The same catalogue version, answers and choice of items give the same notice, byte for byte, at every window
and through every channel; its digest binds the house to it.
"""

from collections.abc import Collection

from msgspec.structs import replace

from catalogue.entrances import entry_points_for
from catalogue.model import Catalogue, Item, Theme
from catalogue.rules import Limit
from catalogue.selection import NeededMaterial, Selection
from contracts.intake import (
    Notice,
    NoticeField,
    NoticeItem,
    NoticeLimit,
    NoticeMaterial,
    NoticePlace,
    PlannedItem,
)
from intake.wording import TEMPLATE, WORDS


def notice_of(
    catalogue: Catalogue,
    theme: Theme,
    selection: Selection,
    plan: tuple[PlannedItem, ...],
    tolerable: Collection[str],
) -> Notice:
    """The notice of a case with this selection and plan; ``tolerable`` materials may come later (容缺)."""
    items = tuple(_item(theme.item(planned.item), planned, selection) for planned in plan)
    draft = Notice(
        edition=WORDS["edition"],
        theme=theme.id,
        name=theme.name,
        catalogue=catalogue.version,
        region=catalogue.region,
        answers=selection.answers,
        items=items,
        materials=tuple(_material(needed, tolerable) for needed in selection.materials),
        fields=tuple(
            NoticeField(
                key=field.key,
                label=field.label,
                type=field.type,
                items=field.items,
                required=field.required,
                note=field.note,
            )
            for field in selection.fields
        ),
        places=tuple(
            NoticePlace(each.point.name, each.point.kind, each.point.level or "")
            for each in entry_points_for(theme, selection.answers)
        ),
        mouth=theme.mouth.value,
        flow=_steps(items),
        cautions=tuple(WORDS["cautions"]),
        text="",
    )
    return replace(draft, text=_text(catalogue, theme, draft))


def _item(item: Item, planned: PlannedItem, selection: Selection) -> NoticeItem:
    told = NoticeItem(
        item=item.id,
        name=item.name,
        standing=planned.standing,
        reason=selection.reasons[item.id],
        department=item.department,
        level=item.level.value,
        type=item.item_type.value,
    )
    if planned.standing != "selected":
        return told
    part = {each for each, standing in selection.standings.items() if standing != "not_needed"}
    edges = (tuple(each for each in dependency.any_of if each in part) for dependency in item.depends_on)
    return replace(
        told,
        handler=planned.handler,
        statutory=_limit(item.statutory),
        promised=_limit(item.promised),
        materials=tuple(each.material.id for each in selection.materials if item.id in each.items),
        after=tuple(edge for edge in edges if edge),
        outputs=tuple(output.name for output in item.outputs),
        note=item.note,
    )


def _limit(limit: Limit | None) -> NoticeLimit | None:
    return None if limit is None else NoticeLimit(limit.days, limit.source or "", limit.placeholder)


def _steps(items: tuple[NoticeItem, ...]) -> tuple[tuple[str, ...], ...]:
    """Items by how many must come before them; what was satisfied before the case is no step."""
    step: dict[str, int] = {item.item: 0 for item in items if item.standing != "selected"}
    for item in items:
        if item.standing == "selected":
            step[item.item] = 1 + max((min(step[each] for each in edge) for edge in item.after), default=0)
    return tuple(tuple(item for item, at in step.items() if at == n) for n in range(1, max(step.values()) + 1))


def _material(needed: NeededMaterial, tolerable: Collection[str]) -> NoticeMaterial:
    material = needed.material
    return NoticeMaterial(
        material=material.id,
        name=material.name,
        role=material.role.value,
        source=material.source.value,
        items=needed.items,
        reason=needed.reason,
        tolerable=material.id in tolerable,
        note=material.note,
    )


def _text(catalogue: Catalogue, theme: Theme, notice: Notice) -> str:
    asked = {question.id: question for question in theme.questions}
    options = {(each.id, option.value): option.name for each in theme.questions for option in each.options}
    return TEMPLATE.render(
        notice=notice,
        words=WORDS,
        region=catalogue.name,
        questions=[
            {"text": asked[question].text, "answer": options[question, value]}
            for question, value in notice.answers.items()
        ],
        selected=[item for item in notice.items if item.standing == "selected"],
        others=[item for item in notice.items if item.standing != "selected"],
        names={item.item: item.name for item in notice.items},
        organisations={each.id: each.name for each in catalogue.organisations.values()},
    )
