"""Random walks over random themes: a bundle against a model that only knows sets."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from approval.domain import ALLOWED, Status
from approval.projections import bundle_rows, review_rows
from catalogue.model import Trigger
from contracts.approval import BundleConcluded
from eventing.errors import OneThingError
from testkit.facts import replayed

from .mothers import NOON, Office, a_theme, an_item, needs

NAMES = "ABCDE"
ITEMS = st.sampled_from(NAMES)


@st.composite
def themes(draw):
    """Up to five items; each needs some of those before it, in one of the four ways there are."""
    items = []
    for i, name in enumerate(NAMES):
        before = NAMES[:i]
        edges = draw(
            st.lists(
                st.tuples(
                    st.lists(st.sampled_from(before), min_size=1, max_size=2, unique=True),
                    st.sampled_from(Trigger),
                    st.booleans(),
                ),
                max_size=2,
            )
            if before
            else st.just([])
        )
        items.append(an_item(name, *(needs(*any_of, trigger=t, optional=o) for any_of, t, o in edges)))
    return a_theme(*items)


class Model:
    """Which items are what, and nothing else."""

    def __init__(self, theme, standings):
        self.theme = theme
        self.part = {i for i, s in standings.items() if s == "selected"}
        self.done_before = {i for i, s in standings.items() if s == "satisfied"}
        self.accepted, self.supplied, self.open = set(), set(), set()
        self.granted, self.denied, self.gone = set(), set(), set()
        self.blocked_denied, self.blocked_gone = set(), set()
        self.taken_up = False

    @property
    def blocked(self):
        return self.blocked_denied | self.blocked_gone

    @property
    def over(self):
        return self.granted | self.denied | self.gone | self.blocked

    @property
    def concluded(self):
        return self.taken_up and self.part <= self.over

    def settle(self):
        """Blocks what is hopeless until nothing changes, then opens what may begin."""
        if not self.taken_up:
            return
        while True:
            hopeless = {i: lost for i in self.part - self.over - self.open if (lost := self.lost_for(i))}
            if not hopeless:
                break
            for item, lost in hopeless.items():
                because_denied = bool(lost & (self.denied | self.blocked_denied))
                (self.blocked_denied if because_denied else self.blocked_gone).add(item)
        self.open |= {i for i in self.accepted - self.over - self.open if all(map(self.met, self.edges(i)))}

    def edges(self, item):
        return self.theme.item(item).depends_on

    def met(self, edge):
        enough = self.done_before | self.granted
        if edge.trigger is Trigger.ACCEPTED:
            enough |= self.accepted - self.over
        if enough & set(edge.any_of):
            return True
        here = set(edge.any_of) & self.part
        return edge.optional and not here - self.gone - self.blocked_gone

    def lost_for(self, item):
        """The items that make it hopeless; empty while there is hope."""
        lost = set()
        for edge in self.edges(item):
            here = set(edge.any_of) & self.part
            dead = here & (self.denied | self.gone | self.blocked)
            if self.met(edge) or here - dead:
                continue
            if edge.optional:
                dead -= self.gone | self.blocked_gone
            lost |= dead or set(edge.any_of)
        return lost

    def status(self, item):
        table = {
            "granted": self.granted,
            "denied": self.denied,
            "gone": self.gone,
            "blocked": self.blocked,
            "open": self.open,
            "locked": self.accepted,
        }
        return next((name for name, items in table.items() if item in items), "awaited")


class Walk(RuleBasedStateMachine):
    """Intake, routing, departments, applicants and time, in any order."""

    @initialize(
        theme=themes(),
        standings=st.fixed_dictionaries(
            dict.fromkeys(NAMES, st.sampled_from(["selected", "selected", "selected", "not_needed", "satisfied"]))
        ),
        at_once=st.booleans(),
    )
    def begin(self, theme, standings, at_once):
        standings = standings | {"E": "selected"}
        self.office = Office(theme)
        self.standings = standings
        self.model = Model(theme, standings)
        self.now = NOON
        if at_once:  # the usual case: everything is accepted and supplied in one go
            self.accept(set(NAMES))
            self.supply(set(NAMES))

    def attempt(self, act, allowed):
        """Does it; it must be refused exactly where the model says so, and then record nothing."""
        before = self.office.bundle.version
        try:
            act()
        except OneThingError:
            assert not allowed
            assert self.office.bundle.version == before
            return False
        assert allowed
        return self.office.bundle.version > before

    @rule(items=st.sets(ITEMS, min_size=1))
    def accept(self, items):
        items = tuple(sorted(items & self.model.part))
        if items:
            self.office.accepts(*items, standings=self.standings, at=self.now)
            self.model.taken_up = True
            self.model.accepted |= set(items) - self.model.over
            self.model.settle()

    @rule(items=st.sets(ITEMS, min_size=1))
    def supply(self, items):
        items &= self.model.part
        if items:
            self.office.supplies(*sorted(items))
            self.model.supplied |= items - self.model.over

    @rule(item=ITEMS, grant=st.booleans(), handler=st.integers(0, 4).map(bool))
    def decide(self, item, grant, handler):
        model = self.model
        mine, other = (model.granted, model.denied) if grant else (model.denied, model.granted)
        ready = item in model.open - model.over and item in model.supplied
        allowed = model.taken_up and handler and (item in mine or ready)
        verb = self.office.grants if grant else self.office.denies
        news = self.attempt(lambda: verb(item, at=self.now, org=None if handler else "dept-0"), allowed)
        assert not (news and item in other)
        if news:
            mine.add(item)
            model.settle()

    @rule(item=ITEMS, reason=st.sampled_from(["withdrawn", "not_accepted"]))
    def leave(self, item, reason):
        if item in self.model.part:
            self.office.loses(item, reason, at=self.now)
            if item not in self.model.over:
                self.model.gone.add(item)
                self.model.settle()

    @precondition(lambda self: self.office.bundle.timers())
    @rule(late=st.integers(0, 20))
    def time_passes(self, late):
        self.now = max(self.now, self.office.bundle.timers()["warning"]) + timedelta(days=late)
        self.office.wakes_up(self.now)
        assert self.office.bundle.timers().get("warning", self.now + timedelta(1)) > self.now

    @invariant()
    def agrees_with_the_model(self):
        bundle, model = self.office.bundle, self.model
        if model.taken_up:
            assert self.office.status() == {item: model.status(item) for item in bundle.reviews}
            assert model.part == set(bundle.reviews)
        assert (bundle.verdict is not None) == model.concluded

    @invariant()
    def warns_only_of_open_reviews(self):
        for review in self.office.bundle.reviews.values():
            assert not review.ahead or review.status is Status.OPEN
            assert review.is_over == (not ALLOWED[review.status])

    @invariant()
    def concludes_once_with_every_item(self):
        bundle = self.office.bundle
        verdicts = [happened for happened in bundle.pending if isinstance(happened, BundleConcluded)]
        assert len(verdicts) == self.model.concluded
        for verdict in verdicts:
            ends = (*verdict.granted, *verdict.denied, *verdict.gone, *verdict.blocked)
            assert sorted(ends) == sorted(self.model.part)
            assert (verdict.verdict == "granted") == (len(verdict.granted) == len(ends))
            assert bool(verdict.granted) == (verdict.verdict in {"granted", "partly"})

    @invariant()
    def a_replay_leads_to_the_same_state_and_rows(self):
        bundle = self.office.bundle
        again = replayed(bundle, bundle.pending)
        assert again.state() == bundle.state()
        assert again.timers() == bundle.timers()
        assert (review_rows(again), bundle_rows(again)) == (review_rows(bundle), bundle_rows(bundle))


Walk.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestRandomWalks = Walk.TestCase
