"""The command line ``onething``: what there is to type."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from console import cases, catalogues, parking, schemas, themes
from console.configuration import CatalogueDirs, DataDir, configured, log_to_stderr
from console.output import EXIT_CODES, AsJson, Exit, notes, show, table
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
app.command("replay")(cases.replay)
app.add_typer(catalogues.app, name="catalogue")
app.add_typer(themes.app, name="theme")
app.add_typer(parking.app, name="parked")
app.add_typer(schemas.app, name="schema")
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

    settings = configured(data_dir=data_dir, catalogue_dirs=catalogue)
    log_to_stderr(settings)
    with ExitStack() as stack:

        def ready() -> None:
            if settings.profile == "embedded":
                control = Control(directory, stack.enter_context(calling(settings)))
                control.start()
                stack.callback(control.stop)
            notes.print(f"[green]✓[/] 就绪 ready · {settings.data_dir} · Ctrl-C 停止 stops", soft_wrap=True)

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
    """各服务的位置 · where each service stands: segments, log, how far behind it is, parked cases."""
    from console.house import entered
    from console.standing import standing

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    with entered(settings) as house:
        found = standing(house.client)
    show(found, as_json=as_json, words=_status_table)


def _status_table(found: list[dict[str, Any]]) -> None:
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
                f"[red]{each['error']}[/]",
                "",
                "",
                "",
                "",
            )
            for each in found
        ),
    )


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
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="嵌入式数据目录 · embedded: measure on this directory, not a fresh one"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """W1：五个并联事项的案件 · a case of five parallel items, five decisions, one hand-over, all durable."""
    from console.bench import Plan, bench

    settings = configured(profile=profile, data_dir=data_dir)
    with_w1 = [*map(Path, settings.catalogue_dirs), Path(__file__).parent / "w1"]
    settings = configured(profile=profile, data_dir=data_dir, catalogue_dirs=with_w1, ONETHING_RENDERING="on-demand")
    log_to_stderr(settings, quiet=True)
    plan = Plan(
        cases=number,
        concurrency=concurrency,
        start=start,
        fresh=data_dir is None,
        pids=tuple(count_pid or ()),
    )
    bench(settings, plan, as_json=as_json)
