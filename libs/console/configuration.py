"""Settings from the environment and from options, and where a command's log goes."""

import os
import sys
from pathlib import Path
from typing import Annotated, TextIO

import typer

from eventing.settings import Settings
from telemetry import logs

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="数据目录（嵌入式） · where the embedded profile keeps everything",
        show_default=".onething",
    ),
]
CatalogueDirs = Annotated[
    list[Path] | None,
    typer.Option(
        "--catalogue",
        help="叠加的目录数据 · a directory with layers to lay over those that are shipped; may be repeated",
        exists=True,
        file_okay=False,
    ),
]


def configured(
    *,
    profile: str = "",
    data_dir: Path | None = None,
    catalogue_dirs: list[Path] | None = None,
    **more: str,
) -> Settings:
    """The settings of the environment, with options laid over them; ``more`` are environment variables.

    Raises ConfigurationErrors with everything that is wrong.
    """
    environ = dict(os.environ)
    if profile:
        environ["ONETHING_PROFILE"] = profile
    if data_dir is not None:
        environ["ONETHING_DATA_DIR"] = str(data_dir)
    if catalogue_dirs:
        environ["ONETHING_CATALOGUE_DIRS"] = os.pathsep.join(str(each.absolute()) for each in catalogue_dirs)
    return Settings.load(environ | more)


def log_to(stream: TextIO, settings: Settings, *, quiet: bool = False, service: str = "") -> None:
    """Logs of this process go to a stream, never among the output; ``quiet`` keeps errors only."""
    logs.configure(
        stream,
        level="error" if quiet else settings.log_level,
        form=settings.log_format or "console",
        service=service,
        replica=settings.replica,
    )


def log_to_stderr(settings: Settings, *, quiet: bool = False, service: str = "") -> None:
    """Logs go to standard error."""
    log_to(sys.stderr, settings, quiet=quiet, service=service)
