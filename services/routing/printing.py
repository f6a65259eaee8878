"""The manifest as a text to print and sign (``manifest.zh.jinja``): data of the release, read once."""

from pathlib import Path

import jinja2

from catalogue.model import Catalogue
from kernel.clock import CHINA_STANDARD_TIME
from routing.domain import Trip

TEMPLATE = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # noqa: S701 - plain text; whoever shows it as HTML escapes it there
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("manifest.zh.jinja")


def printed(trip: Trip, catalogue: Catalogue) -> str:
    """The text of a trip's manifest, with names where the catalogue knows them and the signatures that are given."""
    names = {id_: organisation.name for id_, organisation in catalogue.organisations.items()}
    names |= {item.id: item.name for theme in catalogue.themes.values() for item in theme.items}

    def when(instant: object) -> str:
        return f"{instant.astimezone(CHINA_STANDARD_TIME):%Y-%m-%d %H:%M}" if hasattr(instant, "astimezone") else ""

    return TEMPLATE.render(trip=trip, manifest=trip.manifest(), names=names, when=when)
