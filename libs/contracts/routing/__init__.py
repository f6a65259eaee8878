"""材料流转: which material goes to whom, whose hands it is in, and what travels together."""

from contracts.routing.answers import *  # noqa: F403
from contracts.routing.ledger import *  # noqa: F403
from contracts.routing.originals import *  # noqa: F403
from contracts.routing.packets import *  # noqa: F403
from contracts.routing.trips import *  # noqa: F403
from contracts.routing.values import *  # noqa: F403
