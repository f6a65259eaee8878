"""The catalogue: themes and items as versioned data, and the pure rules that read it.

It tells what a case of a theme consists of (`Theme.select`) and why (`explain`), where it enters
(`entry_points_for`), when an item may start (`join`), within which limits (`limits_of`), who decides it
(`Catalogue.handler`), how long its record is kept (`retention_of`), whether the data is sound (`check`) and
what of it is still open (`open_marks`). It knows no services and no people.

    >>> from catalogue import load
    >>> restaurant = load("990102").theme("CY")
    >>> [item.id for item in restaurant.items][:3]
    ['CY01', 'CY02', 'CY03']
"""

from catalogue.bundles import export, import_bundle
from catalogue.changes import Change, diff
from catalogue.checks import check
from catalogue.entrances import Entrance, entry_points_for
from catalogue.errors import (
    CatalogueError,
    DamagedDocument,
    InvalidCatalogue,
    NoHandler,
    NotSelectable,
    UnansweredQuestions,
    UnknownAnswer,
    UnknownItem,
    UnknownName,
    UnknownRegion,
    UnknownTheme,
)
from catalogue.explanation import explain
from catalogue.joins import Join, Progress, join
from catalogue.layers import load
from catalogue.limits import Limits, limits_of, prolongation_of
from catalogue.marks import Mark, open_marks
from catalogue.model import (
    Catalogue,
    CertificateKind,
    Dependency,
    EntryPoint,
    Field,
    Item,
    ItemType,
    Level,
    LinkTime,
    Material,
    Option,
    Organisation,
    Output,
    Pilot,
    Question,
    Role,
    Source,
    Theme,
    Tolerance,
    Trigger,
)
from catalogue.paths import CriticalPath, critical_path
from catalogue.references import Finding
from catalogue.retention import Term, retention_of, term
from catalogue.rules import Limit, Retention, Rules
from catalogue.selection import NeededMaterial, Selection, Standing

__all__ = [
    "Catalogue",
    "CatalogueError",
    "CertificateKind",
    "Change",
    "CriticalPath",
    "DamagedDocument",
    "Dependency",
    "Entrance",
    "EntryPoint",
    "Field",
    "Finding",
    "InvalidCatalogue",
    "Item",
    "ItemType",
    "Join",
    "Level",
    "Limit",
    "Limits",
    "LinkTime",
    "Mark",
    "Material",
    "NeededMaterial",
    "NoHandler",
    "NotSelectable",
    "Option",
    "Organisation",
    "Output",
    "Pilot",
    "Progress",
    "Question",
    "Retention",
    "Role",
    "Rules",
    "Selection",
    "Source",
    "Standing",
    "Term",
    "Theme",
    "Tolerance",
    "Trigger",
    "UnansweredQuestions",
    "UnknownAnswer",
    "UnknownItem",
    "UnknownName",
    "UnknownRegion",
    "UnknownTheme",
    "check",
    "critical_path",
    "diff",
    "entry_points_for",
    "explain",
    "export",
    "import_bundle",
    "join",
    "limits_of",
    "load",
    "open_marks",
    "prolongation_of",
    "retention_of",
    "term",
]
