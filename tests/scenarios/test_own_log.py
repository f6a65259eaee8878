"""Intake follows its own log: drafts and offers learn what became of them, in a house as it runs."""

import uuid
from typing import Any

from console.journey import CLERK, PERSON
from contracts.casefile import Timeline
from contracts.drafts import GetDraft, SaveDraft
from contracts.intake import Applicant, OpenCase
from contracts.language import Caller
from contracts.offers import ListOffers, OfferTheme
from testkit.house import House, eventually


def test_a_draft_and_an_offer_learn_of_the_case_that_came_of_them(house: House) -> None:
    clerk = house.client().as_(CLERK)
    auditor = house.client(Caller(by="auditor-1", roles=("auditor",)))
    draft, offer, case_id = (f"{word}-{uuid.uuid4().hex[:8]}" for word in ("draft", "offer", "case"))
    applicant = Applicant(name="林某", identifier=PERSON)
    clerk.command(SaveDraft(draft=draft, theme="SBK", applicant=applicant, channel="window"))
    clerk.command(OfferTheme(offer=offer, theme="SBK", item="SBK01"))

    clerk.command(
        OpenCase(
            case_id=case_id,
            theme="SBK",
            applicant=applicant,
            answers={"card": "none", "applications": "no"},
            draft=draft,
            offer=offer,
            allow_duplicate=True,
        )
    )

    assert eventually(lambda: clerk.ask(GetDraft(draft=draft))["used_by"] == case_id)
    taken = eventually(
        lambda: [each for each in clerk.ask(ListOffers(theme="SBK", state="taken"))["offers"] if each["offer"] == offer]
    )
    assert taken[0]["taken_by"] == case_id

    def told() -> list[dict[str, Any]]:
        return sorted(auditor.ask(Timeline(case_id=draft))["entries"], key=lambda entry: str(entry["topic"]))

    # vault follows: the draft's own key is bound when it is saved, and gone with it
    # what casefile hears first is no matter
    keys = ["onething.case-key.bound.v1", "onething.case-key.destroyed.v1"]
    whole = [*keys, "onething.draft.saved.v1", "onething.draft.used.v1"]
    eventually(lambda: [entry["topic"] for entry in told()] == whole)
    assert "form" not in told()[2]["body"]
