"""How fast authority is answered: ``python tests/benchmarks/authority.py [grants] [qualifications]``.

One replica on SQLite. Reports microseconds a question of a window's batch, with everything known, on a new day, and
after a change of the register; and a check of mandates. It reports and asserts nothing.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "libs"), str(ROOT / "services")]

import structlog

from contracts.delegation import (
    Authorise,
    AuthorityRequest,
    CheckMandates,
    GrantQualification,
    HoldTraining,
    MakeGrant,
    MandateRequest,
    PublishGrant,
    RecordAttendance,
    RevokeGrant,
)
from contracts.language import Caller
from delegation.service import Delegation
from kernel.clock import local_date
from testkit.replica import Replica

TIMES = 200
HANDLERS = 30
ITEMS = 40


class Shelf:
    """A catalogue of which only the rule on renewals is asked."""

    class Rules:
        """The rule."""

        class grant_renewal:  # noqa: N801
            """Fifteen days."""

            days = 15

    rules = Rules

    def current(self) -> "Shelf":
        """Itself."""
        return self


def furnish(replica: Replica, grants: int, staff: int) -> None:
    """Every handler lets many halls accept its items; some staff are qualified."""
    today = local_date(replica.clock.now())
    made, published = [], []
    for n in range(grants):
        org = f"org-{n % HANDLERS}"
        made.append(
            MakeGrant(
                grant=f"g-{n}",
                legal_form="hall_practice",
                grantor=org,
                grantee=f"hall-{n // HANDLERS}",
                grantee_kind="public_institution",
                items=tuple(f"item-{i}" for i in range(ITEMS)),
                powers=("receive", "accept"),
                valid_from=today,
                document=f"W-{n}",
            )
        )
        published.append(PublishGrant(grant=f"g-{n}", publication=f"P-{n}"))
    for n, (one, other) in enumerate(zip(made, published, strict=True)):
        org = f"org-{n % HANDLERS}"
        replica.command(one, caller=Caller(by="head", org=org, roles=("approver", "publisher")))
        replica.command(other, caller=Caller(by="office", org=org, roles=("approver", "publisher")))
    manager = Caller(by="manager", org="hall", roles=("reviewer", "approver"))
    replica.command(HoldTraining(training="t", qualification="q", held_on=today, trainer="t"), caller=manager)
    replica.command(*[RecordAttendance(staff=f"s-{n}", training="t") for n in range(staff)], caller=manager)
    until = today + timedelta(days=365)
    replica.command(
        *[GrantQualification(staff=f"s-{n}", qualification="q", exam="e", valid_until=until) for n in range(staff)],
        caller=manager,
    )


def timed(label: str, step: Callable[[], object], times: int = TIMES, before: Callable[[], object] = int) -> None:
    """The median and the 99th percentile of a step, in milliseconds."""
    spent = []
    for _ in range(times):
        before()
        began = time.perf_counter()
        step()
        spent.append((time.perf_counter() - began) * 1000)
    spent.sort()
    print(f"{label:58} {statistics.median(spent):8.2f} ms   p99 {spent[int(times * 0.99) - 1]:8.2f} ms")


def main(grants: int, staff: int) -> None:
    """Measures one replica."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory() as folder:
        replica = Replica(Delegation, f"sqlite:///{folder}/delegation.db", catalogues=Shelf())
        furnish(replica, grants, staff)
        print(f"{grants} grants of {ITEMS} items, {staff} qualified members of staff")
        halls = max(1, grants // HANDLERS)

        def window(n: int, count: int) -> Authorise:
            hall = f"hall-{n % halls}"
            return Authorise(
                requests=tuple(
                    AuthorityRequest(hall, f"item-{i % ITEMS}", f"org-{i % HANDLERS}", "accept", "s-1", "q")
                    for i in range(count)
                )
            )

        ask = replica.ask
        ask(window(0, 1))
        timed("one question", lambda: ask(window(0, 1)))
        timed("the eight items of a case", lambda: ask(window(1, 8)))
        timed("a batch of 500 questions", lambda: ask(window(2, 500)))
        timed(
            "a batch of 500 questions, first of its day",
            lambda: ask(window(3, 500)),
            times=50,
            before=lambda: replica.clock.advance(timedelta(days=1)),
        )
        revoked = iter(range(grants))

        def change() -> None:
            n = next(revoked)
            replica.command(
                RevokeGrant(grant=f"g-{n}", reason="r"),
                caller=Caller(by="head", org=f"org-{n % HANDLERS}", roles=("approver", "publisher")),
            )

        timed("one question after a change of the register", lambda: ask(window(4, 1)), times=20, before=change)
        checks = CheckMandates(requests=tuple(MandateRequest(f"m-{n}", "a", "p", "t", "open") for n in range(8)))
        timed("eight mandates", lambda: ask(checks))
        replica.store.close()


if __name__ == "__main__":
    arguments = [int(each) for each in sys.argv[1:]]
    main(*(arguments or [1000, 200]))
