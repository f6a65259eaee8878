"""``onething``: the process begins here, and becomes green before anything else."""

import signal
import sys
import warnings
from types import FrameType
from typing import NoReturn


def main() -> None:
    """The console script: runs a command and ends the process with its exit code."""
    warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated", category=Warning)
    from eventing import green

    green.patch()
    # asked to end, a command puts away what it started; where services run, their runner takes this over
    signal.signal(signal.SIGTERM, _interrupt)

    from console.app import app
    from console.control import Occupied
    from console.output import Exit, complain, notes
    from eventing.errors import OneThingError
    from eventing.settings import ConfigurationErrors

    try:
        app(prog_name="onething")
    except OneThingError as error:
        sys.exit(complain(error))
    except ConfigurationErrors as error:
        notes.print("[red]✗[/] 配置有误 · the configuration is wrong")
        notes.print(str(error), markup=False, soft_wrap=True)
        sys.exit(Exit.CONFIGURATION)
    except Occupied as error:
        notes.print(
            f"[red]✗[/] 已有进程在使用该数据目录 · another process uses this data directory: {error}",
            soft_wrap=True,
        )
        sys.exit(Exit.UNAVAILABLE)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
