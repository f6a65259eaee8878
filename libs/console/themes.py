"""``onething theme``: what the law does to a theme, tried out."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

import catalogue
from console.configuration import CatalogueDirs, configured, log_to_stderr
from console.output import AsJson, Exit, notes, show, table
from eventing.settings import Settings

app = typer.Typer(help="主题演练 · try themes out", no_args_is_help=True)


@app.callback()
def themes() -> None:
    """主题演练 · try themes out."""


@app.command()
def exercise(
    themes: Annotated[
        list[str] | None, typer.Argument(metavar="[THEME]...", help="主题 · themes; none named: all of them")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="RULE", help="只演练这一类 · only this rule; may be repeated"),
    ] = None,
    directories: CatalogueDirs = None,
    as_json: AsJson = False,
) -> None:
    """演练 · every path, refusal and deadline of a theme, made from its file, on a fictional region's release.

    With ONETHING_CLOCK=simulated it is done on the release of the settings, else on a fresh one in a temporary
    directory. Its clock is moved on by weeks and months. It exits with 1 when anything went otherwise than expected.
    """
    settings = configured(catalogue_dirs=directories)
    log_to_stderr(settings, quiet=True)
    county = catalogue.load(settings.region, extra=[Path(each) for each in settings.catalogue_dirs])
    names = [each.upper() for each in themes or sorted(county.themes)]
    if unknown := [each for each in names if each not in county.themes]:
        raise typer.BadParameter(f"没有主题 {unknown[0]} · there is no theme {unknown[0]}; {', '.join(county.themes)}")
    tried = list(_exercised(settings, county, names, tuple(only or ())))
    show([msgspec.to_builtins(each) | {"is_well": each.is_well} for each in tried], as_json=as_json, words=_table)
    if not all(each.is_well for each in tried):
        raise typer.Exit(Exit.REFUSED)


def _exercised(
    settings: Settings, county: catalogue.Catalogue, names: list[str], only: tuple[str, ...]
) -> Iterator[Any]:
    from console.exercise import Ground
    from console.exercise import exercise as try_out
    from console.journey import Time, furnish

    with _release(settings) as client:
        furnish(client, county)
        time = Time(client)
        for name in names:
            for each in try_out(Ground(client, county, county.theme(name), time), only=only):
                mark = "[green]✓[/]" if each.is_well else "[red]✗[/]"
                notes.print(f"{mark} {each.theme} {each.rule} · {each.subject}", soft_wrap=True)
                yield each


@contextmanager
def _release(settings: Settings) -> Iterator[Any]:
    from console.house import entered, started

    with ExitStack() as stack:
        if settings.clock == "simulated":
            yield stack.enter_context(entered(settings)).client
            return
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="onething-exercise-"))
        notes.print(f"在临时目录中演练 on a fresh release in {directory}", soft_wrap=True)
        fresh = Settings(
            data_dir=directory,
            region=settings.region,
            catalogue_dirs=settings.catalogue_dirs,
            clock="simulated",
            rendering="on-demand",
        )
        yield stack.enter_context(started(fresh)).client


def _table(tried: list[dict[str, Any]]) -> None:
    table(
        ("主题 theme", "规则 rule", "对象 subject", "应当 expected", "结果 happened", "秒 s", ""),
        (
            (
                each["theme"], each["rule"], each["subject"], each["expected"], each["happened"],
                f"{each['seconds']:.1f}", "✓" if each["is_well"] else "✗",
            )
            for each in tried
        ),
    )  # fmt: skip
    wrong = sum(not each["is_well"] for each in tried)
    notes.print(f"{len(tried)} 项演练 trials, {wrong} 项不符 not as expected")
