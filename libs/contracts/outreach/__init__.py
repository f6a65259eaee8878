"""主动服务: consultations, ratings with what follows from bad ones, and places whose codes open a theme's guide."""

from contracts.outreach.consultations import *  # noqa: F403
from contracts.outreach.places import *  # noqa: F403
from contracts.outreach.ratings import *  # noqa: F403
from contracts.outreach.values import *  # noqa: F403
