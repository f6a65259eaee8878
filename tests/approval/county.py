"""A county in which approval runs: what people and the other services do there."""

from datetime import UTC, datetime

import msgspec

from catalogue import load
from catalogue.examples import happy_answers
from contracts.approval import GetBundle, GrantReview, Worklist
from contracts.intake import Acceptance, ItemsAccepted, PlannedItem
from contracts.language import Caller
from contracts.routing import ItemsSupplied
from eventing.errors import NotFound
from kernel.clock import SimulatedClock
from testkit.house import House, eventually

from .neighbours import Publish

CATALOGUE = load("990102")
NEWBORN = CATALOGUE.theme("XSE")
START = datetime(2026, 7, 23, 2, tzinfo=UTC)


class County:
    """What people and the other services do."""

    def __init__(self, house: House, clock: SimulatedClock) -> None:
        self.client = house.client()
        self.clock = clock

    def happens(self, service, case_id, kind, **body):
        fact = kind(case_id=case_id, at=self.clock.now(), by="clerk-1", **body)
        cmd = Publish(case_id=case_id, topic=kind.TOPIC, body=msgspec.Raw(msgspec.json.encode(fact)))
        self.client.command(cmd, service=service, attempts=20)

    def accepts(self, case_id):
        """A newborn's case: everything is accepted."""
        selection = NEWBORN.select(happy_answers(NEWBORN))
        self.happens(
            "intake",
            case_id,
            ItemsAccepted,
            number=f"number of {case_id}",
            theme="XSE",
            catalogue=CATALOGUE.version,
            region="990102",
            hall="county",
            window="w1",
            items=tuple(
                Acceptance(item, NEWBORN.item(item).department, "g", 1, "x", "n") for item in selection.selected
            ),
            plan=tuple(PlannedItem(item, standing.value) for item, standing in selection.standings.items()),
            materials=(),
            output_mode="integrated",
        )
        return selection.selected

    def supplies(self, case_id, *items):
        self.happens("routing", case_id, ItemsSupplied, items=items)

    def bundle(self, case_id):
        answer = self.client.ask(GetBundle(case_id=case_id))
        return answer | {"reviews": {review["item"]: review for review in answer["reviews"]}}

    def desk(self, org, *cases):
        """What an organisation can decide of these cases."""
        page = self.client.ask(Worklist(org=org, limit=200))
        return [review for review in page["reviews"] if review["case_id"] in cases]

    def waits_for(self, case_id, item, state):
        def there():
            try:
                return self.bundle(case_id)["reviews"][item]["state"] == state
            except NotFound:
                return False

        eventually(there)

    def reviewer(self, item):
        org = NEWBORN.item(item).department
        return self.client.as_(Caller(by=f"{org}-1", org=org, roles=("reviewer", "approver")))

    def grants(self, case_id, item):
        return self.reviewer(item).command(GrantReview(case_id=case_id, item=item)).value
