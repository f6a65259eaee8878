"""The case as intake decides it."""

from intake.domain.case import Case, CloseCase, ReopenCase
from intake.domain.form import check_applicant, check_form
from intake.domain.lifecycle import ItemState, Status
from intake.domain.merging import TakeIn
from intake.domain.origins import outline_with
from intake.domain.outline import Outline, outline_of
from intake.domain.terms import Terms
from intake.domain.withdrawal import ConfirmWithdrawal, FailWithdrawal

__all__ = [
    "Case",
    "CloseCase",
    "ConfirmWithdrawal",
    "FailWithdrawal",
    "ItemState",
    "Outline",
    "ReopenCase",
    "Status",
    "TakeIn",
    "Terms",
    "check_applicant",
    "check_form",
    "outline_of",
    "outline_with",
]
