"""From what the layers say to the frozen model: names are resolved, edges ordered, adoption decided."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from catalogue.conditions import ALWAYS, NEVER, Condition, items_in, parse
from catalogue.model import (
    Catalogue,
    CertificateKind,
    Dependency,
    EntryPoint,
    Field,
    Item,
    Level,
    LinkTime,
    Material,
    Option,
    Organisation,
    Output,
    Pilot,
    Question,
    Role,
    Source,
    Theme,
    Tolerance,
    Trigger,
)

if TYPE_CHECKING:
    from catalogue.layers import Draft


PLAIN = {"id", "name", "department", "level", "statutory", "promised", "service", "area_question"} | {
    "unlock_on_tolerant_pass", "extension", "reference_code", "note", "sources"
}  # fmt: skip
"""What an item of the model takes from its file as it is."""


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
        return Theme(
            id=raw["theme"],
            name=raw["name"],
            lead=raw["lead"],
            applicant=raw["applicant"],
            mouth=Level(draft.mouths.get(raw["theme"], raw["mouth"])),
            items=in_order(self._item(each) for each in self.raw_items),
            entry_points=msgspec.convert(raw.get("entry_points", []), tuple[EntryPoint, ...]),
            cases=tuple(raw.get("cases", ())),
            questions=tuple(self._question(each) for each in raw.get("questions", ())),
            fields=tuple(self._field(each) for each in raw.get("fields", ())),
            pilots=msgspec.convert(raw.get("pilots", []), tuple[Pilot, ...]),
            links=msgspec.convert(list(links.values()), tuple[LinkTime, ...]),
            flow=raw.get("flow", ""),
            sources=tuple(raw.get("sources", ())),
        )

    def _condition(self, raw: Mapping[str, Any] | None) -> Condition:
        return ALWAYS if raw is None else parse(raw, self._is_adopted)

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
        plain = {name: raw[name] for name in PLAIN & raw.keys()}
        listed = raw["id"] in self.draft.tolerance
        return msgspec.convert(
            {
                **plain,
                "item_type": raw["type"],
                "accepted_at": raw.get("accepted_at", [raw["level"]]),
                "when": self._condition(raw.get("when")),
                "depends_on": tuple(self._dependency(each) for each in raw.get("depends_on", ())),
                "materials": tuple(self._material(each) for each in raw.get("materials", ())),
                "outputs": msgspec.convert(raw.get("outputs", []), tuple[Output, ...]),
                "tolerance": Tolerance(listed=listed, source=self.draft.tolerance.get(raw["id"])),
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
        return Material(
            id=use["id"],
            name=told.get("name", ""),
            role=Role(use["role"]),
            source=Source(told.get("source", Source.APPLICANT)),
            tolerable=use.get("tolerable", False),
            produced_by=tuple(producers),
            otherwise=Source(told.get("otherwise", Source.APPLICANT)),
            when=self._condition(use.get("when")),
            note=use.get("note", ""),
        )


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
