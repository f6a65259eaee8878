"""``onething backup`` and ``onething restore``: all services' databases at one cut through the house, and back again.

A follower must never know more of a log than the log itself. So the databases are not dumped one after the other as
each happens to be: for a moment nobody may record anything anywhere; in that moment every database gives a snapshot,
and the dumps are made from the snapshots while work goes on. What was read before the moment was recorded before it.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Annotated

import msgspec
import sqlalchemy as sa
import typer
from eventlet.green import subprocess
from msgspec import Struct

from console.configuration import DataDir, configured, log_to_stderr
from console.output import AsJson, Exit, notes, show
from console.services import SERVICES
from eventing.errors import Invalid, Unavailable
from eventing.settings import Settings
from eventing.soundness import Ahead, Stand, ahead, gaps, newest_schema, stand
from eventing.store import Store

MANIFEST = "manifest.json"
DATABASE = "{database}"
"""In a line to run, the name of the store's database."""
_CONNECTION = ("HOST", "PORT", "USER", "PASSWORD", "DATABASE")
LOCK_TIMEOUT = "10s"
"""How long the moment is waited for, in each database, before the backup is given up and everybody goes on."""


class Dumped(Struct, frozen=True):
    """One service's part of a backup."""

    file: str
    sha256: str
    bytes: int
    stand: Stand


class Manifest(Struct, frozen=True):
    """What a backup holds."""

    at: datetime
    """The cut: everything recorded before it is in, nothing after it."""
    schema: str
    paused: float
    """Seconds in which nobody could record anything."""
    seconds: float
    services: dict[str, Dumped]


class Restored(Struct, frozen=True):
    """What a restore did, and everything that does not fit."""

    at: datetime
    services: tuple[str, ...]
    facts: int
    seconds: float
    inconsistencies: tuple[str, ...]


Directory = Annotated[Path, typer.Argument(metavar="DIRECTORY", help="备份目录 · the directory of the backup")]


def backup(directory: Directory, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """备份 · dump all services' databases (PostgreSQL) at one instant, while work goes on.

    Not in it, to be kept apart: the contents (documents and materials), the keys, above all VAULT_KEK.
    It wants pg_dump on the PATH, and the role of the tables' owners.
    """
    settings = _cluster(data_dir)
    made = dump_all(settings, directory)
    show(
        made,
        as_json=as_json,
        words=lambda _: notes.print(
            f"[green]✓[/] {directory}: {sum(d.stand.facts for d in made.services.values())} facts, "
            f"{sum(d.bytes for d in made.services.values())} bytes; "
            f"停顿 paused {made.paused:.3f} s, {made.seconds:.1f} s",
            soft_wrap=True,
        ),
    )


def restore(
    directory: Directory,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SERVICE]...", help="服务 · none named: all, and all is what is safe")
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """恢复 · fill empty databases from a backup, look whether everything fits, and tell how long it took.

    Services must not run. It exits with 1 when anything does not fit: then they must not be started.
    """
    settings = _cluster(data_dir)
    done = restore_all(settings, directory, names or ())
    show(done, as_json=as_json, words=_words)
    if done.inconsistencies:
        raise typer.Exit(Exit.REFUSED)


def _cluster(data_dir: Path | None) -> Settings:
    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    if settings.profile == "embedded":
        raise Invalid(what="backup", reason="an embedded house is its data directory: stop it and copy the directory")
    return settings


def _words(done: Restored) -> None:
    for each in done.inconsistencies:
        notes.print(f"[red]✗[/] {each}", soft_wrap=True)
    mark = "[red]✗[/]" if done.inconsistencies else "[green]✓[/]"
    notes.print(
        f"{mark} {len(done.services)} 个数据库 databases, {done.facts} facts 截至 up to {done.at.isoformat()}; "
        f"恢复用时 recovery time {done.seconds:.1f} s",
        soft_wrap=True,
    )


# backup


def dump_all(settings: Settings, directory: Path) -> Manifest:
    """Dumps every service's database at one cut. Raises Unavailable, and Invalid where there is a backup already."""
    program = _program("pg_dump")
    if (directory / MANIFEST).exists():
        raise Invalid(what="backup", directory=str(directory), reason="there is a backup already")
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    began = monotonic()
    with ExitStack() as stack:
        stores = {name: _store(stack, settings, name) for name in SERVICES}
        at, paused, snapshots = _cut(stack, stores)
        services = {}
        for name, (snapshot, found) in snapshots.items():
            file = directory / f"{name}.dump"
            _run([program, "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={file}"], stores[name])
            services[name] = Dumped(file.name, _sha256(file), file.stat().st_size, found)
    made = Manifest(at, newest_schema(), round(paused, 3), round(monotonic() - began, 3), services)
    (directory / MANIFEST).write_bytes(
        msgspec.json.format(msgspec.json.encode(made), indent=1)
    )  # last: then it is whole
    return made


def _cut(stack: ExitStack, stores: dict[str, Store]) -> tuple[datetime, float, dict[str, tuple[str, Stand]]]:
    """When it was, for how long writers waited, and service → (snapshot, where it stands in it).

    Positions and heads are locked in the order in which every transaction takes them, so nobody waits in a circle.
    """
    sessions = {name: stack.enter_context(store.session()) for name, store in stores.items()}
    locks = ExitStack()
    with locks:
        began = monotonic()
        for store in stores.values():
            connection = locks.enter_context(store.session())
            locks.enter_context(store.begun(connection))
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            connection.exec_driver_sql("LOCK TABLE tracking, heads IN SHARE MODE")
        at = datetime.now(UTC)
        names = {name: _snapshot(stack, connection) for name, connection in sessions.items()}
    paused = monotonic() - began
    return at, paused, {name: (names[name], stand(stores[name], sessions[name])) for name in stores}


def _snapshot(stack: ExitStack, connection: sa.Connection) -> str:
    connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    stack.callback(connection.exec_driver_sql, "ROLLBACK")
    return str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())


# restore


def restore_all(settings: Settings, directory: Path, names: Sequence[str] = ()) -> Restored:
    """Fills empty databases. Raises Invalid where one is not empty or a dump is not what was written."""
    program = _program("pg_restore")
    try:
        manifest = msgspec.json.decode((directory / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise Invalid(what="backup", directory=str(directory), reason="there is no whole backup") from error
    wanted = tuple(names or manifest.services)
    if unknown := [name for name in wanted if name not in manifest.services]:
        raise Invalid(what="backup", service=", ".join(unknown), reason="the backup does not have it")
    began = monotonic()
    with ExitStack() as stack:
        stores = {name: _store(stack, settings, name) for name in manifest.services}
        for name in wanted:
            _check_dump(directory, name, manifest.services[name])
            _check_empty(name, stores[name])
        for name in wanted:
            file = directory / manifest.services[name].file
            options = ["--no-owner", "--exit-on-error", "--single-transaction", "--dbname", DATABASE]
            _run([program, *options, str(file)], stores[name])
        stands = {name: stand(store) for name, store in stores.items() if not _is_empty(store)}
    said = [*_differences(manifest, stands, wanted), *map(_said, ahead(stands))]
    if set(wanted) != set(manifest.services):
        said.append("部分恢复 only some services were set back: restore all to the same instant")
    return Restored(
        manifest.at, wanted, sum(stands[name].facts for name in wanted), round(monotonic() - began, 3), tuple(said)
    )


def _differences(manifest: Manifest, stands: dict[str, Stand], wanted: Sequence[str]) -> Iterator[str]:
    for name in wanted:
        if stands[name] != manifest.services[name].stand:
            yield f"{name}: 与备份时不一致 it does not stand where it stood when the backup was made"
        if missing := gaps(stands[name]):
            yield f"{name}: 日志缺 {missing} 条 {missing} facts are missing in its log"


def _said(each: Ahead) -> str:
    return (
        f"{each.follower}: 走在 {each.upstream}/{each.segment:02} 前面 it has followed {each.facts} facts of "
        f"{each.upstream} that {each.upstream} has forgotten ({each.followed} > {each.head})"
    )


def _check_dump(directory: Path, name: str, dumped: Dumped) -> None:
    file = directory / dumped.file
    if not file.is_file() or _sha256(file) != dumped.sha256:
        raise Invalid(what="backup", service=name, reason="the dump is not what was written")


def _check_empty(name: str, store: Store) -> None:
    if not _is_empty(store):
        raise Invalid(what="database", service=name, reason="it is not empty: restore into a fresh database")


def _is_empty(store: Store) -> bool:
    with store.reading() as connection:
        return not sa.inspect(connection).get_table_names()


# PostgreSQL's programs


def _store(stack: ExitStack, settings: Settings, name: str) -> Store:
    store = Store(name, settings.database_url_for(name))
    stack.callback(store.close)
    return store


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Unavailable(what=name, reason="it is not on the PATH (Debian: postgresql-client)")
    return found


def _run(line: list[str], store: Store) -> None:
    """Runs a program of PostgreSQL against a store; the password is in its environment, not in its line."""
    url = sa.make_url(store.url)
    given: dict[str, object] = dict(
        zip(_CONNECTION, (url.host, url.port, url.username, url.password, url.database), strict=True)
    )
    given |= {name.upper(): value for name, value in url.query.items() if name.startswith("ssl")}
    environ = os.environ | {f"PG{name}": str(value) for name, value in given.items() if value}
    typed = [(url.database or "") if each == DATABASE else each for each in line]
    done = subprocess.run(typed, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(what=Path(line[0]).name, service=store.service, error=done.stderr.strip()[-500:])


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
