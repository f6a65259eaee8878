"""查阅留痕: who read personal data, which class of it, and what for; a stream beside what it is of."""

from datetime import datetime, timedelta
from itertools import takewhile

from contracts.language import Act
from contracts.readings import READINGS, Glance, PersonalDataRead, Reading
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import Refused


class PurposeMissing(Refused):
    """Whoever reads personal data says what for (个人信息保护法 第6条)."""


class Readings(Aggregate):
    """The readings of one case, draft or consultation, beside it: they do not move its version."""

    entries: tuple[Reading, ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.entries = ()

    @property
    def case_id(self) -> str | None:
        """The case; None for readings of what belongs to none."""
        return self.stream.removeprefix(READINGS) if self.stream.startswith(READINGS) else None

    def is_recent(self, glance: Glance, now: datetime, within: timedelta) -> bool:
        """Whether this very reading was recorded a short while ago."""
        lately = takewhile(lambda entry: now - entry.at < within, reversed(self.entries))
        return any(_glance(entry) == glance and entry.at <= now for entry in lately)

    def read(self, glance: Glance, *, act: Act) -> None:
        """Records a reading."""
        if not glance.purpose.strip():
            raise PurposeMissing
        self.record(
            PersonalDataRead,
            act,
            org=glance.org,
            hall=glance.hall,
            classes=glance.classes,
            purpose=glance.purpose,
            what=glance.what,
        )

    @applies(PersonalDataRead)
    def _was_read(self, fact: PersonalDataRead) -> None:
        entry = Reading(fact.at, fact.by, fact.org, fact.hall, fact.classes, fact.purpose, fact.what)
        self.entries += (entry,)

    def reach(self) -> Reach:
        """Nobody's but the house's: it alone records."""
        return Reach()


def _glance(entry: Reading) -> Glance:
    return Glance(entry.by, entry.org, entry.hall, entry.classes, entry.purpose, entry.what)
