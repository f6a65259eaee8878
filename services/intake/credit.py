"""信用 as intake asks and tells it: bars by blind index, from cases and from outside lists."""

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from contracts.credit import GetCredit, RecordCreditBar, RestoreCredit
from contracts.language import Act, Caller
from contracts.scopes import Reach
from eventing.errors import NotFound
from eventing.keyring import KeyRing
from eventing.service import command, query, reaction
from eventing.views import Column, View
from intake.domain import Case
from intake.domain.bill import check_id
from intake.domain.credit import Bar, BarCredit, CreditRecord, NoOrganisation, NoteFalsePromise, standing
from intake.domain.form import normal_identifier
from kernel.clock import local_date


def bar_rows(record: CreditRecord) -> list[dict[str, Any]]:
    """Every bar that was not repaired."""
    return [
        {"record": record.stream, "bar": name, "ground": bar.ground, "until": bar.until}
        for name, bar in record.bars.items()
        if not bar.restored_by
    ]


BARS = View(
    "credit_bars_v1",
    of=CreditRecord,
    columns=(
        Column("record", "text", key=True),
        Column("bar", "text", key=True),
        Column("ground", "text"),
        Column("until", "date"),
    ),
    rows=bar_rows,
)


class Credit:
    """Commands, reactions and questions about credit."""

    store: Any
    clock: Any
    keyring: KeyRing

    def credit_bars(self, indexes: Collection[str], on: date) -> dict[str, tuple[str, ...]]:
        """Blind index → the grounds that bar its owner on a day, for those who are barred; one statement."""
        if not indexes:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for row in self.store.select(
            sa.select(BARS.c.record, BARS.c.ground)
            .where(BARS.c.record.in_(list(indexes)), BARS.c.until.is_(None) | (BARS.c.until >= on))
            .order_by(BARS.c.record, BARS.c.bar)
        ):
            found[row["record"]] = (*found.get(row["record"], ()), row["ground"])
        return found

    @command(RecordCreditBar, on=CreditRecord, key="record", creates=True)
    def record_credit_bar(self, record: CreditRecord, cmd: RecordCreditBar, act: Act) -> dict[str, Any]:
        """An entry of an outside list."""
        check_id("record", cmd.record)
        record.bar_from_list(cmd.bar, ground=cmd.ground, document=cmd.document, until=cmd.until, act=act)
        return self.described(record, local_date(act.at))

    @command(RestoreCredit, on=CreditRecord, key="record")
    def restore_credit(self, record: CreditRecord, cmd: RestoreCredit, act: Act) -> dict[str, Any]:
        """信用修复."""
        record.restore(cmd.bar, document=cmd.document, act=act)
        return self.described(record, local_date(act.at))

    @reaction(BarCredit, on=CreditRecord, key="record")
    def bar_credit(self, record: CreditRecord, cmd: BarCredit, act: Act) -> None:
        """What a case showed."""
        record.bar(
            cmd.bar,
            ground=cmd.ground,
            source=cmd.source,
            document=cmd.document,
            item=cmd.item,
            finder=cmd.finder or self.handler_of(cmd.source, cmd.item),
            act=act,
        )

    @reaction(NoteFalsePromise, on=Case, creates=False)
    def note_false_promise(self, case: Case, cmd: NoteFalsePromise, act: Act) -> None:
        """承诺不实."""
        case.note_false_promise(cmd.item, handler=cmd.handler, decision=cmd.decision, act=act)

    @query(GetCredit)
    def get_credit(self, query: GetCredit, caller: Caller) -> dict[str, Any]:
        """Whether somebody is barred, and by what; for halls and organisations, and for the person."""
        name = query.record or self.keyring.blind(normal_identifier(query.identifier))
        if not caller.org and not caller.hall and caller.subject != name:
            raise NoOrganisation
        try:
            record = self.store.get(CreditRecord, name)
        except NotFound:
            record = CreditRecord(name)
        self.store.check(record, query, caller)
        self.note_reading(name, caller, ("credit",), purpose=query.purpose, thing="credit")  # type: ignore[attr-defined]
        return self.described(record, local_date(self.clock.now()))

    def reach_of(self, aggregate: Any, message: Any, caller: Caller) -> Reach:
        """Whom something concerns: the repair of a bar, whoever keeps that bar."""
        found: Reach = super().reach_of(aggregate, message, caller)  # type: ignore[misc]  # the service's
        if isinstance(message, RestoreCredit) and (bar := aggregate.bars.get(message.bar)):
            return replace(found, orgs=frozenset((self.keeper_of(bar),)) - {""})
        return found

    def keeper_of(self, bar: Bar) -> str:
        """谁认定、谁修复 (S23, S24): who entered the bar, or found it; older facts lack that, and the case says it."""
        if not bar.item:
            return bar.source
        return bar.finder or self.handler_of(bar.source, bar.item)

    def handler_of(self, case_id: str, item: str) -> str:
        """Who handles an item; empty where the case is not here."""
        try:
            case: Case = self.store.get(Case, case_id)
        except NotFound:
            return ""
        return case.reach().items.get(item, "")

    def described(self, record: CreditRecord, on: date) -> dict[str, Any]:
        """The record as an answer: every bar, who keeps it, and which of them count on this day."""
        return {
            "record": record.stream,
            "barred": bool(standing(record.bars.values(), on)),
            "bars": [
                {"bar": name, "counts": bool(standing((bar,), on)), "entry": bar, "keeper": self.keeper_of(bar)}
                for name, bar in record.bars.items()
            ],
        }
