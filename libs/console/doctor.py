"""``onething doctor``: what is wrong with an installation, in plain words, and what to do about it."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import eventlet
import msgspec
import typer
from msgspec import Struct

from console.configuration import DataDir, configured, log_to_stderr
from console.house import calling
from console.output import AsJson, Exit, screen, show
from console.services import SERVICES, service
from console.standing import standing
from console.upkeep import opened
from contracts.language import Caller
from eventing.client import Client
from eventing.errors import OneThingError, Unavailable
from eventing.segments import Holdings, database_now, holdings
from eventing.settings import ConfigurationErrors, Settings, without_password
from eventing.signing import Signer
from eventing.soundness import Stand, ahead, gaps, newest_schema, schema, stand
from eventing.store import Store
from eventing.tables import microseconds

State = Literal["ok", "warning", "bad", "unavailable"]
MARKS: dict[State, str] = {
    "ok": "[green]✓[/]",
    "warning": "[yellow]![/]",
    "bad": "[red]✗[/]",
    "unavailable": "[red]?[/]",
}

SKEW = 2.0
"""Seconds that clocks may differ before it is told: acts are dated by the machine, leases go by the database."""
WORST_SKEW = 30.0
"""Seconds beyond which legal instants would be wrong."""
LAG = 1000
"""Facts that a follower may be behind before it is told."""
RESTORE = "docs/how-to/restore.md"
OPERATOR = Caller(by="operator", roles=("operator",))


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    check: str
    subject: str
    state: State
    zh: str
    en: str
    do: str = ""
    """What to type or to read, where something is to be done."""


def doctor(
    offline: Annotated[
        bool, typer.Option("--offline", help="不询问各服务 · look at databases and keys alone, as after a restore")
    ] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """体检 · look at configuration, keys, broker, databases, versions, clocks, the logs, segments and parked cases.

    It changes nothing. It exits with 0 when nothing is bad, else with 1; with 3 when something could not be reached;
    with 4 when the configuration is wrong.
    """
    try:
        settings = configured(data_dir=data_dir)
    except ConfigurationErrors as errors:
        found = [
            Finding("configuration", each.setting, "bad", f"{each.setting} 配置有误", each.problem, f"{each.example}")
            for each in errors.errors
        ]
        show(found, as_json=as_json, words=_words)
        raise typer.Exit(Exit.CONFIGURATION) from errors
    log_to_stderr(settings, quiet=True)
    found = list(examined(settings, offline=offline))
    show(found, as_json=as_json, words=_words)
    states = {each.state for each in found}
    if "unavailable" in states:
        raise typer.Exit(Exit.UNAVAILABLE)
    if "bad" in states:
        raise typer.Exit(Exit.REFUSED)


def examined(settings: Settings, *, offline: bool = False) -> Iterator[Finding]:
    """Everything that is looked at, in the order in which one thing needs another."""
    yield Finding("configuration", settings.profile, "ok", "配置可读", "the configuration can be read")
    yield from _keys(settings)
    stands: dict[str, Stand] = {}
    for name in SERVICES:
        yield from _database(settings, name, stands)
    yield from _logs(settings, stands)
    if offline or settings.profile == "embedded":
        return
    yield from _services(settings)


def _keys(settings: Settings) -> Iterator[Finding]:
    for what, key, path in (
        ("secret key", settings.index_key, settings.secret_key_file),
        ("signing key", settings.context_keys, settings.signing_key_file),
        ("head key", settings.head_keys, settings.head_key_file),
        ("vault kek", settings.keks, settings.vault_kek.removeprefix("file:")),
    ):
        if not path and what in {"signing key", "head key"}:
            continue
        if settings.profile == "embedded" and not Path(path).exists():
            yield Finding("keys", what, "ok", "首次启动时生成", "made at the first start")
            continue
        if what == "vault kek" and not settings.vault_kek:
            yield Finding("keys", what, "warning", "此处未配置", "not configured here; vault alone needs it")
            continue
        try:
            key()
        except ConfigurationErrors as errors:
            problem = "; ".join(each.problem for each in errors.errors)
            yield Finding("keys", what, "bad", "密钥不可用", problem, "docs/how-to/run-on-a-cluster.md")
            continue
        mode = Path(path).stat().st_mode & 0o077 if Path(path).is_file() else 0
        if mode & 0o007:
            yield Finding(
                "keys", what, "warning", "任何人可读", "everybody on this machine can read it", f"chmod o= {path}"
            )
        else:
            yield Finding("keys", what, "ok", "密钥可用", "it can be used")


def _database(settings: Settings, name: str, stands: dict[str, Stand]) -> Iterator[Finding]:
    try:
        with opened(settings, name) as store:
            revision, missing = schema(service(name), store)
            yield _schema(name, revision, missing)
            if not revision:
                return
            stands[name] = stand(store)
            yield _clock(name, store)
            yield from _segments(settings, name, store)
            if name == "vault" and settings.vault_kek:
                yield _opens(settings, store)
    except OneThingError as error:
        reason = without_password(str(error.data.get("error") or error.data.get("reason") or error.code))
        fresh = settings.profile == "embedded"
        yield Finding(
            "database",
            name,
            "warning" if fresh else "unavailable",
            "数据库不可用" if not fresh else "尚无数据库",
            reason.strip().partition("\n")[0],
            "onething up" if fresh else "DATABASE_URL",
        )


def _schema(name: str, revision: str, missing: list[str]) -> Finding:
    newest = newest_schema()
    if not revision:
        return Finding("schema", name, "bad", "尚未准备", "there are no tables", f"onething prepare {name}")
    if revision < newest or missing:
        en = f"it is {revision}, this release wants {newest}" + (f"; without {', '.join(missing)}" if missing else "")
        return Finding("schema", name, "bad", "结构过旧", en, f"onething prepare {name}")
    if revision > newest:
        en = f"it is {revision}, newer than this release ({newest}), which goes on working beside it"
        return Finding("schema", name, "warning", "结构较新", en)
    return Finding("schema", name, "ok", "结构正确", revision)


def _clock(name: str, store: Store) -> Finding:
    with store.reading() as connection:
        before = microseconds(datetime.now(UTC))
        there = database_now(store, connection)
        after = microseconds(datetime.now(UTC))
    skew = (there - min(max(there, before), after)) / 1_000_000  # how long the answer took is nobody's clock
    state: State = "bad" if abs(skew) > WORST_SKEW else "warning" if abs(skew) > SKEW else "ok"
    return Finding(
        "clock",
        name,
        state,
        "数据库时钟",
        f"the database's clock differs by {skew:+.1f} s",
        "" if state == "ok" else "NTP",
    )


def _segments(settings: Settings, name: str, store: Store) -> Iterator[Finding]:
    held = holdings(store)
    nobody = _unheld(held)
    if nobody and held.replicas:
        # while replicas come and go, others take up what is free with their next heartbeat
        eventlet.sleep(settings.lease_seconds / 2)
        held = holdings(store)
        nobody = [segment for segment in _unheld(held) if segment in nobody]
    if nobody:
        # a service that does not run is nobody's fault here: that it does not answer is told elsewhere
        state: State = "bad" if held.replicas else "warning"
        en = f"nobody works on {len(nobody)} of {len(held.leases)}"
        yield Finding("segments", name, state, "分段无人处理", en, f"onething segments list {name}")
    else:
        yield Finding("segments", name, "ok", "分段均有副本", f"{len(held.replicas)} replicas share them")


def _unheld(held: Holdings) -> list[int]:
    return [lease.segment for lease in held.leases if not lease.owner]


def _opens(settings: Settings, store: Store) -> Finding:
    """Whether the wrapping keys are those that the kept keys were wrapped with, and whether one could go."""
    from vault.rewrapping import opens, wrapped_by
    from vault.wrapping import Wrapping

    try:
        wrapping = Wrapping(*settings.keks())
    except ConfigurationErrors:
        return Finding("keys", "vault", "bad", "KEK 不可用", "VAULT_KEK leads to no key", RESTORE)
    if not opens(store, wrapping):
        en = "VAULT_KEK does not open the case keys of this database"
        return Finding("keys", "vault", "bad", "KEK 打不开案件密钥", en, RESTORE)
    wrapped = wrapped_by(store)
    if old := wrapped.total() - wrapped[wrapping.kek]:
        en = f"{old} case keys are wrapped by an older VAULT_KEK"
        return Finding("keys", "vault", "warning", "旧 KEK 仍在使用", en, "onething rewrap")
    return Finding("keys", "vault", "ok", "案件密钥可打开", "the case keys can be opened")


def _logs(settings: Settings, stands: dict[str, Stand]) -> Iterator[Finding]:
    later = dict(_again(settings, stands))
    # nobody is ahead of a log that was looked at after him, and nobody behind one because of what came since
    grown = {name: msgspec.structs.replace(stands[name], heads=found.heads) for name, found in later.items()}
    for each in ahead(grown):
        yield Finding(
            "log",
            each.follower,
            "bad",
            f"走在 {each.upstream} 的日志前面",
            f"it has followed segment {each.segment:02} of {each.upstream} to {each.followed}, and the log ends at "
            f"{each.head}: {each.facts} facts were forgotten, and as many new ones would be passed over",
            RESTORE,
        )
    for name, found in stands.items():
        if missing := gaps(found):
            yield Finding("log", name, "bad", "日志不完整", f"{missing} facts are missing", RESTORE)
        behind = {
            upstream: sum(
                max(head - later[name].positions.get(upstream, {}).get(segment, 0), 0)
                for segment, head in stands[upstream].heads.items()
            )
            for upstream in service(name).upstreams()
            if upstream in stands and name in later
        }
        lag = sum(behind.values())
        state: State = "warning" if lag > LAG else "ok"
        yield Finding(
            "lag",
            name,
            state,
            f"落后 {lag}",
            f"{lag} facts are not followed yet",
            "" if state == "ok" else "onething status",
        )
        if found.parked:
            en = f"{found.parked} cases are parked"
            yield Finding("parked", name, "bad", f"暂停 {found.parked} 件", en, "onething parked list")


def _again(settings: Settings, stands: dict[str, Stand]) -> Iterator[tuple[str, Stand]]:
    """Where they stand once all were looked at."""
    for name in stands:
        with suppress(Unavailable), opened(settings, name) as store:
            yield name, stand(store)


def _services(settings: Settings) -> Iterator[Finding]:
    try:
        with eventlet.Timeout(15, Unavailable(what="broker")), calling(settings) as calls:
            client = Client(calls, OPERATOR, signer=Signer(*settings.context_keys()))
            found: list[dict[str, Any]] = standing(client, tuple(SERVICES))
    except (OneThingError, OSError) as error:
        reason = without_password(str(error)) or type(error).__name__
        yield Finding("broker", "", "unavailable", "消息代理不可用", reason, "AMQP_URI")
        return
    if all("error" in each for each in found):
        yield Finding("broker", "", "unavailable", "无人应答", "no service answers over it", "AMQP_URI, onething run")
        return
    yield Finding("broker", "", "ok", "消息代理可用", "services answer over it")
    for each in found:
        name = each["service"]
        if "error" in each:
            yield Finding("service", name, "unavailable", "无应答", "it does not answer", f"onething run {name}")
        else:
            yield Finding("service", name, "ok", "应答", f"replica {each['replica']} answers")


def _words(found: list[Finding]) -> None:
    for each in found:
        do = f"  → {each.do}" if each.do and each.state != "ok" else ""
        screen.print(f"{MARKS[each.state]} {each.check} {each.subject}: {each.zh} · {each.en}{do}", soft_wrap=True)
    bad = sum(each.state in {"bad", "unavailable"} for each in found)
    screen.print(f"{bad} 项有问题 · {bad} of {len(found)} are bad" if bad else f"{len(found)} 项均可 · nothing is bad")
