"""征求意见: experts and other departments are asked, and answer until a day. The clocks of the review go on."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from approval.domain.days import past
from approval.domain.deciding import Deciding
from approval.domain.law import Law
from approval.domain.refusals import NotAsked, OpinionNotAwaited
from contracts.approval import OpinionAsked, OpinionGiven, OpinionOverdue
from contracts.language import Act
from eventing.aggregate import applies
from eventing.errors import NotFound


class Opinion(Struct, frozen=True):
    """What another organisation was asked about an item, and what it answered."""

    item: str
    of: str
    kind: Literal["expert", "department"]
    question: str
    due_on: date
    answer: str = ""
    given_at: datetime | None = None
    overdue: bool = False


class Opinions(Deciding):
    """Asking, answering, and reminding. An opinion advises; the handler decides with or without it."""

    opinions: dict[str, Opinion]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.opinions = {}

    def ask_opinion(
        self,
        item: str,
        of: str,
        question: str,
        *,
        days: int,
        kind: Literal["expert", "department"],
        law: Law,
        act: Act,
    ) -> str:
        """Asks an organisation, for an answer within working days; returns the opinion's id.

        The same question to the same organisation, as long as it is open, is no news.
        """
        review = self._worked_on(item, law, act)
        for asked, opinion in self.opinions.items():
            if (opinion.item, opinion.of, opinion.question) == (item, of, question) and not opinion.given_at:
                return asked
        number = f"{item}-{1 + sum(opinion.item == item for opinion in self.opinions.values())}"
        self.record(
            OpinionAsked,
            act,
            item=item,
            handler=review.handler,
            opinion=number,
            of=of,
            kind=kind,
            question=question,
            due_on=law.calendar.add(law.day, days),
        )
        return number

    @applies(OpinionAsked)
    def _opinion_asked(self, fact: OpinionAsked) -> None:
        self.opinions[fact.opinion] = Opinion(fact.item, fact.of, fact.kind, fact.question, fact.due_on)

    def give_opinion(self, number: str, answer: str, digest: str, law: Law, *, act: Act) -> None:
        """Answers as the organisation that was asked; the same answer again is no news."""
        opinion = self.opinions.get(number)
        if opinion is None:
            raise NotFound(what="opinion", id=number)
        if act.caller is None or act.caller.org != opinion.of:
            raise NotAsked(opinion=number, of=opinion.of)
        if opinion.answer == answer:
            return
        if opinion.given_at or not self.reviews[opinion.item].allows("work"):
            raise OpinionNotAwaited(item=opinion.item, names=law.names(opinion.item))
        self.record(
            OpinionGiven,
            act,
            item=opinion.item,
            handler=self.reviews[opinion.item].handler,
            opinion=number,
            of=opinion.of,
            answer=answer,
            digest=digest,
        )

    @applies(OpinionGiven)
    def _opinion_given(self, fact: OpinionGiven) -> None:
        self.opinions[fact.opinion] = replace(self.opinions[fact.opinion], answer=fact.answer, given_at=fact.at)

    def remind_of_opinions(self, *, act: Act) -> None:
        """Says of every opinion whose day has passed that it is overdue, once."""
        for number, opinion in list(self.opinions.items()):
            if self.is_owed(number) and not opinion.overdue and past(opinion.due_on) <= act.at:
                self.record(
                    OpinionOverdue,
                    act,
                    item=opinion.item,
                    handler=self.reviews[opinion.item].handler,
                    opinion=number,
                    of=opinion.of,
                    due_on=opinion.due_on,
                )

    @applies(OpinionOverdue)
    def _opinion_overdue(self, fact: OpinionOverdue) -> None:
        self.opinions[fact.opinion] = replace(self.opinions[fact.opinion], overdue=True)

    def is_owed(self, number: str) -> bool:
        """Whether an opinion is still waited for: it is missing, and its review is not decided."""
        opinion = self.opinions[number]
        return opinion.given_at is None and self.reviews[opinion.item].allows("work")

    def timers(self) -> dict[str, datetime]:
        """One timer a case: the next opinion whose day passes."""
        days = [
            past(each.due_on) for number, each in self.opinions.items() if self.is_owed(number) and not each.overdue
        ]
        return super().timers() | ({"opinion": min(days)} if days else {})
