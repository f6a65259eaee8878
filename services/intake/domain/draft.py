"""草稿: an application before it is handed in: kept, taken up on another channel, ended with a warning."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from catalogue.model import Catalogue, Theme
from catalogue.rules import Rules
from contracts.drafts import DraftDiscarded, DraftExpired, DraftExpiring, DraftSaved, DraftUsed
from contracts.intake import BroughtMaterial, Channel
from contracts.language import Act, Caller, Command, Sealed
from contracts.scopes import SERVICE, Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import Forbidden, Refused
from intake.domain.form import LONGEST, PROVENANCE
from intake.domain.refusals import FormInvalid, NotSelectable, UnknownAnswer
from kernel.clock import ending, local_date
from kernel.workdays import WorkingCalendar


class DraftEnded(Refused):
    """The draft became a case, was thrown away, or ended because nobody touched it."""


class DraftOfAnotherTheme(Refused):
    """A draft stays with the theme that it was begun for."""


class DraftWithheld(Forbidden):
    """A draft is shown to who saved it, at the halls where it was saved, and to its applicant."""


class UseDraft(Command, frozen=True, kw_only=True):
    """A case was made of the draft."""

    SERVICE: ClassVar[str] = "intake"
    draft: str
    used_by: str


class DraftStatus(StrEnum):
    """What became of a draft."""

    OPEN = "open"
    USED = "used"
    DISCARDED = "discarded"
    RUN_OUT = "run_out"


class Term(Struct, frozen=True):
    """Until when a draft is kept, and when its owner is told."""

    expires_at: datetime
    warned_at: datetime


def term(rules: Rules, calendar: WorkingCalendar, saved_on: date) -> Term:
    """A draft is kept for so many working days after it was last touched; the warning comes some days before."""
    kept, warning = rules.draft_kept.days, min(rules.draft_warning.days, rules.draft_kept.days)
    return Term(ending(calendar.add(saved_on, kept)), ending(calendar.add(saved_on, kept - warning)))


def check_draft(
    theme: Theme,
    answers: Mapping[str, str],
    values: Mapping[str, str],
    provenance: Mapping[str, str],
    entry_item: str = "",
) -> dict[str, str]:
    """The provenance of the filled fields; what is half written may stand, what the theme does not know may not.

    Raises NotSelectable for an item of another theme, UnknownAnswer, or FormInvalid with every field
    that is unknown, too long or of unclear provenance.
    """
    if entry_item and entry_item not in {item.id for item in theme.items}:
        raise NotSelectable(item=entry_item, missing=())
    options = {question.id: {option.value for option in question.options} for question in theme.questions}
    for question, value in answers.items():
        if value not in options.get(question, ()):
            raise UnknownAnswer(question=question, value=value)
    known = {field.key for field in theme.fields}
    origins = {key: provenance.get(key, "entered") for key, value in values.items() if value}
    wrong = {key: "unknown" for key in (*values, *provenance) if key not in known}
    wrong |= {key: "too-long" for key, value in values.items() if len(value) > LONGEST}
    wrong |= {key: "provenance" for key, origin in origins.items() if not PROVENANCE.fullmatch(origin)}
    if wrong:
        raise FormInvalid(fields=wrong, names={field.key: field.label for field in theme.fields if field.key in wrong})
    return origins


class Contents(Struct, frozen=True):
    """What a draft holds, sealed where it is personal."""

    theme: str
    answers: dict[str, str]
    index: str
    """Blind index of all of it."""
    form: Sealed | None = None
    fields: dict[str, str] = {}
    applicant: Sealed | None = None
    applicant_index: str = ""
    materials: tuple[BroughtMaterial, ...] = ()
    entry_item: str = ""


def is_at_counter(caller: Caller) -> bool:
    """Whether they serve people, who may show them who they are."""
    return not {"clerk", "helper", SERVICE}.isdisjoint(caller.roles)


def hall_of(caller: Caller | None) -> str:
    """The hall whose drafts are theirs to work on; nobody's who only is at one."""
    return caller.hall if caller is not None and is_at_counter(caller) else ""


def own(caller: Caller | None) -> str:
    """The blind index of an applicant who asks for themselves; nobody's who is here as something else."""
    return caller.subject if caller is not None and "applicant" in caller.roles else ""


class Draft(Aggregate):
    """One draft: its last contents, the channels that it was saved on, and when it ends."""

    case_bound = False

    status: DraftStatus
    key_id: str
    catalogue: str
    contents: Contents
    channels: tuple[Channel, ...]
    halls: tuple[str, ...]
    writers: tuple[str, ...]
    saved_at: datetime | None
    term: Term | None
    is_warned: bool
    used_by: str

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.status = DraftStatus.OPEN
        self.key_id = ""
        self.catalogue = ""
        self.contents = Contents(theme="", answers={}, index="")
        self.channels = ()
        """Every channel that it was saved on, in order."""
        self.halls = ()
        self.writers = ()
        self.saved_at = None
        self.term = None
        self.is_warned = False
        self.used_by = ""

    def save(
        self,
        contents: Contents,
        *,
        key_id: str,
        channel: Channel,
        catalogue: Catalogue,
        calendar: WorkingCalendar,
        act: Act,
    ) -> None:
        """Puts the draft away, whole; its term begins anew. The same again on the same channel is no news."""
        hall = act.caller.hall if act.caller is not None else ""
        self.check_open()
        if self.version and not self.is_shown_to(act.by, hall_of(act.caller), contents.applicant_index):
            raise DraftWithheld(draft=self.stream)
        if self.version and contents.theme != self.contents.theme:
            raise DraftOfAnotherTheme(theme=self.contents.theme)
        if self.version and contents.index == self.contents.index and channel == self.channels[-1]:
            return
        kept = term(catalogue.rules, calendar, local_date(act.at))
        self.record(
            DraftSaved,
            act,
            theme=contents.theme,
            catalogue=catalogue.version,
            channel=channel,
            hall=hall,
            key_id=key_id,
            answers=contents.answers,
            content=contents.index,
            expires_at=kept.expires_at,
            warned_at=kept.warned_at,
            form=contents.form,
            fields=contents.fields,
            applicant=contents.applicant,
            applicant_index=contents.applicant_index,
            materials=contents.materials,
            draft=self.stream,
            entry_item=contents.entry_item,
        )

    @applies(DraftSaved)
    def _saved(self, fact: DraftSaved) -> None:
        self.key_id = fact.key_id
        self.catalogue = fact.catalogue
        self.contents = Contents(
            theme=fact.theme,
            answers=fact.answers,
            index=fact.content,
            form=fact.form,
            fields=fact.fields,
            applicant=fact.applicant,
            applicant_index=fact.applicant_index,
            materials=fact.materials,
            entry_item=fact.entry_item,
        )
        self.channels += (fact.channel,)
        self.halls = _with(self.halls, fact.hall)
        self.writers = _with(self.writers, fact.by)
        self.saved_at = fact.at
        self.term = Term(fact.expires_at, fact.warned_at)
        self.is_warned = False

    def warn(self, *, act: Act) -> None:
        """Says that the draft will end."""
        if self.status is DraftStatus.OPEN and self.term is not None and not self.is_warned:
            told = self.stream if self.contents.applicant is not None else ""
            self.record(DraftExpiring, act, draft=told, expires_at=self.term.expires_at)

    @applies(DraftExpiring)
    def _expiring(self, _: DraftExpiring) -> None:
        self.is_warned = True

    def expire(self, *, act: Act) -> None:
        """Ends the draft."""
        if self.status is DraftStatus.OPEN:
            self.record(DraftExpired, act, draft=self.stream, key_id=self.key_id)

    @applies(DraftExpired)
    def _expired(self, _: DraftExpired) -> None:
        self.status = DraftStatus.RUN_OUT

    def discard(self, *, act: Act) -> None:
        """Throws the draft away; again is no news."""
        if self.status is DraftStatus.DISCARDED:
            return
        self.check_open()
        if not self.is_shown_to(act.by, hall_of(act.caller), own(act.caller)):
            raise DraftWithheld(draft=self.stream)
        self.record(DraftDiscarded, act, draft=self.stream, key_id=self.key_id)

    @applies(DraftDiscarded)
    def _discarded(self, _: DraftDiscarded) -> None:
        self.status = DraftStatus.DISCARDED

    def use(self, used_by: str, *, act: Act) -> None:
        """Notes the case that was made of it, once; a draft that ended meanwhile stays as it ended."""
        if self.version and self.status is DraftStatus.OPEN:
            self.record(DraftUsed, act, used_by=used_by, draft=self.stream, key_id=self.key_id)

    @applies(DraftUsed)
    def _used(self, fact: DraftUsed) -> None:
        self.status = DraftStatus.USED
        self.used_by = fact.used_by

    def reach(self) -> Reach:
        """The halls it was saved at, who wrote it, and whom it is about."""
        return Reach(
            halls=frozenset(self.halls),
            subjects=frozenset((self.contents.applicant_index,)) - {""},
            people=frozenset(self.writers),
        )

    def check_open(self) -> None:
        """Raises DraftEnded for a draft that nothing can be done with any more."""
        if self.status is not DraftStatus.OPEN:
            raise DraftEnded(draft=self.stream, status=self.status)

    def is_shown_to(self, by: str, hall: str, applicant_index: str = "") -> bool:
        """Whether somebody may read what is personal in it."""
        is_applicant = bool(applicant_index) and applicant_index == self.contents.applicant_index
        return by in self.writers or (bool(hall) and hall in self.halls) or is_applicant

    def timers(self) -> dict[str, datetime]:
        """``warning`` and ``expiry``."""
        if self.status is not DraftStatus.OPEN or self.term is None:
            return {}
        warning = {} if self.is_warned else {"warning": self.term.warned_at}
        return warning | {"expiry": self.term.expires_at}


def _with(known: tuple[str, ...], one: str) -> tuple[str, ...]:
    return known if not one or one in known else (*known, one)
