"""The case as intake decides it."""

from intake.domain.case import Case, CloseCase
from intake.domain.form import check_applicant, check_form
from intake.domain.lifecycle import ItemState, Status
from intake.domain.notice import Notice
from intake.domain.outline import Outline, outline_of

__all__ = [
    "Case",
    "CloseCase",
    "ItemState",
    "Notice",
    "Outline",
    "Status",
    "check_applicant",
    "check_form",
    "outline_of",
]
