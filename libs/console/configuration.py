"""Settings from the environment and from options, and where a command's log goes."""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any, TextIO

import structlog
import typer

from eventing.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="数据目录（嵌入式） · where the embedded profile keeps everything", show_default=".onething"),
]
CatalogueDirs = Annotated[
    list[Path] | None,
    typer.Option(
        "--catalogue",
        help="叠加的目录数据 · a directory with catalogue layers laid over those that are shipped; may be repeated",
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


def log_to(stream: TextIO, settings: Settings, *, quiet: bool = False) -> None:
    """Logs of this process go to a stream and never among the output; ``quiet`` keeps errors only."""
    level = logging.ERROR if quiet else logging.getLevelNamesMapping()[settings.log_level.upper()]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    # the libraries below us write by the standard library
    logging.basicConfig(stream=stream, level=max(level, logging.WARNING), format="%(name)s: %(message)s", force=True)


def log_to_stderr(settings: Settings, *, quiet: bool = False) -> None:
    """Logs go to standard error."""
    log_to(sys.stderr, settings, quiet=quiet)
