"""The house: the services, wherever they are, as a command reaches them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import eventlet
from msgspec import Struct

from console.control import Control, ControlCalls, Occupied, occupying
from console.services import SERVICES, service
from contracts.language import Caller
from eventing.calls import Calls
from eventing.client import Calling, Client
from eventing.errors import Unavailable
from eventing.runner import Runner
from eventing.settings import Settings
from eventing.signing import Signer

OPERATOR = Caller(by="operator", roles=("operator",))
"""Who a person at the command line is: the settings and the control socket are open to operators alone."""

CALL_TIMEOUT = 30.0
"""Seconds; a house that has just been started may be busy."""

SOCKET_WAIT = 20.0
"""Seconds in which an instance that holds the data directory opens its control socket."""


INSIDE = tuple(name for name in SERVICES if name != "gateway")
"""The services that a command needs: all but the door for others."""


class House(Struct, frozen=True):
    """Services that can be asked."""

    client: Client
    settings: Settings
    here: bool
    """Whether they run in this very process."""
    runner: Runner | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The services that there are: those started here, or all."""
        return tuple(SERVICES) if self.runner is None else tuple(self.runner.containers)


def _silent(_: str) -> None:
    """Says nothing."""


@contextmanager
def entered(
    settings: Settings, *, say: Callable[[str], None] = _silent, names: Sequence[str] = INSIDE
) -> Iterator[House]:
    """The house of these settings: running elsewhere already, or started here for as long as it is needed.

    Raises:
        Unavailable: an instance holds the data directory, but does not answer.
    """
    if settings.profile == "cluster":
        with calling(settings) as calls:
            yield House(Client(calls, OPERATOR, signer=Signer(*settings.context_keys())), settings, here=False)
        return
    with ExitStack() as stack:
        try:
            house = stack.enter_context(started(settings, say=say, names=names))
        except Occupied:
            calls = _connected(Path(settings.data_dir))
            stack.callback(calls.close)
            house = House(Client(calls, OPERATOR, signer=Signer(*settings.context_keys())), settings, here=False)
        yield house


@contextmanager
def started(
    settings: Settings, *, say: Callable[[str], None] = _silent, names: Sequence[str] = INSIDE
) -> Iterator[House]:
    """The embedded house, started in this process, with its control socket.

    Raises:
        Occupied: another process runs it on this data directory.
    """
    directory = Path(settings.data_dir)
    with occupying(directory):
        runner = Runner()
        for name in names:
            say(name)
            runner.add(service(name), settings.for_service(name))
        runner.start()
        try:
            with calling(settings) as calls:
                control = Control(directory, calls)
                control.start()
                try:
                    yield House(
                        Client(calls, OPERATOR, signer=Signer(*settings.context_keys())),
                        settings,
                        here=True,
                        runner=runner,
                    )
                finally:
                    control.stop()
        finally:
            runner.stop()


@contextmanager
def calling(settings: Settings) -> Iterator[Calling]:
    """Calls over the broker of these settings, be it RabbitMQ or this process."""
    calls = Calls(settings.amqp_uri, timeout=CALL_TIMEOUT)
    calls.start()
    try:
        yield calls
    finally:
        calls.stop()


def _connected(directory: Path) -> ControlCalls:
    until = monotonic() + SOCKET_WAIT
    while True:
        try:
            return ControlCalls(directory)
        except OSError as error:
            if monotonic() > until:
                raise Unavailable(
                    what="instance", directory=str(directory), reason=f"it does not answer ({error.strerror})"
                ) from error
            eventlet.sleep(0.2)
