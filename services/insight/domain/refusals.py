"""What insight refuses (``contracts/messages/insight.yaml``)."""

from eventing.errors import Invalid, Refused


class SourceMissing(Invalid):
    """A number that is reported has a source."""


class PeriodReversed(Invalid):
    """A period ends before it begins."""


class NumberNegative(Invalid):
    """Nothing is counted below zero."""


class NothingReadable(Invalid):
    """No row of the file could be taken in."""


class FigureUnknown(Invalid):
    """There is no such indicator, or it has no such figure."""


class NothingSaid(Invalid):
    """It was not said why, or what was changed."""


class ReportDiffers(Refused):
    """The id belongs to another report."""


class ImprovementDiffers(Refused):
    """The id belongs to another improvement."""


class ImportDiffers(Refused):
    """The id belongs to another import."""


class ImportedCaseDiffers(Refused):
    """The case is known by another name, or with another theme."""


class PersonNamed(Invalid):
    """Personal data stands in what was to be imported."""
