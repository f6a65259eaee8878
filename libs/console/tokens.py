"""Tokens for scripts: one of the fictional county's people, as the development issuer would sign it."""

from typing import Annotated

import typer

from console.configuration import DataDir, configured
from console.output import Exit, notes


def token(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="人员编号 · for example clerk-zhao")],
    data_dir: DataDir = None,
) -> None:
    """打印开发令牌 · print a bearer token of somebody of the fictional county (embedded profile only).

    curl -H "Authorization: Bearer $(onething token clerk-zhao)" …
    """
    from gateway.identity import address_here
    from gateway.identity.issuing import DevelopmentIssuer
    from kernel.clock import SystemClock

    settings = configured(data_dir=data_dir)
    address = settings.public_url or address_here(
        settings.data_dir, f"http://{settings.http_host}:{settings.http_port}"
    )
    issuer = DevelopmentIssuer(settings, address, SystemClock().now)
    if person not in issuer.people:
        notes.print(f"[red]✗[/] 没有这个人 · nobody is called {person}: {', '.join(sorted(issuer.people))}")
        raise typer.Exit(Exit.REFUSED)
    typer.echo(issuer.access_token(person))
