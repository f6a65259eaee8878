"""A region's catalogue: national, provincial and local layers, one laid over the other."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from catalogue.building import build
from catalogue.errors import InvalidCatalogue, UnknownRegion
from catalogue.files import Source, editions_in_force, read_layer
from catalogue.model import Catalogue
from catalogue.references import references
from catalogue.wording import DATA

NATION = "000000"
OF_THEME = ("joint", "comprehensive", "import_window", "qualification", "cross_region")
"""What an amendment says of the theme as a whole."""


class Draft:
    """A catalogue in the making: what the layers have said so far."""

    def __init__(self) -> None:
        self.themes: dict[str, dict[str, Any]] = {}
        self.organisations: dict[str, dict[str, Any]] = {}
        self.certificates: dict[str, dict[str, Any]] = {}
        self.fields: dict[str, dict[str, Any]] = {}
        self.mouths: dict[str, str] = {}
        self.links: dict[str, dict[str, Any]] = {}
        self.tolerance: dict[str, dict[str, Any]] = {}
        self.rules: dict[str, Any] = {}
        self.adopted: set[str] = set()
        self.type_authority: str | None = None
        self.region, self.name, self.fictional = NATION, "", False
        self.origin: dict[str, Path] = {}
        self.problems: list[str] = []

    def lay(self, sources: Iterable[Source]) -> None:
        """Lay one layer over what there is: its standards, then its themes, then its amendments."""
        order = ("layer", "theme", "amendment")
        for source in sorted(sources, key=lambda each: (order.index(each.kind), str(each.path))):
            body = deepcopy(source.body)
            match source.kind:
                case "layer":
                    self._lay_standards(source, body)
                case "theme":
                    self._lay_theme(source, body)
                case _:
                    self._amend(source, body)

    def _lay_standards(self, source: Source, body: Mapping[str, Any]) -> None:
        same_region = body["region"] == self.region
        self.fictional = body.get("fictional", same_region and self.fictional)
        self.region, self.name = body["region"], body["name"]
        for organisation in body.get("organisations", ()):
            known = self.organisations.setdefault(organisation["id"], {})
            known.update(organisation)
        for mine, name in ((self.certificates, "certificates"), (self.fields, "fields")):
            self._extend(source, mine, body.get(name, {}))
        self.mouths.update(body.get("mouths", {}))
        self.links.update({each["link"]: each for each in body.get("links", ())})
        self.type_authority = body.get("type_authority", self.type_authority)
        self.rules.update(body.get("rules", {}))
        tolerated = body.get("tolerance_list", {"items": ()})
        for entry in tolerated["items"]:
            told = {"item": entry} if isinstance(entry, str) else entry
            own = {name: value for name, value in told.items() if name != "item"}
            self.tolerance[told["item"]] = {"source": tolerated["source"], **own}

    def _lay_theme(self, source: Source, body: dict[str, Any]) -> None:
        if source.subject in self.themes:
            self._problem(source, f"theme {source.subject} is there already; a layer above it writes an amendment")
            return
        self.themes[source.subject] = body
        self.origin[source.subject] = source.path

    def _amend(self, source: Source, body: Mapping[str, Any]) -> None:
        theme = self.themes.get(source.subject)
        if theme is None:
            self._problem(source, f"there is no theme {source.subject} to amend")
            return
        if "mouth" in body:
            theme["mouth"] = body["mouth"]
            self.mouths.pop(source.subject, None)
        theme.update({name: body[name] for name in OF_THEME if name in body})
        for name in ("entry_points", "pilots", "links"):
            theme.setdefault(name, []).extend(body.get(name, ()))
        self._override(source, theme, body.get("override", {}))
        self._add(source, theme, body.get("add", {}))
        extensions = {item["id"] for item in theme["items"] if item.get("extension")}
        for item in body.get("adopt", ()):
            if item not in extensions:
                self._problem(source, f"{item} is no extension item of {source.subject}")
            self.adopted.add(item)

    def _override(self, source: Source, theme: dict[str, Any], override: Mapping[str, Any]) -> None:
        for name in ("items", "questions"):
            known = {each["id"]: each for each in theme.get(name, ())}
            for each, values in override.get(name, {}).items():
                if each in known:
                    _override(known[each], values)
                else:
                    self._problem(source, f"there is no {each} to override in {source.subject}")
        for each, values in override.get("materials", {}).items():
            if each in theme.get("materials", {}):
                theme["materials"][each].update(values)
            else:
                self._problem(source, f"there is no {each} to override in {source.subject}")

    def _add(self, source: Source, theme: dict[str, Any], add: Mapping[str, Any]) -> None:
        self._extend(source, theme.setdefault("materials", {}), add.get("materials", {}))
        for name, key in (("questions", "id"), ("fields", "key"), ("items", "id")):
            known = {each[key] for each in theme.setdefault(name, [])}
            for each in add.get(name, ()):
                if each[key] in known:
                    self._problem(source, f"{each[key]} is there already; name it under override")
                else:
                    theme[name].append(each)

    def _extend(self, source: Source, mine: dict[str, Any], more: Mapping[str, Any]) -> None:
        for key, value in more.items():
            if key in mine:
                self._problem(source, f"{key} is there already")
            else:
                mine[key] = value

    def look_at_materials(self) -> None:
        """Tell the materials that no item needs, and those that are made of outputs that nothing yields."""
        for theme_id, theme in self.themes.items():
            outputs = {output["id"] for item in theme["items"] for output in item.get("outputs", ())}
            used = {use["id"] for item in theme["items"] for use in item.get("materials", ())}
            for material, told in theme.get("materials", {}).items():
                where = f"{self.origin[theme_id]}: materials/{material}"
                if material not in used:
                    self.problems.append(f"{where}: no item needs it")
                self.problems += [
                    f"{where}: nothing yields {each}" for each in told.get("outputs", ()) if each not in outputs
                ]

    def _problem(self, source: Source, text: str) -> None:
        self.problems.append(f"{source.path}: {text}")


def _override(target: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Set the named values.

    Of several routes the first that fits counts, so those of the lower layer come first; waits and special
    procedures take the place of those of the same id, and none is lost.
    """
    plain = dict(values)
    routes = plain.pop("routes", None)
    if routes is not None:
        target["routes"] = [*routes, *target.get("routes", ())]
    for name in ("waits", "special_procedures"):
        known = {each["id"]: each for each in target.get(name, ())}
        for each in plain.pop(name, ()):
            known[each["id"]] = each
        if known:
            target[name] = list(known.values())
    target.update(plain)


def load(region: str = "990102", *, on: date | None = None, extra: Sequence[Path] = ()) -> Catalogue:
    """The catalogue of a region: the national layer, its province's, its city's and its own.

    `on` chooses the editions in force on that day; without it the newest edition of every file counts.
    `extra` names directories with further files, laid over the rest (a customer's overrides, a benchmark's
    themes). The region of the nation is 000000. Raises UnknownRegion, and InvalidCatalogue with every problem
    at once.
    """
    return _load(region, on, tuple(extra)) if extra else _load_shipped(region, on)


@lru_cache(maxsize=64)
def _load_shipped(region: str, on: date | None) -> Catalogue:
    return _load(region, on, ())


_shipped_layer = lru_cache(maxsize=None)(read_layer)


def _load(region: str, on: date | None, extra: tuple[Path, ...]) -> Catalogue:
    draft = Draft()
    read = [_shipped_layer(directory) for directory in _layers_of(region)]
    read += [read_layer(Path(directory)) for directory in extra]
    for _, problems in read:
        draft.problems += problems
    layers = [editions_in_force(sources, on, draft.problems) for sources, _ in read]
    if draft.problems:
        raise InvalidCatalogue(draft.problems)
    for sources in layers:
        draft.lay(sources)
    draft.region = region
    draft.look_at_materials()
    if draft.problems:
        raise InvalidCatalogue(draft.problems)
    catalogue = build(draft)
    wrong = [finding for finding in references(catalogue) if finding.severity == "error"]
    if wrong:
        raise InvalidCatalogue(
            f"{draft.origin.get(each.where.split('/')[0], region)}: {each.where}: {each.message_en}" for each in wrong
        )
    return catalogue


def _layers_of(region: str) -> list[Path]:
    """The directories of the layers above the region and its own, which must be there."""
    if re.fullmatch(r"[0-9]{6}", region) is None:
        raise UnknownRegion(region)
    there = {}
    for code in dict.fromkeys((NATION, f"{region[:2]}0000", f"{region[:4]}00", region)):
        rank = "provincial" if code.endswith("0000") else "local"
        directory = DATA / "national" if code == NATION else DATA / rank / code
        if directory.is_dir():
            there[code] = directory
    if region not in there:
        raise UnknownRegion(region)
    return list(there.values())
