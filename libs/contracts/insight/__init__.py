"""运行分析: indicators and the facts that they count; numbers that others report; targets and improvements; histories
of other systems."""

from contracts.insight.analyses import *  # noqa: F403
from contracts.insight.histories import *  # noqa: F403
from contracts.insight.improvements import *  # noqa: F403
from contracts.insight.numbers import *  # noqa: F403
from contracts.insight.reports import *  # noqa: F403
