"""The demo's stories: who comes, with what, to which window, and what is told at each step. They are data."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import msgspec
import yaml
from msgspec import Struct

from contracts.intake import Applicant, Medium

HERE = Path(__file__).parent
TOLD = ("newborn", "restaurant", "retirement", "utilities")
"""The stories in the order in which they are told."""


class Brought(Struct, frozen=True, forbid_unknown_fields=True):
    """A material as somebody brings it. A digital one gets a small file of its own."""

    medium: Medium
    provenance: str = "entered"


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """What is done next, and the words for it."""

    act: Literal["notice", "open", "fill", "receive", "correct", "accept", "register", "carry", "decide", "hand_over"]
    zh: str
    en: str
    why: str
    why_en: str
    clerk: str = ""
    """Who does it, where it is not the clerk of the case."""
    materials: tuple[str, ...] = ()
    """Of ``receive``: what is brought."""
    carriers: tuple[str, ...] = ()
    """Of ``carry``: through whose hands paper goes."""
    deny: dict[str, str] = {}
    """Of ``decide``: item → reasons of a denial."""
    method: Literal["window", "post", "locker", "electronic"] = "window"
    compare: dict[str, str] = {}
    """Of ``notice``: answers that would lead to another handler, which is told too."""


class Story(Struct, frozen=True, forbid_unknown_fields=True):
    """One case from the window to the hand-over."""

    id: str
    title: str
    title_en: str
    about: str
    about_en: str
    theme: str
    clerk: str
    applicant: Applicant
    answers: dict[str, str]
    values: dict[str, str]
    materials: dict[str, Brought]
    steps: tuple[Step, ...]
    satisfied: dict[str, str] = {}
    provenance: dict[str, str] = {}
    output_mode: Literal["integrated", "itemised"] = "itemised"

    def form(self, today: date) -> dict[str, str]:
        """The values of the form; ``today-2`` and the like become days."""
        return {key: _dated(value, today) for key, value in self.values.items()}


def story(name: str) -> Story:
    """A story by its name."""
    text = (HERE / f"{name}.yaml").read_text("utf-8")
    return msgspec.convert(yaml.load(text, yaml.BaseLoader), Story)  # noqa: S506 - everything is text: `yes`, too


def _dated(value: str, today: date) -> str:
    shifted = re.fullmatch(r"today([+-]\d+)?", value)
    return (today + timedelta(days=int(shifted[1] or 0))).isoformat() if shifted else value
