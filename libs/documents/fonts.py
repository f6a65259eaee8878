"""The Chinese font of documents: redistributable (SIL Open Font License), never part of the project."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.local/share/fonts"),
    Path("~/.fonts"),
)
FILES = (
    "NotoSerifCJK-Regular.ttc",
    "NotoSerifCJKsc-Regular.otf",
    "NotoSerifSC-Regular.otf",
    "NotoSerifSC-Regular.ttf",
    "SourceHanSerifSC-Regular.otf",
)
FAMILIES = ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC")
"""The same design under its three names; documents are set in the first that is there."""


class FontMissing(Exception):
    """No Chinese font is installed."""

    def __str__(self) -> str:
        return (
            "no Chinese serif font found. Install the system's package (Debian, Ubuntu: fonts-noto-cjk);"
            " without root: pip install --no-deps mplfonts; or put NotoSerifSC-Regular.otf"
            " into ~/.local/share/fonts"
        )


def find_font(folders: Iterable[Path] | None = None) -> Path:
    """The font file: of the system, of the user, or of the Python package mplfonts, in that order.

    Raises:
        FontMissing: with what to install.
    """
    for folder in _usual() if folders is None else folders:
        found = {path.name: path for path in folder.rglob("*Serif*")}
        for name in FILES:
            if name in found:
                return found[name]
    raise FontMissing


def _usual() -> list[Path]:
    folders = [folder.expanduser() for folder in FOLDERS]
    if package := find_spec("mplfonts"):  # looked up, not imported: it would load matplotlib
        folders += [Path(place) / "fonts" for place in package.submodule_search_locations or ()]
    return folders
