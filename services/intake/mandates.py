"""代办: an agent acts for an applicant as far as the mandate goes, and names the applicant."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from contracts.delegation import CheckMandates, MandateAct, MandateAnswer, MandateRequest
from contracts.intake import (
    DeclareTerms,
    FillForm,
    JoinItems,
    OpenCase,
    ReceiveMaterials,
    RecordChoice,
    Register,
    WithdrawCase,
    WithdrawItem,
)
from contracts.language import Act, Command
from eventing.errors import OneThingError
from intake.domain import Case
from intake.domain.refusals import MandateInvalid
from intake.domain.state import PRINCIPAL

ACTS: dict[type[Command], tuple[MandateAct, ...]] = {
    OpenCase: ("open",),
    Register: ("open", "fill", "submit"),
    JoinItems: ("open",),
    FillForm: ("fill",),
    ReceiveMaterials: ("submit",),
    DeclareTerms: ("submit",),
    WithdrawItem: ("withdraw",),
    WithdrawCase: ("withdraw",),
    RecordChoice: ("withdraw",),
}
"""What a mandate has to reach for each command."""


class Errand(NamedTuple):
    """Something that is done under a mandate, or without one."""

    command: Any
    principal: str
    theme: str
    act: Act

    def requests(self) -> tuple[MandateRequest, ...]:
        """What delegation is asked; nothing for whoever acts without a mandate."""
        mandate: str = self.command.mandate
        if not mandate:
            return ()
        return tuple(
            MandateRequest(mandate, self.act.by, self.principal, self.theme, wanted)
            for wanted in ACTS[type(self.command)]
        )


class Mandates:
    """The question whether agents may do what they do."""

    peers: Any

    def mandated(self, batch: Sequence[tuple[Case, Any, Act]]) -> list[Act | OneThingError]:
        """The acts of these commands, those of agents in the applicant's name."""
        return self.errands([Errand(cmd, case.applicant_index, case.theme, act) for case, cmd, act in batch])

    def errands(self, errands: Sequence[Errand]) -> list[Act | OneThingError]:
        """The acts of these errands, or MandateInvalid; one question to delegation for all of them."""
        wanted = [errand.requests() for errand in errands]
        distinct = tuple(dict.fromkeys(request for each in wanted for request in each))
        found = self.peers.ask(CheckMandates(requests=distinct)) if distinct else []
        answers = dict(zip(distinct, msgspec.convert(found, list[MandateAnswer]), strict=True))
        return [
            _acted(errand, [answers[request] for request in requests])
            for errand, requests in zip(errands, wanted, strict=True)
        ]


def _acted(errand: Errand, answers: Sequence[MandateAnswer]) -> Act | OneThingError:
    if not answers:
        return errand.act
    mandate = answers[0].mandate
    refusal = next((answer.refusal for answer in answers if answer.refusal), "")
    if refusal:
        return MandateInvalid(mandate=mandate, reason=refusal)
    return replace(errand.act, acting_as=mandate, in_name_of=PRINCIPAL)
