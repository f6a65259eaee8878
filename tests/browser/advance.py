"""Moves the clocks of a house forward: ``python advance.py 2026-02-03T00:01:00+08:00``.

A program of its own, for those who may not import ``eventing``. The house runs with ``ONETHING_CLOCK=simulated``.
"""

import sys
from datetime import datetime


def main() -> None:
    """To the instant that is given."""
    from eventing import green

    green.patch()
    from console.house import entered
    from console.journey import Time
    from eventing.settings import Settings

    with entered(Settings.load()) as house:
        time = Time(house.client)
        time.advance(datetime.fromisoformat(sys.argv[1]) - time.now())


if __name__ == "__main__":
    main()
