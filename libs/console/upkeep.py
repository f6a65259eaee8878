"""``onething rebuild`` and ``onething segments``: work on a service's own database while the service runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from console.configuration import DataDir, configured, log_to_stderr
from console.output import AsJson, Exit, notes, show, table
from console.services import SERVICES, service
from eventing.errors import Unavailable
from eventing.rebuilding import Rebuilt, projections, rebuild
from eventing.segments import Holdings, holdings
from eventing.segments import move as move_segment
from eventing.settings import Settings
from eventing.store import Store

segments_app = typer.Typer(help="日志分段 · segments of the logs: who works on which, and handing one over")


def known(name: str) -> str:
    """The name of a service. Raises typer.BadParameter when there is none of that name."""
    if name not in SERVICES:
        raise typer.BadParameter(f"没有服务 {name} · there is no service {name}; there are {', '.join(SERVICES)}")
    return name


@contextmanager
def opened(settings: Settings, name: str) -> Iterator[Store]:
    """A service's store. Raises Unavailable where an embedded one was never made."""
    url = settings.database_url_for(name)
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        raise Unavailable(service=name, what="database", reason="there is none yet")
    store = Store(name, url)
    try:
        yield store
    finally:
        store.close()


# read models


def rebuild_projection(
    projection: Annotated[
        str, typer.Argument(metavar="[PROJECTION]", help="读模型 · SERVICE/NAME, a service for all of its, or all")
    ] = "",
    check: Annotated[bool, typer.Option("--check", help="只比较不修复 · compare only, change nothing")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """重建读模型 · make read models anew from the log while everything goes on, and put right what differs.

    Without PROJECTION it names those that there are. It connects as prepare does. With --check it exits with 1 when a
    live table differs.
    """
    named = {f"{name}/{each}": name for name in SERVICES for each in projections(service(name))}
    if not projection:
        show(list(named), as_json=as_json, words=lambda names: notes.print("\n".join(names)))
        return
    wanted = [
        place for place, name in named.items() if projection in {"all", name, place, place.partition("/")[2]}
    ]  # fmt: skip
    if not wanted:
        raise typer.BadParameter(f"没有读模型 {projection} · no projection {projection}; without one all are named")
    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    found = [_rebuilt(settings, *place.split("/"), mend=not check) for place in wanted]
    show(found, as_json=as_json, words=_rebuilt_table)
    if check and not all(each.equal for each in found):
        raise typer.Exit(Exit.REFUSED)


def _rebuilt(settings: Settings, name: str, projection: str, *, mend: bool) -> Rebuilt:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with opened(settings, name) as store, Progress(*columns, console=notes, transient=True) as bar:
        task = bar.add_task(f"{name}/{projection}", total=None)
        return rebuild(
            service(name),
            store,
            projection,
            mend=mend,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _rebuilt_table(found: list[Rebuilt]) -> None:
    table(
        ("", "读模型 projection", "流 streams", "行 rows", "有误 wrong", "多余 surplus", "秒 seconds", "等待 wait"),
        (
            (
                "[green]✓[/]" if each.equal else "[red]≠[/]",
                f"{each.service}/{each.projection}",
                each.streams,
                each.rows,
                each.wrong,
                each.surplus,
                f"{each.seconds:.2f}",
                f"{each.waited:.3f} s",
            )
            for each in found
        ),
    )


# the vault's keys


class Rewrapped(Struct, frozen=True):
    """What was wrapped anew, and what wraps the case keys now."""

    rewrapped: int
    kek: str
    """The name of the key that wraps, which tells nothing about it."""
    wrapped_by: dict[str, int]
    """How many case keys each wrapping key wraps. One that VAULT_KEK names beside these is not needed any more."""


def rewrap_keys(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """换封 · wrap every case key anew with the first key of VAULT_KEK, while vault goes on.

    It wants VAULT_KEK and the database of vault. It changes no case key, and destroyed ones stay destroyed.
    """
    from vault.rewrapping import rewrap, wrapped_by
    from vault.wrapping import Wrapping

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    wrapping = Wrapping(*settings.keks())
    with opened(settings, "vault") as store:
        done = Rewrapped(sum(rewrap(store, wrapping)), wrapping.kek, dict(wrapped_by(store)))
    show(
        done,
        as_json=as_json,
        words=lambda _: notes.print(
            f"[green]✓[/] {done.rewrapped} 个案件密钥换封 case keys wrapped anew; KEK {done.kek} 现封 now wraps "
            f"{done.wrapped_by.get(done.kek, 0)}",
            soft_wrap=True,
        ),
    )


# segments


class Segment(Struct, frozen=True):
    """One segment of one service."""

    service: str
    segment: int
    owner: str
    lease_seconds: float
    head: int
    """The position of the last fact."""


@segments_app.command("list")
def listed(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SERVICE]...", help="服务 · none named: all")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """列出 · who works on which segments, for how long yet, and how long the log is. 1 when nobody works on one."""
    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    found: list[Segment] = []
    for name in [known(each) for each in names or SERVICES]:
        with opened(settings, name) as store:
            found += _segments(name, holdings(store), store.heads())
    show(found, as_json=as_json, words=_segments_table)
    if not all(each.owner for each in found):
        raise typer.Exit(Exit.REFUSED)


def _segments(name: str, held: Holdings, heads: dict[int, int]) -> list[Segment]:
    return [
        Segment(name, lease.segment, lease.owner, round(lease.seconds, 1), heads.get(lease.segment, 0))
        for lease in held.leases
    ]


def _segments_table(found: list[Segment]) -> None:
    grouped: dict[tuple[str, str], list[Segment]] = {}
    for each in found:
        grouped.setdefault((each.service, each.owner), []).append(each)
    table(
        ("服务 service", "副本 replica", "分段 segments", "租约 lease", "日志 facts"),
        (
            (
                f"{SERVICES[name].title} {name}",
                owner or "[red]无 nobody[/]",
                " ".join(f"{each.segment:02}" for each in some),
                f"{min(each.lease_seconds for each in some):.1f} s" if owner else "",
                sum(each.head for each in some),
            )
            for (name, owner), some in grouped.items()
        ),
    )


@segments_app.command("move")
def move(
    name: Annotated[str, typer.Argument(metavar="SERVICE", callback=known, help="服务 · the service")],
    segment: Annotated[int, typer.Argument(help="分段 · 0 to 15")],
    to: Annotated[str, typer.Option("--to", metavar="REPLICA", help="副本 · a replica that lives")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """移交 · give a segment to another replica; one that has its share gives one of its own in exchange.

    Both take up what they were given with their next heartbeat. Shares stay even: to take everything from a replica,
    stop it.
    """
    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    with opened(settings, name) as store:
        back = move_segment(store, segment, to)
    done = {"service": name, "segment": segment, "to": to, "in_exchange": back}
    said = f"[green]✓[/] {name} {segment:02} → {to}" + ("" if back is None else f", {back:02} ←")
    show(done, as_json=as_json, words=lambda _: notes.print(said))
