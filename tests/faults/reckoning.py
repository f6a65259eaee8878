"""The reckoning after a campaign: by the databases, and by what the services say themselves."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

from eventlet.greenpool import GreenPool

from contracts.casefile import VerifyCase, VerifyLedger
from contracts.language import Caller
from contracts.routing import GetDistribution
from testkit.campaign import by_case, custody, problems
from testkit.evidence import at_rest, gather
from testkit.house import eventually

from .load import CLERK, Load

AUDITOR = Caller(by="auditor", roles=("auditor",))

SHOWN = 25
"""Problems that are told at most."""


def reckon(load: Load, stores: Mapping[str, str], tell: Callable[[str], None], *, aside: Collection[str] = ()) -> None:
    """Fails unless every case that was released is closed and everything holds that ``campaign`` looks at.

    ``aside`` are cases with a history of their own.
    """
    load.finish()
    with suppress(AssertionError):  # then the evidence says who stayed behind
        eventually(lambda: at_rest(stores), within=60)
    evidence = gather(stores)
    found = problems(evidence, load.acknowledged)
    found = [problem for problem in found if not any(case in problem for case in aside)]
    assert not found, f"{len(found)} problems:\n" + "\n".join(found[:SHOWN])

    def look(case: str) -> None:
        said = load.ask(CLERK, GetDistribution(case_id=case))
        assert said["custody"] == custody(evidence, case)[0]
        assert {packet["state"] for packet in said["packets"]} == {"received"}
        assert load.ask(CLERK, VerifyCase(case_id=case))["verified"] is True

    for _ in GreenPool(16).imap(look, by_case(load.acknowledged)):
        pass
    whole = load.ask(AUDITOR, VerifyLedger())
    while whole["verified"] and not whole["done"]:
        whole = load.ask(AUDITOR, VerifyLedger(checked=whole["checked"], peaks=whole["peaks"]))
    assert whole["verified"], f"the ledger is not whole: {whole}"
    assert whole["checked"] == len(evidence.ledger), "not every entry is a leaf of the tree"
    facts = sum(map(len, evidence.logs.values()))
    tell(
        f"{load.closed} cases closed, {len(load.acknowledged)} commands acknowledged, "
        f"{load.repeated} repetitions, {facts} facts, none lost, none doubled"
    )
