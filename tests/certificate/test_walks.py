"""Random walks: an output against a model of slips on a counter, a road and a shelf."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from certificate.domain import ALLOWED, Status
from certificate.projections import certificate_rows, pickup_rows
from contracts.certificate import CertificateIssued, OutputCompleted, PackageHandedOver
from eventing.errors import OneThingError
from eventing.snapshots import restore, take
from testkit.facts import replayed

from .mothers import TODAY, TRADE, Exit

YIELDS = {
    "OPEN": ["licence", "stamp"],
    "FOOD": ["food_permit"],
    "SIGN": ["opinion"],
    "SMOKE": ["tobacco_permit"],
    "CHECK": [],
}
BUILT_ON = {"OPEN"}
PERMITS = {"licence", "food_permit", "tobacco_permit"}
LEDGER = {
    "kept": "in_store",
    "counter": "in_store",
    "road": "on_the_way",
    "gone": "handed_over",
    "again": "called_back",
    "dropped": "called_back",
}


class Slip:
    """One result in the model."""

    def __init__(self, name, item, output):
        self.name, self.item, self.output = name, item, output
        self.good, self.place, self.box = True, "kept", 0


class Walk(RuleBasedStateMachine):
    """Decisions, verdicts, agreements, ways out and what comes afterwards, in any order."""

    @initialize(mode=st.sampled_from(["itemised", "integrated", "early"]))
    def begin(self, mode):
        self.exit = Exit(mode, TRADE).plans().agrees(address="somewhere")
        self.mode = mode
        self.slips: list[Slip] = []
        self.boxes = 0
        self.parts: frozenset[str] | None = None
        self.over = self.complete = False
        self.completions = 0
        self.day = TODAY

    # the model

    def good(self, item=None):
        return [slip for slip in self.slips if slip.good and item in (None, slip.item)]

    def add(self, item, output):
        count = sum(slip.item == item and slip.output == output for slip in self.slips) + 1
        slip = Slip(f"{item or 'CY'}.{output}" + (f".{count}" if count > 1 else ""), item, output)
        self.slips.append(slip)
        return slip

    def box(self, slips):
        if slips:
            self.boxes += 1
            for slip in slips:
                slip.place, slip.box = "counter", self.boxes

    def at_once(self, item):
        return self.mode == "itemised" or (self.mode == "early" and item not in BUILT_ON)

    def drop(self, slip):
        slip.good = False
        if slip.place in {"kept", "counter", "again"}:
            slip.place = "dropped"

    def licence(self):
        """What the comprehensive licence becomes; returns the new slip, if there is one."""
        if self.parts is None and not self.over:
            return []
        permits = [slip for slip in self.good() if slip.output in PERMITS]
        parts = frozenset(slip.name for slip in permits)
        if parts == self.parts:
            return []
        for old in [slip for slip in self.good() if slip.output == "trade_licence"]:
            self.drop(old)
        enough = len({slip.item for slip in permits}) >= 2
        self.parts = parts if enough else None
        return [self.add("", "trade_licence")] if enough else []

    def waiting(self):
        return any(slip.place in {"counter", "again", "road"} for slip in self.slips)

    def settle(self):
        if self.over and not self.complete and not self.waiting():
            self.complete = True
            self.completions += 1

    def pick(self, data, *places):
        numbers = sorted({slip.box for slip in self.slips if slip.place in places})
        assume(numbers)
        number = data.draw(st.sampled_from(numbers))
        slips = [slip for slip in self.slips if slip.box == number and slip.place in places]
        (package,) = [n for n, p in self.exit.output.packages.items() if slips[0].name in p.certificates]
        return slips, package

    # what happens

    @precondition(lambda self: not self.over)
    @rule(item=st.sampled_from(sorted(YIELDS)), grants=st.booleans())
    def decide(self, item, grants):
        (self.exit.issues if grants else self.exit.denies)(item)
        if not self.good(item):
            new = [self.add(item, output) for output in (YIELDS[item] if grants else ["denial"])]
            if self.at_once(item):
                self.box(new)

    @precondition(lambda self: self.over)
    @rule(item=st.sampled_from(sorted(YIELDS)))
    def decide_late(self, item):
        known = bool(self.good(item))
        try:
            self.exit.issues(item)
        except OneThingError:
            assert not known
        else:
            assert known, "a result came after the verdict"

    @rule()
    def conclude(self):
        self.exit.concludes("partly")
        if not self.over:
            self.over = True
            self.licence()
            self.box([slip for slip in self.good() if slip.place == "kept"])
            self.settle()

    @rule()
    def join(self):
        self.exit.reopens("OPEN")
        self.over = self.complete = False

    @rule(mode=st.sampled_from(["itemised", "integrated", "early"]))
    def agree(self, mode):
        try:
            self.exit.agrees(mode=mode)
        except OneThingError:
            assert self.complete
            assert not self.waiting()
            return
        assert not self.complete or self.waiting() or mode == self.mode
        if mode != self.mode:
            self.mode = mode
            for item in dict.fromkeys(slip.item for slip in self.good() if slip.place == "kept"):
                if self.at_once(item):
                    self.box([slip for slip in self.good(item) if slip.place == "kept"])

    @rule(item=st.sampled_from(sorted(YIELDS)))
    def correct(self, item):
        self.exit.corrects(item)
        old = [slip for slip in self.good(item) if slip.output != "stamp"]
        if not old:
            return
        new = [self.add(item, slip.output) for slip in old]
        for slip in old:
            self.drop(slip)
        new += self.licence()
        if self.over or self.at_once(item):
            self.box(new)

    @rule(item=st.sampled_from(sorted(YIELDS)), void=st.booleans())
    def fall(self, item, void):
        (self.exit.voids if void else self.exit.revokes)(item)
        if void:
            self.over = self.complete = False
        if not self.good(item):
            return
        for slip in self.good(item):
            self.drop(slip)
        self.box(self.licence())
        if not void:
            self.settle()

    @rule(refuse=st.booleans())
    def hand_over(self, refuse):
        try:
            (self.exit.is_refused if refuse else self.exit.hands_over)()
        except OneThingError:
            assert not self.boxes
            return
        assert self.boxes
        ready = [slip for slip in self.slips if slip.place in {"counter", "again"}]
        for slip in ready:
            slip.place = "gone"
        if ready:
            self.settle()

    @rule(data=st.data(), locker=st.booleans())
    def send(self, data, locker):
        slips, package = self.pick(data, "counter", "again")
        (self.exit.puts_into_locker if locker else self.exit.posts)(package)
        for slip in slips:
            slip.place = "road"

    @rule(data=st.data(), back=st.booleans())
    def arrive(self, data, back):
        slips, package = self.pick(data, "road")
        (self.exit.recalls if back else self.exit.confirms)(package)
        for slip in slips:
            slip.place = "gone" if not back else ("again" if slip.good else "dropped")
        self.settle()

    @rule(days=st.integers(0, 30))
    def wait(self, days):
        self.day += timedelta(days=days)
        lockers = {
            name
            for name, package in self.exit.output.packages.items()
            if package.carriage
            and package.place == "on_the_way"
            and (package.carriage.recall_on or date.max) < self.day
        }
        due = self.exit.output.timers().get("waiting")
        self.exit.on(self.day).waits()
        for slip in self.slips:
            if slip.place == "road" and slip.name in self.contents_before(lockers):
                slip.place = "again" if slip.good else "dropped"
        self.settle()
        after = self.exit.output.timers().get("waiting")
        assert after is None or after > self.exit.act.at
        assert due is None or due > self.exit.act.at or after != due

    def contents_before(self, lockers):
        return {
            slip.name
            for slip in self.slips
            if slip.box in {other.box for other in self.slips if self.package_ever(other.name) & lockers}
        }

    def package_ever(self, certificate):
        assembled = [f for f in self.exit.output.pending if type(f).__name__ == "PackageAssembled"]
        return {f.package for f in assembled if certificate in f.certificates}

    @rule(data=st.data())
    def render(self, data):
        assume(self.slips)
        self.exit.renders(data.draw(st.sampled_from([slip.name for slip in self.slips])))

    # what must hold

    @invariant()
    def agrees_with_the_model(self):
        output = self.exit.output
        assert {name: each.in_force for name, each in output.certificates.items()} == {
            slip.name: slip.good for slip in self.slips
        }
        places = {row["certificate"]: row["place"] for row in certificate_rows(output)}
        assert places == {slip.name: LEDGER[slip.place] for slip in self.slips}
        assert places == {row["certificate"]: row["place"] for row in pickup_rows(output) if row["since"]}

    @invariant()
    def the_ledger_sums(self):
        """领取台账: issued = in store + on the way + handed over + called back."""
        issued = sum(isinstance(f, CertificateIssued) for f in self.exit.output.pending)
        places = Counter(row["place"] for row in certificate_rows(self.exit.output))
        assert set(places) <= {"in_store", "on_the_way", "handed_over", "called_back"}
        assert places.total() == issued

    @invariant()
    def the_licence_loads_the_permits_that_count(self):
        current = self.exit.output.comprehensive
        assert (frozenset(current.issued.parts) if current else None) == self.parts

    @invariant()
    def is_complete_exactly_when_nothing_is_left(self):
        output = self.exit.output
        expected = Status.COMPLETED if self.complete else Status.CONCLUDED if self.over else Status.PLANNED
        assert output.status is expected
        assert sum(isinstance(f, OutputCompleted) for f in output.pending) == self.completions

    @invariant()
    def nothing_is_doubled(self):
        past = self.exit.output.pending
        issued = [f for f in past if isinstance(f, CertificateIssued)]
        gone = [f.package for f in past if isinstance(f, PackageHandedOver)]
        assert len({f.certificate for f in issued}) == len(issued)
        assert len({(f.kind == "decision", f.number, f.edition, f.certificate) for f in issued}) == len(issued)
        assert len(set(gone)) == len(gone)
        identifiers = [f.identifier for f in issued if f.identifier]
        assert len(set(identifiers)) == len(identifiers)

    @invariant()
    def a_replay_and_a_snapshot_lead_to_the_same_state_and_rows(self):
        output = self.exit.output
        for again in (
            replayed(output, output.pending),
            restore(type(output), output.stream, output.version, take(output)),
        ):
            assert again.state() == output.state()
            assert certificate_rows(again) == certificate_rows(output)
            assert pickup_rows(again) == pickup_rows(output)
            assert again.timers() == output.timers()


Walk.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestRandomWalks = Walk.TestCase


@pytest.mark.parametrize("status", Status)
def test_the_lifecycle_names_every_status(status):
    assert status in ALLOWED
