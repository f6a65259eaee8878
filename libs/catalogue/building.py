"""From what the layers say to the frozen model: names are resolved, edges ordered, adoption decided."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from catalogue.conditions import ALWAYS, NEVER, Condition, items_in, parse
from catalogue.model import (
    Catalogue,
    CertificateKind,
    Dependency,
    Field,
    Item,
    Level,
    Material,
    Option,
    Organisation,
    Output,
    Question,
    Source,
    Theme,
    Trigger,
)
from catalogue.rules import GENERAL, Rules

if TYPE_CHECKING:
    from catalogue.layers import Draft


CONDITIONAL = ("verification", "fee")
CONDITIONAL_LISTS = ("routes", "waits")
"""What holds under a condition."""
MADE = {"item_type", "accepted_at", "when", "depends_on", "materials", "outputs", "tolerance", "adopted"}
PLAIN = tuple(name for name in Item.__struct_fields__ if name not in MADE.union(CONDITIONAL, CONDITIONAL_LISTS))
"""What an item of the model takes from its file as it is."""
OF_THEME = ("joint", "comprehensive", "import_window", "qualification", "cross_region", "cases", "flow", "sources")
"""What a theme of the model takes from its file as it is."""
OF_MATERIAL = ("confidentiality", "largest_file", "media_types")
OF_USE = ("tolerable", "note", "original")
"""What a material of the model takes from its description, and from the item that uses it."""


def build(draft: "Draft") -> Catalogue:
    """The catalogue that the layers make together. Names that lead nowhere are kept for the checks."""
    return Catalogue.of(
        region=draft.region,
        name=draft.name,
        fictional=draft.fictional,
        themes={each: _ThemeBuilder(draft, raw).theme() for each, raw in sorted(draft.themes.items())},
        organisations={each: _organisation(raw) for each, raw in sorted(draft.organisations.items())},
        certificates={each: CertificateKind(id=each, **raw) for each, raw in sorted(draft.certificates.items())},
        type_authority=draft.type_authority,
        rules=msgspec.convert(draft.rules, Rules) if draft.rules else GENERAL,
    )


def _organisation(raw: Mapping[str, Any]) -> Organisation:
    defaults = {"name": raw["id"], "kind": "department", "level": Level.COUNTY}
    return msgspec.convert({**defaults, **raw}, Organisation)


def _options(raw: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple(Option(value, name) for value, name in raw.items())


class _ThemeBuilder:
    def __init__(self, draft: "Draft", raw: Mapping[str, Any]) -> None:
        self.draft, self.raw = draft, raw
        self.raw_items: Sequence[Mapping[str, Any]] = raw["items"]
        self.item_ids = [item["id"] for item in self.raw_items]
        self.producers: dict[str, list[str]] = {}
        for item in self.raw_items:
            for output in item.get("outputs", ()):
                self.producers.setdefault(output["id"], []).append(item["id"])
        self.tolerant = {item["id"] for item in self.raw_items if item.get("unlock_on_tolerant_pass")}

    def theme(self) -> Theme:
        raw, draft = self.raw, self.draft
        links = {**draft.links, **{each["link"]: each for each in raw.get("links", ())}}
        return msgspec.convert(
            {
                **_taken(raw, OF_THEME),
                "id": raw["theme"],
                "name": raw["name"],
                "lead": raw["lead"],
                "applicant": raw["applicant"],
                "mouth": draft.mouths.get(raw["theme"], raw["mouth"]),
                "items": in_order(self._item(each) for each in self.raw_items),
                "entry_points": [self._held(each) for each in raw.get("entry_points", ())],
                "questions": tuple(self._question(each) for each in raw.get("questions", ())),
                "fields": tuple(self._field(each) for each in raw.get("fields", ())),
                "pilots": raw.get("pilots", []),
                "links": list(links.values()),
            },
            Theme,
        )

    def _condition(self, raw: Mapping[str, Any] | None) -> Condition:
        return ALWAYS if raw is None else parse(raw, self._is_adopted)

    def _held(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """A part of the file with its condition read."""
        return {**raw, "when": self._condition(raw.get("when"))}

    def _is_adopted(self, item: str) -> bool:
        extension = any(each["id"] == item and each.get("extension") for each in self.raw_items)
        return item in self.draft.adopted or not extension

    def _question(self, raw: Mapping[str, Any]) -> Question:
        return Question(
            id=raw["id"],
            text=raw["text"],
            reason=raw["reason"],
            options=_options(raw["options"]),
            asked_when=self._condition(raw.get("asked_when")),
        )

    def _field(self, raw: Mapping[str, Any]) -> Field:
        told = {**self.draft.fields.get(raw["key"], {}), **raw}
        required = told.get("required", True)
        return Field(
            key=told["key"],
            label=told.get("label", ""),
            type=told.get("type", ""),
            personal=told.get("personal", True),
            items=tuple(self.item_ids if told["items"] == "all" else told["items"]),
            required=required is True,
            required_when=self._required(required),
            choices=_options(told.get("choices", {})),
            note=told.get("note", ""),
        )

    def _required(self, raw: bool | Mapping[str, Any]) -> Condition:
        if isinstance(raw, bool):
            return ALWAYS if raw else NEVER
        return self._condition(raw)

    def _item(self, raw: Mapping[str, Any]) -> Item:
        listed = self.draft.tolerance.get(raw["id"])
        return msgspec.convert(
            {
                **_taken(raw, PLAIN),
                **{name: self._held(raw[name]) for name in CONDITIONAL if name in raw},
                **{name: [self._held(each) for each in raw[name]] for name in CONDITIONAL_LISTS if name in raw},
                "item_type": raw["type"],
                "accepted_at": raw.get("accepted_at", [raw["level"]]),
                "when": self._condition(raw.get("when")),
                "depends_on": tuple(self._dependency(each) for each in raw.get("depends_on", ())),
                "materials": tuple(self._material(each) for each in raw.get("materials", ())),
                "outputs": msgspec.convert(raw.get("outputs", []), tuple[Output, ...]),
                "tolerance": {} if listed is None else {"listed": True, **listed},
                "adopted": self._is_adopted(raw["id"]),
            },
            Item,
        )

    def _dependency(self, raw: str | Mapping[str, Any]) -> Dependency:
        told = {"item": raw} if isinstance(raw, str) else raw
        alternatives = told.get("one_of") or [told.get("item") or told["if_selected"]]
        return Dependency(
            any_of=tuple(alternatives),
            trigger=Trigger(told.get("trigger", Trigger.APPROVED)),
            optional="if_selected" in told,
            on_tolerant=tuple(each for each in alternatives if each in self.tolerant),
        )

    def _material(self, use: Mapping[str, Any]) -> Material:
        told = self.raw.get("materials", {}).get(use["id"], {})
        outputs = told.get("outputs", ())
        producers = dict.fromkeys(each for output in outputs for each in self.producers.get(output, ()))
        return msgspec.convert(
            {
                **_taken(told, OF_MATERIAL),
                **_taken(use, OF_USE),
                "id": use["id"],
                "name": told.get("name", ""),
                "role": use["role"],
                "source": told.get("source", Source.APPLICANT),
                "produced_by": list(producers),
                "otherwise": told.get("otherwise", Source.APPLICANT),
                "when": self._condition(use.get("when")),
            },
            Material,
        )


def _taken(raw: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What the file says under these names."""
    return {name: raw[name] for name in names if name in raw}


def predecessors(item: Item) -> frozenset[str]:
    """The items that come before this one: those it depends on and those its condition speaks of."""
    return items_in(item.when).union(*(dependency.any_of for dependency in item.depends_on))


def in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items in topological order, otherwise as given; those of a cycle come last."""
    rest = list(items)
    known = {item.id for item in rest}
    ordered: list[Item] = []
    placed: set[str] = set()
    while rest:
        ready = next((item for item in rest if predecessors(item) & known <= placed), rest[0])
        if not predecessors(ready) & known <= placed:
            return (*ordered, *rest)
        rest.remove(ready)
        ordered.append(ready)
        placed.add(ready.id)
    return tuple(ordered)
