"""What insight itself records: numbers that others report, targets, improvements, histories of other systems."""

from insight.domain.history import Import, ImportedCase, Quarantine
from insight.domain.improvement import Improvement
from insight.domain.report import Report
from insight.domain.target import Target

__all__ = ["Import", "ImportedCase", "Improvement", "Quarantine", "Report", "Target"]
