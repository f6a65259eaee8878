"""One file that carries a whole catalogue from one environment to another."""

from pathlib import Path

import msgspec
import yaml

from catalogue.errors import DamagedDocument
from catalogue.model import Catalogue

FORMAT = "onething.catalogue/1"
YAML = {".yaml", ".yml"}


class Bundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of the file; the version inside the catalogue proves that it arrived whole."""

    format: str
    catalogue: msgspec.Raw


def export(catalogue: Catalogue, path: Path) -> None:
    """Write the catalogue to one file: YAML if its name ends so, else JSON."""
    bundle = msgspec.json.encode(Bundle(FORMAT, msgspec.Raw(catalogue.document())))
    if path.suffix in YAML:
        readable = yaml.safe_dump(msgspec.json.decode(bundle), allow_unicode=True, sort_keys=False, width=120)
        path.write_text(readable, "utf-8")
    else:
        path.write_bytes(msgspec.json.format(bundle, indent=2))


def import_bundle(path: Path) -> Catalogue:
    """Read such a file; raises DamagedDocument when it is no bundle or its content is not what it claims."""
    content = path.read_bytes()
    try:
        if path.suffix in YAML:
            content = msgspec.json.encode(yaml.safe_load(content))
        bundle = msgspec.json.decode(content, type=Bundle)
    except (yaml.YAMLError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DamagedDocument(FORMAT, str(error)) from error
    if bundle.format != FORMAT:
        raise DamagedDocument(FORMAT, bundle.format)
    return Catalogue.from_document(bytes(bundle.catalogue))
