"""Facts of a case as its services publish them."""

from datetime import datetime

from casefile.heads import Signing
from casefile.notary import Notary
from casefile.service import CaseFile
from contracts.approval import ReviewGranted
from contracts.intake import CaseClosed, CaseOpened, CaseReopened, FormFilled
from contracts.language import Fact, Sealed
from testkit.facts import NOON
from testkit.replica import Replica

SIGNING = Signing(Notary("990102", bytes(range(32))))


def opened(case_id: str = "case-1", *, theme: str = "CY", at: datetime = NOON) -> CaseOpened:
    return CaseOpened(
        case_id=case_id,
        at=at,
        by="clerk-7",
        number=f"YJS-{case_id}",
        theme=theme,
        catalogue="c",
        mode="one_mouth",
        region="990102",
        hall="county",
        window="w1",
        channel="window",
        key_id="k-1",
        applicant=Sealed("k-1", "applicant", b"noise"),
        applicant_index="i",
        applicant_kind="natural",
        answers={"area": "north"},
        plan=(),
    )


def filled(case_id: str = "case-1") -> FormFilled:
    return FormFilled(
        case_id=case_id,
        at=NOON,
        by="clerk-7",
        form=Sealed("k-1", "form", b"noise"),
        fields={"name": "entered"},
    )


def granted(case_id: str = "case-1", item: str = "CY03") -> ReviewGranted:
    return ReviewGranted(
        case_id=case_id,
        at=NOON,
        by="reviewer-2",
        acting_as="g-1",
        in_name_of="market",
        item=item,
        handler="market",
        decision="D-1",
    )


def closed(case_id: str = "case-1") -> CaseClosed:
    return CaseClosed(case_id=case_id, at=NOON, by="system", outcome="granted")


def reopened(case_id: str = "case-1") -> CaseReopened:
    return CaseReopened(case_id=case_id, at=NOON, by="system", items=("CY03",))


def a_case(casefile: Replica, case_id: str = "case-1", *, theme: str = "CY", at: datetime = NOON) -> None:
    """A short case: opened, filled, granted, closed."""
    facts: list[tuple[str, Fact]] = [
        ("intake", opened(case_id, theme=theme, at=at)),
        ("intake", filled(case_id)),
        ("approval", granted(case_id)),
        ("intake", closed(case_id)),
    ]
    versions: dict[str, int] = {}
    for service, fact in facts:
        versions[service] = versions.get(service, 0) + 1
        casefile.follow(service, (case_id, versions[service], fact))


def disarm(casefile: Replica) -> None:
    """An attacker who owns the database does not stop at a trigger."""
    with casefile.store.writing() as connection:
        for table in CaseFile.append_only:
            if casefile.store.sqlite:
                for verb in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
            else:
                connection.exec_driver_sql(f"DROP TRIGGER {table}_append_only ON {table}")
