"""授权委托: who may receive, accept, review, decide or issue which item, where, in whose name, and until when; which
agent may act for an applicant; and what staff are qualified in."""

from contracts.delegation.authority import *  # noqa: F403
from contracts.delegation.grants import *  # noqa: F403
from contracts.delegation.mandates import *  # noqa: F403
from contracts.delegation.qualifications import *  # noqa: F403
