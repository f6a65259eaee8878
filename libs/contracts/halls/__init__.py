"""大厅窗口: the 1+N tree of halls, what each window can do now, who waits where, and how halls work on one case."""

from contracts.halls.acceptance import *  # noqa: F403
from contracts.halls.appointments import *  # noqa: F403
from contracts.halls.arrangement import *  # noqa: F403
from contracts.halls.boards import *  # noqa: F403
from contracts.halls.cases import *  # noqa: F403
from contracts.halls.hours import *  # noqa: F403
from contracts.halls.queues import *  # noqa: F403
from contracts.halls.residency import *  # noqa: F403
from contracts.halls.screens import *  # noqa: F403
from contracts.halls.tickets import *  # noqa: F403
from contracts.halls.tree import *  # noqa: F403
from contracts.halls.values import *  # noqa: F403
from contracts.halls.windows import *  # noqa: F403
