"""Opinions of experts and of other departments."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from contracts.approval.answers import OpinionDue, OpinionPage
from contracts.language import Command, Fact, Query


class OpinionAsked(Fact, frozen=True, kw_only=True):
    """征求意见: the handler asked another organisation, or experts through it. The clocks of the review go on."""

    TOPIC: ClassVar[str] = "onething.review.opinion-asked.v1"
    item: str
    handler: str
    opinion: str
    """The id of the opinion within the case."""
    of: str
    """The organisation that is to answer."""
    kind: Literal["expert", "department"]
    question: str
    due_on: date


class OpinionGiven(Fact, frozen=True, kw_only=True):
    """The organisation that was asked answered."""

    TOPIC: ClassVar[str] = "onething.review.opinion-given.v1"
    item: str
    handler: str
    opinion: str
    of: str
    answer: str
    digest: str = ""
    """Of the signed document, where there is one."""


class OpinionOverdue(Fact, frozen=True, kw_only=True):
    """The day by which an opinion was asked for has passed without it."""

    TOPIC: ClassVar[str] = "onething.review.opinion-overdue.v1"
    item: str
    handler: str
    opinion: str
    of: str
    due_on: date


class AskOpinion(Command, frozen=True, kw_only=True):
    """Ask an organisation for its opinion, within working days."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = OpinionDue
    case_id: str
    item: str
    of: str
    question: Annotated[str, msgspec.Meta(min_length=1)]
    days: Annotated[int, msgspec.Meta(ge=1, le=60)]
    kind: Literal["expert", "department"] = "department"


class GiveOpinion(Command, frozen=True, kw_only=True):
    """Answer, as the organisation that was asked."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    opinion: str
    answer: Annotated[str, msgspec.Meta(min_length=1)]
    digest: str = ""


class Consultations(Query, frozen=True, kw_only=True):
    """The opinions that an organisation still owes to others, most urgent first."""

    SERVICE: ClassVar[str] = "approval"
    ROUTE: ClassVar[str] = "GET /opinions"
    ANSWER: ClassVar[Any] = OpinionPage
    org: str
    theme: str = ""
    item: str = ""
    overdue: bool = False
    """Only those whose day has passed."""
    limit: int = 50
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
