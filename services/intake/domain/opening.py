"""登记: a case is opened with its plan, and the one-time notice of it is given."""

from collections.abc import Sequence
from typing import Literal

from contracts.intake import CaseOpened, Channel, CrossRegion, NoticeIssued, Origin
from contracts.language import Act, Sealed
from eventing.aggregate import applies
from intake.domain.appearance import check_appearance
from intake.domain.lifecycle import STANDINGS
from intake.domain.outline import Outline
from intake.domain.refusals import AlreadyOpened, NotSelectable, WrongApplicant
from intake.domain.regions import check_mode
from intake.domain.state import CaseState, OutputMode, counter


class Opening(CaseState):
    """A case begins."""

    def open(
        self,
        outline: Outline,
        *,
        number: str,
        notice: str,
        key_id: str,
        applicant: Sealed,
        applicant_index: str,
        applicant_kind: Literal["natural", "legal"],
        channel: Channel,
        entry_item: str = "",
        output_mode: OutputMode = "itemised",
        origins: Sequence[Origin] = (),
        cross_region: CrossRegion = "local",
        owner_hall: str = "",
        draft: str = "",
        offer: str = "",
        act: Act,
    ) -> None:
        """Opens the case with the items of the outline and gives the one-time notice of it.

        ``origins`` were checked and stand in the outline (``origins.settled``).
        """
        if self.version:
            raise AlreadyOpened(number=self.number)
        caller = counter(act)
        if outline.theme.applicant not in ("either", applicant_kind):
            raise WrongApplicant(expected=outline.theme.applicant)
        check_appearance(outline, (planned.item for planned in outline.plan if planned.standing == "selected"), act)
        check_mode(outline, cross_region, caller.hall, owner_hall)
        standings = {planned.item: planned.standing for planned in outline.plan}
        begun = [origin.item for origin in origins]
        if entry_item and entry_item not in begun and standings.get(entry_item, "not_needed") == "not_needed":
            raise NotSelectable(item=entry_item, missing=())
        is_joined = entry_item or begun or "satisfied" in standings.values()
        self.record(
            CaseOpened,
            act,
            number=number,
            theme=outline.theme.id,
            catalogue=outline.catalogue.version,
            mode="continuation" if is_joined else "one_mouth",
            region=outline.catalogue.region,
            area=outline.area,
            hall=caller.hall,
            window=caller.window,
            channel=channel,
            key_id=key_id,
            applicant=applicant,
            applicant_index=applicant_index,
            applicant_kind=applicant_kind,
            answers=outline.notice.answers,
            plan=outline.plan,
            entry_item=entry_item or next(iter(begun), ""),
            output_mode=output_mode,
            origins=tuple(origins),
            cross_region=cross_region,
            owner_hall=owner_hall,
            draft=draft,
            offer=offer,
        )
        self.record(NoticeIssued, act, number=notice, edition=outline.notice.edition, digest=outline.digest)

    @applies(CaseOpened)
    def _opened(self, fact: CaseOpened) -> None:
        for name in (
            "number", "theme", "catalogue", "mode", "region", "area", "hall", "window", "channel", "key_id",
            "applicant", "applicant_index", "applicant_kind", "answers", "entry_item", "output_mode", "plan",
            "cross_region", "owner_hall",
        ):  # fmt: skip
            setattr(self, name, getattr(fact, name))
        self.opened_at = fact.at
        self.mandate = fact.acting_as
        self._at_hall(fact.hall)
        self.origins = {origin.item: origin for origin in fact.origins}
        self.items = {planned.item: STANDINGS[planned.standing] for planned in fact.plan}

    @applies(NoticeIssued)
    def _noticed(self, fact: NoticeIssued) -> None:
        self.notice = (fact.number, fact.edition, fact.digest)
        self.issues = fact.issue
        self.noticed = self.plan
        self.noticed_at = fact.at
