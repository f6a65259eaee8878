"""The command line ``onething``: what there is to type."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from console import (
    archives,
    backups,
    cases,
    catalogues,
    doctor,
    exports,
    imports,
    insights,
    ledger,
    parking,
    replays,
    scaling,
    schemas,
    supposing,
    themes,
    tokens,
    upkeep,
)
from console.configuration import CatalogueDirs, DataDir, configured, log_to_stderr
from console.output import EXIT_CODES, AsJson, Exit, notes, screen, show, table
from console.services import SERVICES, service

app = typer.Typer(
    name="onething",
    help="高效办成一件事 · a service platform for theme cases of government service halls",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(cases.app, name="case")
app.command("replay")(replays.replay)
app.command("diff")(replays.diff)
app.command("windows")(replays.windows)
app.command("explain")(replays.explain)
app.command("suppose")(supposing.suppose)
app.add_typer(ledger.app, name="ledger")
app.command("verify")(ledger.verify)
app.add_typer(archives.app, name="archive")
app.add_typer(catalogues.app, name="catalogue")
app.add_typer(themes.app, name="theme")
app.add_typer(parking.app, name="parked")
app.add_typer(insights.app, name="insight")
app.add_typer(schemas.app, name="schema")
app.add_typer(exports.app, name="export")
app.command("import")(imports.import_)
app.add_typer(imports.app, name="imports")
app.command("token")(tokens.token)
app.command("doctor")(doctor.doctor)
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.command("scale-plan")(scaling.scale_plan)
app.command("rebuild")(upkeep.rebuild_projection)
app.command("rewrap")(upkeep.rewrap_keys)
app.add_typer(upkeep.segments_app, name="segments")
bench_app = typer.Typer(help="测量性能 · measure throughput and cost", no_args_is_help=True)
app.add_typer(bench_app, name="bench")


def _known(name: str) -> str:
    if name not in SERVICES:
        raise typer.BadParameter(f"没有服务 {name} · there is no service {name}; there are {', '.join(SERVICES)}")
    return name


def _all_known(names: list[str] | None) -> list[str]:
    return [_known(name) for name in names or ()]


def _complete(incomplete: str) -> list[tuple[str, str]]:
    return [(name, listed.title) for name, listed in SERVICES.items() if name.startswith(incomplete)]


@app.command()
def up(catalogue: CatalogueDirs = None, data_dir: DataDir = None) -> None:
    """启动全部服务 · run all services in this process until stopped (embedded unless configured)."""
    from console.control import Control, occupying
    from console.house import calling
    from eventing.runner import run as run_services
    from gateway.identity import address_here

    settings = configured(data_dir=data_dir, catalogue_dirs=catalogue)
    log_to_stderr(settings)
    with ExitStack() as stack:

        def ready() -> None:
            if settings.profile == "embedded":
                control = Control(directory, stack.enter_context(calling(settings)))
                control.start()
                stack.callback(control.stop)
            where = address_here(settings.data_dir, fallback="") if settings.profile == "embedded" else ""
            told = (f"{where}/" if where else "", settings.data_dir, "Ctrl-C 停止 stops")
            notes.print(f"[green]✓[/] 就绪 ready · {' · '.join(filter(None, told))}", soft_wrap=True)

        directory = Path(settings.data_dir)
        if settings.profile == "embedded":
            stack.enter_context(occupying(directory))
        code = run_services([service(name) for name in SERVICES], settings, ready=ready)
    raise typer.Exit(code)


@app.command()
def run(
    name: Annotated[
        str,
        typer.Argument(
            metavar="SERVICE",
            callback=_known,
            autocompletion=_complete,
            help=f"服务 · one of {', '.join(SERVICES)}",
        ),
    ],
) -> None:
    """运行一个服务 · run one service of the cluster profile (`onething prepare` comes first)."""
    from eventing.runner import run as run_services
    from eventing.store import Store

    settings = configured(profile="cluster")
    log_to_stderr(settings, service=name)

    def database() -> None:
        store = Store(name, settings.database_url_for(name))
        try:
            store.ping()
        finally:
            store.close()

    raise typer.Exit(run_services([service(name)], settings, wait_for=[("database", database)]))


@app.command()
def prepare(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SERVICE]...",
            callback=_all_known,
            autocompletion=_complete,
            help="服务 · none named: all",
        ),
    ] = None,
    patience: Annotated[float, typer.Option(help="等待数据库的秒数 · seconds to wait for the database")] = 120.0,
) -> None:
    """准备数据库 · create or upgrade the schema of services; safe to repeat and to race."""
    from console.preparation import prepare_all

    settings = configured()
    log_to_stderr(settings, quiet=True)
    for name in prepare_all(settings, names or list(SERVICES), patience=patience):
        notes.print(f"[green]✓[/] {name} {SERVICES[name].title}")


@app.command()
def status(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """各服务的位置 · where each service stands: segments, log, how far behind it is, parked cases.

    没有实例在运行时，为这一问临时启动各服务，网关除外 · where no instance runs, the services are started for this
    answer, all but the gateway.
    """
    from console.house import entered
    from console.standing import not_started, standing

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    with entered(settings) as house:
        found = [*standing(house.client, house.names), *not_started(house.names)]
        if house.here:
            notes.print(
                "没有实例在运行：各服务只为这一问启动 · no instance runs: the services were started for this answer",
                soft_wrap=True,
            )
    show(found, as_json=as_json, words=_status_table)


def _status_table(found: list[dict[str, Any]]) -> None:
    from console.standing import NOT_STARTED

    table(
        ("服务 service", "副本 replica", "分段 segments", "日志 facts", "落后 lag", "暂停 parked"),
        (
            (
                f"{SERVICES[each['service']].title} {each['service']}",
                each["replica"],
                len(each["segments"]),
                sum(each["heads"].values()),
                " ".join(f"{upstream}:{lag}" for upstream, lag in each["lag"].items()) or "–",
                each["parked"],
            )
            if "heads" in each
            else (
                f"{SERVICES[each['service']].title} {each['service']}",
                "未启动 not started" if each["error"] == NOT_STARTED else f"[red]{each['error']}[/]",
                "",
                "",
                "",
                "",
            )
            for each in found
        ),
    )


@app.command()
def county(data_dir: DataDir = None) -> None:
    """载入虚构县 · put the fictional county in place: halls, windows, people, grants; safe to repeat."""
    from console.county import county as county_of
    from console.county import load
    from console.house import entered

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    with entered(settings) as house:
        found = county_of(settings.region)
        done = load(found, house.client)
    notes.print(f"[green]✓[/] {found.name} {found.name_en}: {done}")


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="讲完就退出 · end when the stories are told")] = False,
    data_dir: DataDir = None,
) -> None:
    """讲四个故事 · tell four theme cases step by step, on real services started here.

    退出码为 0 表示全部办结 · it exits with 0 when every case was closed.
    """
    from console.demo import tell

    settings = configured(profile="embedded", data_dir=data_dir)
    raise typer.Exit(Exit.DONE if tell(settings, once=once) else Exit.REFUSED)


@app.command()
def rehearse(  # noqa: PLR0917 - options of a command line
    theme: Annotated[str, typer.Option(metavar="THEME", help="主题 · the theme of the cases")] = "XSE",
    number: Annotated[int, typer.Option("--cases", min=0, help="件数 · how many cases")] = 1,
    kills: Annotated[int, typer.Option(min=0, help="随机终止几个副本 · how many pods to kill at random meanwhile")] = 0,
    selector: Annotated[
        str, typer.Option(metavar="LABELS", help="哪些副本 · label selector of the pods of which some are killed")
    ] = "app.kubernetes.io/name=onething",
    seed: Annotated[int, typer.Option(help="随机种子 · which are killed; -1: told, and another each time")] = -1,
    gateway: Annotated[str, typer.Option(metavar="URL", help="网关地址 · ask the gateway there, too")] = "",
    ledger: Annotated[bool, typer.Option("--ledger", help="验证全部存证 · verify the whole ledger")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """试办 · whether a release that runs can do its work: cases driven through it, and what became of them.

    Cases are driven in fictional regions alone; of a real one it asks what leaves no trace. --kills wants a pod whose
    service account may list and delete pods. It exits with 1 when anything is amiss.
    """
    import catalogue
    from console.house import entered
    from console.pods import Pods
    from console.rehearsal import Plan, Rehearsal, new_seed

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    current = catalogue.load(settings.region, extra=[Path(each) for each in settings.catalogue_dirs])
    if theme not in current.themes:
        raise typer.BadParameter(f"没有主题 {theme} · there is no theme {theme}; {', '.join(current.themes)}")
    seed = new_seed() if seed < 0 else seed
    pods = Pods(selector, seed=seed) if kills and current.fictional else None
    if pods is not None:
        notes.print(f"seed {seed}")
    plan = Plan(theme=theme, cases=number, kills=kills, gateway=gateway, ledger=ledger)
    with entered(settings) as house:
        verdict = Rehearsal(house, current, plan, lambda said: notes.print(said, markup=False, soft_wrap=True)).verdict(
            pods
        )
    show(verdict, as_json=as_json, words=lambda found: screen.print("✓" if found.passed else "✗"))
    if not verdict.passed:
        raise typer.Exit(Exit.REFUSED)


@bench_app.command("w1")
def w1(  # noqa: PLR0917 - options of a command line
    number: Annotated[int, typer.Option("--cases", min=1, help="件数 · how many cases")] = 500,
    concurrency: Annotated[int, typer.Option(min=1, help="同时在办 · cases in flight")] = 64,
    profile: Annotated[
        str, typer.Option(help="embedded 或 cluster · default: what the environment says", metavar="PROFILE")
    ] = "",
    start: Annotated[
        bool,
        typer.Option("--start", help="自行启动各服务进程 · cluster: prepare and start the services, too"),
    ] = False,
    count_pid: Annotated[
        list[int] | None,
        typer.Option(help="一并计入其 CPU · count this process's CPU, too (a broker's or database's); may be repeated"),
    ] = None,
    http: Annotated[
        bool,
        typer.Option("--http", help="再经 HTTP 测一遍并比较 · once more through the gateway; cluster: with --start"),
    ] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="嵌入式数据目录 · embedded: measure on this directory, not a fresh one"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """W1：五个并联事项的案件 · a case of five parallel items, five decisions, one hand-over, all durable."""
    from console.bench import Plan, bench

    settings = configured(profile=profile, data_dir=data_dir)
    if http and settings.profile == "cluster" and not start:
        raise typer.BadParameter("a running cluster has an issuer of its own; only one that is started here is asked")
    with_w1 = [*map(Path, settings.catalogue_dirs), Path(__file__).parent / "w1"]
    settings = configured(profile=profile, data_dir=data_dir, catalogue_dirs=with_w1, ONETHING_RENDERING="on-demand")
    log_to_stderr(settings, quiet=True)
    plan = Plan(
        cases=number,
        concurrency=concurrency,
        start=start,
        fresh=data_dir is None,
        pids=tuple(count_pid or ()),
        http=http,
    )
    bench(settings, plan, as_json=as_json)


@bench_app.command("feed")
def feed(  # noqa: PLR0917 - options of a command line
    number: Annotated[int, typer.Option("--cases", min=1, help="件数 · how many cases, in each of the two runs")] = 300,
    concurrency: Annotated[int, typer.Option(min=1, help="同时在办 · cases in flight")] = 64,
    subscribers: Annotated[int, typer.Option(min=1, help="订阅者 · who follows the hall")] = 3,
    rate: Annotated[
        float, typer.Option(min=0, help="每秒新案 · cases begun a second; 0: half of what a run before carries")
    ] = 0.0,
    start: Annotated[
        bool, typer.Option("--start", help="自行启动各服务进程 · on the cluster profile, prepared and started for it")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """实时动态：从事实发生到订阅者收到 · how long after a fact happened subscribers have it, under W1."""
    from console.feedbench import FeedPlan, bench_feed

    profile = "cluster" if start else "embedded"
    with_w1 = [*map(Path, configured(profile=profile).catalogue_dirs), Path(__file__).parent / "w1"]
    settings = configured(profile=profile, catalogue_dirs=with_w1, ONETHING_RENDERING="on-demand")
    log_to_stderr(settings, quiet=True)
    plan = FeedPlan(cases=number, concurrency=concurrency, subscribers=subscribers, rate=rate)
    bench_feed(settings, plan, as_json=as_json)
