"""Random walks: an output against a model of boxes on a counter."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from certificate.domain import Status
from certificate.projections import certificate_rows
from contracts.certificate import CertificateIssued, OutputCompleted, PackageHandedOver
from eventing.errors import OneThingError
from testkit.facts import replayed

from .mothers import ITEMS, Exit

YIELDS = {"FOOD": {"food_permit"}, "OPEN": {"licence", "stamp"}, "SIGN": {"opinion"}, "CHECK": set()}


class Walk(RuleBasedStateMachine):
    """Grants, the verdict, hand-overs and renderings, in any order that approval's log allows."""

    @initialize(mode=st.sampled_from(["itemised", "integrated"]))
    def begin(self, mode):
        self.exit = Exit(mode).plans()
        self.mode = mode
        self.issued, self.on_counter, self.gone, self.rendered = set(), set(), set(), set()
        self.over = False

    @precondition(lambda self: not self.over)
    @rule(item=st.sampled_from(sorted(ITEMS)))
    def grant(self, item):
        self.exit.issues(item)
        new = {f"{item}.{each}" for each in YIELDS[item]} - self.issued
        self.issued |= new
        if self.mode == "itemised":
            self.on_counter |= new

    @rule(item=st.sampled_from(sorted(ITEMS)))
    def grant_late(self, item):
        if self.over and YIELDS[item] and f"{item}.{min(YIELDS[item])}" not in self.issued:
            try:
                self.exit.issues(item)
            except OneThingError:
                return
            raise AssertionError("a result came after the verdict")

    @rule(verdict=st.sampled_from(["granted", "partly", "denied"]))
    def conclude(self, verdict):
        self.exit.concludes(verdict)
        if not self.over and self.mode == "integrated":
            self.on_counter |= self.issued
        self.over = True

    @rule(items=st.sets(st.sampled_from([*sorted(ITEMS), "CY"]), max_size=2))
    def hand_over(self, items):
        known = {self.package(each) for each in self.on_counter | self.gone}
        allowed = bool(known) and items <= known
        try:
            self.exit.hands_over(*sorted(items))
        except OneThingError:
            assert not allowed
            return
        assert allowed
        taken = {each for each in self.on_counter if not items or self.package(each) in items}
        self.on_counter -= taken
        self.gone |= taken

    @rule(item=st.sampled_from(sorted(ITEMS)))
    def render(self, item):
        for each in {f"{item}.{output}" for output in YIELDS[item]} & self.issued:
            self.exit.renders(each)
            self.rendered.add(each)

    def package(self, certificate):
        return certificate.partition(".")[0] if self.mode == "itemised" else "CY"

    @invariant()
    def agrees_with_the_counter(self):
        output = self.exit.output
        waiting = {c for p in output.packages.values() if not p.method for c in p.certificates}
        left = {c for p in output.packages.values() if p.method for c in p.certificates}
        assert (set(output.certificates), waiting, left) == (self.issued, self.on_counter, self.gone)
        assert {c for c, r in output.certificates.items() if r.rendering} == self.rendered

    @invariant()
    def is_complete_exactly_when_nothing_is_left(self):
        done = self.over and not self.on_counter
        assert (self.exit.output.status is Status.COMPLETED) == done
        completions = [f for f in self.exit.output.pending if isinstance(f, OutputCompleted)]
        assert len(completions) == done

    @invariant()
    def nothing_is_doubled(self):
        past = self.exit.output.pending
        numbers = [f.number for f in past if isinstance(f, CertificateIssued)]
        packages = [f.package for f in past if isinstance(f, PackageHandedOver)]
        assert len(numbers) == len(set(numbers)) == len(self.issued)
        assert len(packages) == len(set(packages))

    @invariant()
    def a_replay_leads_to_the_same_state_and_rows(self):
        output = self.exit.output
        again = replayed(output, output.pending)
        assert again.state() == output.state()
        assert certificate_rows(again) == certificate_rows(output)


Walk.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestRandomWalks = Walk.TestCase
