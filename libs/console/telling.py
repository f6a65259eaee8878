"""Telling what happens, as it happens: steps, and under each the facts that it led to.

On a terminal in colours and columns, elsewhere in plain lines, one a fact.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import Struct
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from catalogue import Catalogue, Theme
from console.county import County, Person
from console.history import Happened
from console.stories import Step, Story
from contracts.approval import Unlocked
from contracts.language import Fact
from contracts.words import topics
from kernel.clock import CHINA_STANDARD_TIME

LISTED = 3
"""Names that a line lists before it only counts."""

COLOURS = {
    "intake": "cyan",
    "routing": "magenta",
    "approval": "yellow",
    "certificate": "green",
    "vault": "bright_black",
    "delegation": "blue",
    "halls": "blue",
    "notification": "bright_blue",
    "outreach": "bright_green",
    "insight": "bright_white",
    "casefile": "white",
}

NAMED = ("item", "items", "reviews", "because", "granted", "denied")
"""Fields whose content is items, or structs that name one."""

PLACED = ("handler", "place", "carrier", "issuer", "hall", "window", "in_name_of", "by")
"""Fields whose content is a place, an organisation or a person."""


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is said here, in both languages."""

    services: dict[str, str]
    facts: dict[str, dict[str, str]]
    values: dict[str, str]
    phrases: dict[str, str]


@cache
def words() -> Words:
    """The words of this module and of the demo."""
    text = Path(__file__).with_suffix(".yaml").read_text("utf-8")
    return msgspec.convert(yaml.safe_load(text), Words)


class Teller:
    """Tells the stories of one county to one console."""

    def __init__(self, console: Console, county: County, catalogue: Catalogue) -> None:
        self.console = console
        self.county = county
        self.catalogue = catalogue
        self.steps = 0

    # headings

    def story(self, number: int, story: Story) -> None:
        """A story begins."""
        self.steps = 0
        self.console.print()
        self.heading(f"{number}  {story.title} · {story.title_en}")
        self._line(f"   {story.about}", style="italic")
        self._line(f"   {story.about_en}", style="dim")

    def heading(self, text: str) -> None:
        """A line that divides."""
        bar = "━" * max(min(self.console.width, 110) - cell_len(text) - 4, 2) if self.console.is_terminal else "━━"
        self._line(f"━ {text} {bar}", style="bold")

    def step(self, step: Step, who: str, where: str) -> None:
        """Something is about to be done."""
        self.steps += 1
        say = words().phrases
        self.console.print()
        self._line(f" ▸ {self.steps} {step.zh}", style="bold")
        self._line(f"     {step.en}", style="dim")
        self._line(f"     {say['who']} {who} · {say['where']} {where}")
        self._line(f"     {say['why']} {step.why} · {step.why_en}", style="italic dim")

    def remark(self, text: str, *, style: str = "") -> None:
        """A line beside the facts."""
        self._line(f"       {text}", style=style)

    # facts

    def facts(self, happened: Iterable[Happened]) -> None:
        """One line each."""
        for each in happened:
            self.fact(each)

    def fact(self, happened: Happened) -> None:
        """When, in which service, what, and the fact's own name."""
        when = happened.fact.at.astimezone(CHINA_STANDARD_TIME).strftime("%H:%M:%S.%f")[:-3]
        service = words().services.get(happened.service, happened.service)
        told = words().facts.get(happened.topic) or topics().get(happened.topic, {"zh": happened.topic, "en": ""})
        zh = told["zh"].format_map(self._fields(happened.fact))
        if not self.console.is_terminal:
            self._line(f"       {when} {_padded(service, 5)} {zh} · {told['en']} · {happened.topic}")
            return
        row = Table.grid(padding=(0, 1))
        row.add_column(no_wrap=True, width=12, style="dim")
        row.add_column(no_wrap=True, width=4, style=COLOURS.get(happened.service, ""))
        row.add_column(ratio=1, overflow="fold")
        row.expand = True
        topic = happened.topic.removeprefix("onething.")
        row.add_row(when, service, f"{_escaped(zh)} [dim]{_escaped(told['en'])} · {topic}[/]")
        self.console.print(Padding(row, (0, 0, 0, 6)))

    def result(self, number: str, outcome: str, files: int, verified: bool, length: int) -> None:
        """The story has ended."""
        said = (
            words()
            .phrases["result"]
            .format(number=number, outcome=words().values.get(outcome, outcome), files=files, length=length)
        )
        self.console.print()
        self._line(f"   {'✓' if verified else '✗'} {said}", style="bold green" if verified else "bold red")

    # names

    def person(self, person: Person) -> str:
        """Who it is, in both languages."""
        return f"{person.name}（{person.name_en}）"

    def place(self, place: str) -> str:
        """Where it is."""
        return self.county.place_name(place, self.catalogue)

    def item(self, item_id: str) -> str:
        """What an item is called; long official names are cut at their brackets."""
        name = self.catalogue.item(item_id).name
        return name.split("(")[0].split("（")[0] or name

    def items(self, ids: Iterable[str]) -> str:
        """The names of items, or the first and how many."""
        return _listed([self.item(each) for each in dict.fromkeys(ids) if each])

    def _fields(self, fact: Fact) -> dict[str, Any]:
        shown: dict[str, Any] = _Open()
        for name in fact.__struct_fields__:
            shown[name] = self._shown(name, getattr(fact, name))
        return shown

    def _shown(self, name: str, value: Any) -> str:
        if name == "reviews" and value and isinstance(value[0], Unlocked):
            return _listed([self._due(each) for each in value])
        if name in NAMED:
            values = value if isinstance(value, tuple) else (value,)
            return self.items(each if isinstance(each, str) else each.item for each in values)
        if name in PLACED:
            return words().values.get(value) or self.place(value) if value else ""
        if name == "materials":
            return _listed([self.material(each if isinstance(each, str) else each.material) for each in value])
        if name == "packets" and value and not isinstance(value[0], str):
            return _listed([f"{self.item(each.item)}→{self.place(each.to)}" for each in value])
        if name == "missing":
            lists = value.values() if isinstance(value, dict) else (value,)
            return _listed([self.material(each) for materials in lists for each in materials])
        if name == "certificates":
            return _listed([self.output(each) for each in value])
        if name in ("certificate", "package"):
            return self.output(value)
        if name == "fields" and isinstance(value, dict):
            return str(len(value))
        if isinstance(value, tuple):
            return _listed([str(each) for each in value])
        return words().values.get(value, value) if isinstance(value, str) else str(value)

    def _due(self, unlocked: Unlocked) -> str:
        if unlocked.promised_due is None:
            return self.item(unlocked.item)
        return words().phrases["due"].format(item=self.item(unlocked.item), day=unlocked.promised_due)

    def material(self, material_id: str) -> str:
        """What a material is called."""
        for theme in self.catalogue.themes.values():
            for item in theme.items:
                for material in item.materials:
                    if material.id == material_id:
                        return material.name
        return material_id

    def output(self, name: str) -> str:
        """What a certificate (``item.output``), or a package (an item or a theme), is called."""
        item_id, _, output_id = name.partition(".")
        if item_id in self.catalogue.themes:
            return self.catalogue.theme(item_id).name
        item = self.catalogue.item(item_id)
        return next((each.name for each in item.outputs if each.id == output_id), self.item(item_id))

    def theme(self, theme_id: str) -> Theme:
        """A theme of this county."""
        return self.catalogue.theme(theme_id)

    def _line(self, text: str, *, style: str = "") -> None:
        indent = len(text) - len(text.lstrip())
        if self.console.is_terminal:
            self.console.print(Padding(Text(text.lstrip(), style=style, overflow="fold"), (0, 0, 0, indent)))
        else:
            self.console.print(text, style=style, markup=False, soft_wrap=True)


class _Open(dict[str, Any]):
    """Fields of a line; what the fact does not have is left out."""

    def __missing__(self, _key: str) -> str:
        return ""


def _listed(names: list[str]) -> str:
    if len(names) <= LISTED + 1:
        return "、".join(names)
    return "、".join(names[:LISTED]) + words().phrases["more"].format(count=len(names))


def _padded(text: str, width: int) -> str:
    return text + " " * max(width - cell_len(text), 0)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
