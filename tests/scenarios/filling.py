"""Messages filled at random, with what means something in the town."""

import random
import types
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from testkit.strangers import ODD

from .town import APPLICANTS, HALL, HELPER, OTHER, Town


class Filling:
    """Fills messages at random, from what there is in the town."""

    def __init__(self, town: Town, chance: random.Random) -> None:
        self.town, self.chance = town, chance
        cases = list(town.cases.values())
        self.pools: dict[str, list[str]] = {
            "case": [each for case in cases for each in (case.case_id, case.number)],
            "hall": [HALL, OTHER, ""],
            "org": [*sorted({org for case in cases for org in case.handlers | case.asked}), "zwzx", ""],
            "person": [*town.index.values(), ""],
            "identifier": [each.identifier for each in APPLICANTS.values()],
            "item": [f"{theme}{n:02d}" for theme in ("SBK", "XSE", "SDQ") for n in (1, 2, 3)],
            "theme": ["SBK", "XSE", "SDQ", ""],
            "after": ["", *town.cursors],
            "thing": [HELPER, "p1", "c1"],
            "certificate": town.certificates,
            "copy": town.copies,
            "number": [*town.papers, *(case.number for case in cases), ""],
            "package": town.packages,
            "format": ["data"],
            "purpose": ["handling"],
            **{kind: [f"{kind}-li", f"{kind}-zhao"] for kind in ("draft", "mandate", "offer", "consultation")},
        }
        self.names = {
            "case_id": "case", "case": "case", "hall": "hall", "to_hall": "hall", "root": "hall", "org": "org",
            "of": "org", "organisation": "org", "grantor": "org", "place": "org", "person": "person",
            "identifier": "identifier", "principal": "identifier", "item": "item", "items": "item", "theme": "theme",
            **{each: each for each in self.pools},
        }  # fmt: skip

    def message(self, kind: type[Any]) -> Any:
        """One of this kind; None where chance made nothing that is one."""
        hints = get_type_hints(kind)
        values: dict[str, Any] = {}
        for field in msgspec.structs.fields(kind):
            optional = not field.required
            if optional and self.chance.random() < (0.2 if field.name == "after" else 0.5):
                continue
            values[field.name] = self.value(hints[field.name], field.name)
        try:
            return msgspec.convert(msgspec.to_builtins(values), kind)
        except (msgspec.ValidationError, TypeError, ValueError):
            return None

    def value(self, kind: Any, name: str) -> Any:
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Literal:
            return self.chance.choice(arguments)
        if origin in (Union, types.UnionType):
            return self.value(self.chance.choice([each for each in arguments if each is not type(None)]), name)
        if origin in (tuple, list, frozenset):
            return [self.value(arguments[0], name)]
        if origin is dict:
            return {}
        if origin is not None and arguments:  # Annotated
            return self.value(arguments[0], name)
        if kind is bool:
            return self.chance.random() < 0.8
        if kind is int:
            return self.chance.choice([0, 1, 2, 100, 10**6, -1])
        if kind is date:
            return self.chance.choice([date(2000, 1, 1), date(2099, 1, 1)])
        if kind is datetime:
            return datetime(2099, 1, 1, tzinfo=UTC)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return self.chance.choice(list(kind)).value
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return msgspec.to_builtins(self.message(kind))
        return self.text(name)

    def text(self, name: str) -> str:
        if self.chance.random() < 0.05:
            return self.chance.choice(ODD)
        pool = self.pools.get(self.names.get(name, "thing"), [])
        return self.chance.choice(pool or ["x"])
