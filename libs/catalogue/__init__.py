"""The catalogue: themes and items as versioned data, and the pure rules that read it.

It tells what a case of a theme consists of (`Theme.select`), when an item may start (`joins.join`), who
decides it (`Catalogue.handler`) and whether the data is sound (`check`). It knows no services and no people.

    >>> from catalogue import load
    >>> restaurant = load("990102").theme("CY")
    >>> [item.id for item in restaurant.items][:3]
    ['CY01', 'CY02', 'CY03']
"""

from catalogue.bundles import export, import_bundle
from catalogue.changes import Change, diff
from catalogue.checks import check
from catalogue.errors import (
    CatalogueError,
    DamagedDocument,
    InvalidCatalogue,
    NoHandler,
    NotSelectable,
    UnansweredQuestions,
    UnknownAnswer,
    UnknownItem,
    UnknownRegion,
    UnknownTheme,
)
from catalogue.joins import Join, Progress, join
from catalogue.layers import load
from catalogue.model import (
    Catalogue,
    CertificateKind,
    Dependency,
    EntryPoint,
    Field,
    Item,
    ItemType,
    Level,
    Limit,
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
from catalogue.selection import NeededMaterial, Selection, Standing

__all__ = [
    "Catalogue",
    "CatalogueError",
    "CertificateKind",
    "Change",
    "CriticalPath",
    "DamagedDocument",
    "Dependency",
    "EntryPoint",
    "Field",
    "Finding",
    "InvalidCatalogue",
    "Item",
    "ItemType",
    "Join",
    "Level",
    "Limit",
    "LinkTime",
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
    "Role",
    "Selection",
    "Source",
    "Standing",
    "Theme",
    "Tolerance",
    "Trigger",
    "UnansweredQuestions",
    "UnknownAnswer",
    "UnknownItem",
    "UnknownRegion",
    "UnknownTheme",
    "check",
    "critical_path",
    "diff",
    "export",
    "import_bundle",
    "join",
    "load",
]
