"""申请人选择: after items failed, to go on with the others or to take them back."""

from collections.abc import Collection
from typing import Literal

from contracts.intake import ApplicantChose, Channel
from contracts.language import Act
from eventing.aggregate import applies
from intake.domain.refusals import NotFailed
from intake.domain.withdrawal import Withdrawing


class Choosing(Withdrawing):
    """What the applicant wanted after items failed."""

    choice: tuple[str, tuple[str, ...]]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.choice = ("", ())
        """The last choice, and the items that failed."""

    def choose(
        self,
        choice: Literal["go_on", "withdraw"],
        because: Collection[str],
        *,
        channel: Channel = "window",
        act: Act,
    ) -> None:
        """Records the choice; to take back means everything that has not come to its end. The same is no news."""
        self._in_case(because)
        failed = tuple(sorted(because))
        if self.choice == (choice, failed):
            return
        self._may("choose")
        self._for_the_applicant(channel, act)
        if not failed or (never := [item for item in failed if item not in self.acceptances]):
            raise NotFailed(items=never if failed else [])
        self.record(ApplicantChose, act, choice=choice, because=failed)
        if choice == "withdraw":
            self.withdraw_case(reason="", channel=channel, act=act, besides=failed)

    @applies(ApplicantChose)
    def _chose(self, fact: ApplicantChose) -> None:
        self.choice = (fact.choice, fact.because)
