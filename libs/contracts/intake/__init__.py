"""受理: opening a theme case, its form and materials, and the acceptance of its items."""

from contracts.intake.acceptance import *  # noqa: F403
from contracts.intake.answers import *  # noqa: F403
from contracts.intake.ending import *  # noqa: F403
from contracts.intake.filing import *  # noqa: F403
from contracts.intake.notices import *  # noqa: F403
from contracts.intake.opening import *  # noqa: F403
from contracts.intake.reading import *  # noqa: F403
from contracts.intake.values import *  # noqa: F403
