"""A bundle is the reviews of one case; all of them together are the verdict. Each topic's rules stand in its module."""

from approval.domain.amending import Amending
from approval.domain.comparing import Comparing
from approval.domain.extension import Extending
from approval.domain.hearings import Hearings
from approval.domain.jointly import Jointly
from approval.domain.leaving import Leaving
from approval.domain.opinions import Opinions
from approval.domain.planning import Planning
from approval.domain.rederiving import Rederiving
from approval.domain.silence import Silence
from approval.domain.supervision import Supervision
from approval.domain.suspension import Suspending
from approval.domain.tolerating import Tolerating
from approval.domain.verifying import Verifying
from approval.domain.visits import Visits
from approval.domain.waiting import Waits
from contracts.scopes import Reach


class Bundle(
    Planning,
    Leaving,
    Tolerating,
    Verifying,
    Amending,
    Hearings,
    Visits,
    Comparing,
    Opinions,
    Suspending,
    Extending,
    Waits,
    Silence,
    Jointly,
    Rederiving,
    Supervision,
):
    """The reviews of one case, and what they add up to."""

    def reach(self) -> Reach:
        """Its hall, who handles its items, who was asked, and who visits; the applicant is known to intake."""
        return Reach(
            halls=frozenset((self.hall,)) - {""},
            items={item: review.handler for item, review in self.reviews.items()},
            orgs=frozenset(opinion.of for opinion in self.opinions.values()),
            subjects=None,
        )
