"""What people are called in an export: each has one name, and nobody without the house's key can tell who it is."""

from collections.abc import Callable

from eventing.dependency import HostDependency
from kernel.digests import blind_index

LETTERS = 12
"""Hexadecimal digits: two of a million people share one with a chance of one in five hundred."""


def pseudonyms(key: bytes) -> Callable[[str], str]:
    """A way to call people."""

    def call(person: str) -> str:
        return f"p-{blind_index(key, person)[:LETTERS]}" if person else ""

    return call


class Pseudonyms(HostDependency):
    """Gives casefile the names for its exports."""

    def make(self) -> Callable[[str], str]:
        return pseudonyms(self.host.settings.derived_key("exports"))
