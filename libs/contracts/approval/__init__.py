"""审批汇聚: one review per item with its two clocks, joined into the bundle's verdict."""

from contracts.approval.answers import *  # noqa: F403
from contracts.approval.bundle import *  # noqa: F403
from contracts.approval.changes import *  # noqa: F403
from contracts.approval.clocks import *  # noqa: F403
from contracts.approval.decisions import *  # noqa: F403
from contracts.approval.desks import *  # noqa: F403
from contracts.approval.hearings import *  # noqa: F403
from contracts.approval.opinions import *  # noqa: F403
from contracts.approval.values import *  # noqa: F403
from contracts.approval.verification import *  # noqa: F403
from contracts.approval.visits import *  # noqa: F403
