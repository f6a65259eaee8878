"""What a bundle is at any moment: the state that every topic's rules look at."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from msgspec.structs import replace

from approval.domain.concluding import Verdict
from approval.domain.review import Pause, Review
from approval.domain.watch import NOTHING, Watch, joint_marks
from catalogue.joins import Progress
from catalogue.selection import Standing
from contracts.approval import JointClock
from eventing.aggregate import Aggregate


class BundleState(Aggregate):
    """The reviews of one case in approval, as its facts left them. Each topic adds what it alone keeps."""

    number: str
    theme: str
    catalogue: str
    region: str
    output_mode: str
    hall: str
    answers: dict[str, str]
    standings: dict[str, Standing]
    origins: dict[str, Progress]
    reviews: dict[str, Review]
    ahead: tuple[str, ...]
    joint: JointClock | None
    joint_watch: Watch
    former_pauses: tuple[Pause, ...]
    verdict: Verdict | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.number = ""
        self.theme = ""
        self.catalogue = ""
        self.region = ""
        self.output_mode = ""
        self.hall = ""
        self.answers = {}
        self.standings = {}
        self.origins = {}
        """Items that were underway elsewhere, and what came of them."""
        self.reviews = {}
        self.ahead = ()
        """Items whose materials arrived before they were known to be part of the case: there is no review of them."""
        self.joint = None
        self.joint_watch = NOTHING
        self.former_pauses = ()
        """Special procedures of reviews that have begun anew since: the whole does not count their time either."""
        self.verdict = None

    @property
    def part(self) -> frozenset[str]:
        """The items that are part of the case, wherever they are handled."""
        return frozenset(item for item, standing in self.standings.items() if standing is not Standing.NOT_NEEDED)

    @property
    def is_open(self) -> bool:
        """Whether the case was taken up: news of an item can come before its acceptance does."""
        return bool(self.number)

    def timers(self) -> dict[str, datetime]:
        """The deadlines that stand now; each topic adds its own."""
        return {}

    def pauses_with(self, others: Mapping[str, tuple[Pause, ...]] = MappingProxyType({})) -> tuple[Pause, ...]:
        """All that the whole does not count, if some reviews had other special procedures than they have."""
        now = (others.get(item, review.pauses) for item, review in self.reviews.items())
        return (*self.former_pauses, *(pause for pauses in now for pause in pauses))

    def _review(self, item: str) -> Review:
        """The review of an item, as if nothing had happened to it where nothing has."""
        return self.reviews.get(item, Review())

    def _clock_whole(self, clock: JointClock | None) -> None:
        """The joint clock is another one now; None: it is as it was."""
        if clock is not None:
            self.joint = clock
            self.joint_watch = self.joint_watch.over(joint_marks(clock))

    def _forget(self, item: str) -> None:
        """An item that had left the case is applied for anew; each topic adds what belonged to the old application."""

    def _change(self, item: str, **changes: object) -> None:
        self.reviews[item] = replace(self._review(item), **changes)
