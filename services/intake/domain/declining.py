"""不予受理: an item is declined, in writing (行政许可法 第32条)."""

from collections.abc import Mapping
from typing import Literal

from msgspec.structs import replace

from contracts.delegation import AuthorityAnswer
from contracts.intake import Ground, ItemNotAccepted
from contracts.language import Act
from eventing.aggregate import applies
from intake.domain.acceptance import check_authority
from intake.domain.answer import Answering
from intake.domain.closing import Closing
from intake.domain.lifecycle import ItemState
from intake.domain.outline import Outline
from intake.domain.refusals import CompetentAuthorityMissing, ItemSettled, NoReasonGiven
from intake.domain.state import counter


class Declining(Answering, Closing):
    """Items are declined."""

    def not_accept(
        self,
        outline: Outline,
        item: str,
        *,
        reason: str,
        competent_authority: str,
        ground: Ground | Literal[""] = "",
        authorities: Mapping[str, AuthorityAnswer],
        notices: Mapping[str, str],
        act: Act,
    ) -> None:
        """Declines to accept one item, in writing (行政许可法 第32条第1款第1、2项).

        Either no licence is required, or it is not this authority's, which then names the one whose it is. Without a
        ``ground`` the competent authority, or its absence, says which.
        """
        if not self.declinable(item):
            return
        self._may("not_accept")
        counter(act)
        self._in_time((item,), act)
        check_authority(outline, (item,), authorities)
        if not reason.strip():
            raise NoReasonGiven(item=item)
        situation = ground or ("outside_authority" if competent_authority.strip() else "not_required")
        if situation == "outside_authority" and not competent_authority.strip():
            raise CompetentAuthorityMissing(item=item)
        authority = authorities[item]
        self.record(
            ItemNotAccepted,
            replace(act, acting_as=authority.grant, in_name_of=authority.in_name_of),
            item=item,
            reason=reason,
            competent_authority=competent_authority,
            notice=notices[item],
            ground=situation,
        )
        self._close_if_over(act)

    def declinable(self, item: str) -> tuple[str, ...]:
        """The item if it is open, nothing if it was declined before; raises NotInCase or ItemSettled."""
        self._in_case((item,))
        state = self.items[item]
        if state is ItemState.NOT_ACCEPTED:
            return ()
        if state is not ItemState.PENDING:
            raise ItemSettled(items={item: state})
        return (item,)

    @applies(ItemNotAccepted)
    def _not_accepted(self, fact: ItemNotAccepted) -> None:
        self._settle(fact.item, ItemState.NOT_ACCEPTED)
