"""From messages to the words that leave: one text for all messages of a case that leave together."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from msgspec.structs import replace

from catalogue.model import Catalogue
from contracts.words import Language, terms
from notification.domain import Message

LISTS = ("items", "because", "materials", "fields", "results", "procedure")
"""Parts of a message's data that list ids, separated by commas."""


def subject(number: str) -> str:
    """The subject of a mail."""
    return str(_words()["subject"]["zh"]).format(number=number)


def text(messages: Iterable[Message], *, number: str, theme: str, hall: str, catalogue: Catalogue) -> str:
    """The words, Chinese first and English after it; the same message of several items is said once."""
    told = _together(messages)
    names = _names(catalogue, theme)
    paragraphs = []
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        sentences = [_sentence(message, names, language) for message in told]
        words = _words()
        intro = words["intro" if number else "draft"][language].format(theme=names.get(theme, theme), number=number)
        outro = words["outro"][language].format(hall=hall) if hall else ""
        paragraphs.append(f"{intro}{' '.join(dict.fromkeys(sentences))}{outro}")
    return "\n".join(paragraphs)


def _together(messages: Iterable[Message]) -> list[Message]:
    """Messages of one kind that only list things are said as one."""
    said: list[Message] = []
    for message in messages:
        key = _only_list(message)
        same = next(
            (n for n, each in enumerate(said) if key and (each.kind, _only_list(each)) == (message.kind, key)), None
        )
        if same is None:
            said.append(message)
        else:
            ids = dict.fromkeys([*said[same].data[key].split(","), *message.data[key].split(",")])
            said[same] = replace(said[same], data={key: ",".join(ids)})
    return said


def _only_list(message: Message) -> str:
    """The one list that a message consists of; empty where it says anything else."""
    return next(iter(message.data)) if len(message.data) == 1 and message.data.keys() <= set(LISTS) else ""


def _sentence(message: Message, names: Mapping[str, str], language: Language) -> str:
    words = _words()
    data = {key: _listed(key, value, names, language) for key, value in message.data.items()}
    sentence = str(words["kinds"][message.kind][language]).format_map(_Blank(data))
    return words["again"][language] + sentence if "again" in message.data else sentence


def _listed(key: str, value: str, names: Mapping[str, str], language: Language) -> str:
    if key not in LISTS:
        return value
    comma = "、" if language == "zh" else ", "
    return comma.join(_named(each, names, language) for each in value.split(","))


def _named(each: str, names: Mapping[str, str], language: Language) -> str:
    """The name of what an id says; a later package of an item is called like the first."""
    found = names.get(each) or names.get(each.partition(".")[0])
    return found or terms().get(each, {}).get(language, each)


class _Blank(dict[str, str]):
    """What a message does not say is left out of its sentence."""

    def __missing__(self, key: str) -> str:
        return ""


def _names(catalogue: Catalogue, theme_id: str) -> dict[str, str]:
    theme = catalogue.theme(theme_id)
    return {
        theme.id: theme.name,
        **{field.key: field.label for field in theme.fields},
        **{procedure.id: procedure.name for item in theme.items for procedure in item.special_procedures},
        **{material.id: material.name for item in theme.items for material in item.materials},
        **{item.id: item.name for item in theme.items},
    }


@cache
def _words() -> Any:
    return yaml.safe_load((Path(__file__).parent / "wording.yaml").read_text("utf-8"))
