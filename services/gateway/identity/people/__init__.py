"""The people whom the development issuer knows, from a file that the county's loader reads, too."""

from functools import cache
from pathlib import Path

import msgspec
import yaml
from msgspec import Struct

SHIPPED = Path(__file__).parent


class Resident(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of the fictional county, who works there or comes with something to be done."""

    id: str
    name: str
    name_en: str
    org: str = ""
    hall: str = ""
    window: str = ""
    halls: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    """``hall/window`` for each at which somebody may work, where it is not the one."""
    roles: tuple[str, ...] = ()
    identifier: str = ""

    @property
    def all_halls(self) -> tuple[str, ...]:
        """Every hall that somebody belongs to."""
        return tuple(dict.fromkeys(each for each in (self.hall, *self.halls) if each))

    @property
    def all_windows(self) -> tuple[str, ...]:
        """``hall/window`` for every window at which somebody may work."""
        return self.windows or ((f"{self.hall}/{self.window}",) if self.window else ())


class People(Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    region: str
    staff: tuple[Resident, ...] = ()
    departments: tuple[str, ...] = ()
    posts: tuple[Resident, ...] = ()
    """What there is in every department; ``{org}`` is the department."""
    applicants: tuple[Resident, ...] = ()

    def everybody(self) -> dict[str, Resident]:
        """All of them by id."""
        posts = (_posted(post, org) for org in self.departments for post in self.posts)
        visitors = (msgspec.structs.replace(each, roles=("applicant",)) for each in self.applicants)
        return {each.id: each for each in (*self.staff, *posts, *visitors)}


def _posted(post: Resident, org: str) -> Resident:
    id, name, name_en = (text.format(org=org) for text in (post.id, post.name, post.name_en))
    return msgspec.structs.replace(post, id=id, name=name, name_en=name_en, org=org)


@cache
def people(region: str, file: str = "") -> People:
    """Those of a file, or of a region; raises FileNotFoundError where nobody is known."""
    read = (Path(file) if file else SHIPPED / f"{region}.yaml").read_text("utf-8")
    return msgspec.convert(yaml.safe_load(read), People, strict=False)
