"""What the catalogue answers with when it is asked for something that it cannot give.

    CatalogueError
    ├── InvalidCatalogue       the files do not make a catalogue; carries every problem at once
    ├── DamagedDocument        a stored or imported document does not have the content its version names
    ├── UnknownRegion          no layer for this region
    ├── UnknownTheme           no such theme in this catalogue
    ├── UnknownItem            no such item in this theme or catalogue
    ├── UnknownName            no question, field, material or item of this name in the theme
    ├── UnansweredQuestions    scenario questions that must be answered first
    ├── UnknownAnswer          an answer to no question, or none of the question's options
    ├── NotSelectable          an item that cannot be part of this case
    └── NoHandler              nobody, or more than one, handles the item in this area

The classes carry data; the sentences for people live with the service that refuses.
"""

from collections.abc import Iterable


class CatalogueError(Exception):
    """Any answer of this library other than the one asked for."""


class InvalidCatalogue(CatalogueError):
    """The files do not make a catalogue. `problems` holds one line for each mistake, naming file and path."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class DamagedDocument(CatalogueError):
    """The content does not have the version that it claims."""

    def __init__(self, claimed: str, found: str) -> None:
        self.claimed, self.found = claimed, found
        super().__init__(claimed, found)


class UnknownRegion(CatalogueError):
    """No layer is kept for this region code."""

    def __init__(self, region: str) -> None:
        self.region = region
        super().__init__(region)


class UnknownTheme(CatalogueError):
    """The catalogue holds no such theme."""

    def __init__(self, theme: str) -> None:
        self.theme = theme
        super().__init__(theme)


class UnknownItem(CatalogueError):
    """The theme or catalogue holds no such item."""

    def __init__(self, item: str) -> None:
        self.item = item
        super().__init__(item)


class UnknownName(CatalogueError):
    """The theme has no question, field, material or item of this name."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class UnansweredQuestions(CatalogueError):
    """These scenario questions must be answered before items can be selected."""

    def __init__(self, questions: Iterable[str]) -> None:
        self.questions = tuple(questions)
        super().__init__(*self.questions)


class UnknownAnswer(CatalogueError):
    """The question does not exist, or `value` is none of its options."""

    def __init__(self, question: str, value: str) -> None:
        self.question, self.value = question, value
        super().__init__(question, value)


class NotSelectable(CatalogueError):
    """The item cannot be part of this case.

    `missing` names the items that it requires and that are neither chosen nor already satisfied; it is empty
    when the answers rule the item out, or the locality has not adopted it, or the theme has no such item.
    """

    def __init__(self, item: str, missing: Iterable[str] = ()) -> None:
        self.item, self.missing = item, tuple(missing)
        super().__init__(item, *self.missing)


class NoHandler(CatalogueError):
    """Nobody, or more than one organisation, handles the item in this area."""

    def __init__(self, item: str, area: str | None, candidates: Iterable[str] = ()) -> None:
        self.item, self.area, self.candidates = item, area, tuple(candidates)
        super().__init__(item, area, *self.candidates)
