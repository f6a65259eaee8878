"""Random walks over random themes: a bundle against a model that only knows sets, and an almanac."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from approval.domain import ENDS, Bundle, Status
from approval.projections import bundle_rows, review_rows
from catalogue.model import Trigger
from contracts.approval import BundleConcluded, ReviewEnded, WithdrawalRefused
from eventing.errors import OneThingError
from eventing.snapshots import restore, take
from kernel.clock import local_date
from testkit.facts import replayed

from . import almanac
from .mothers import NOON, a_theme, an_item, needs
from .timekeepers import Timekeeper

NAMES = "ABCDE"
ITEMS = st.sampled_from(NAMES)
WHICH = st.integers(0, 9)
"""Chooses among the items that something can be done to; 9: among all items, so that refusals are met as well."""
PROCEDURES = st.sampled_from(["appraisal", "testing"])
PROMISED, STATUTORY, LONGER = 3, 10, 10


@st.composite
def themes(draw):
    """Up to five items; each needs some of those before it, in one of the ways there are."""
    items = []
    for i, name in enumerate(NAMES):
        before = NAMES[:i]
        edges = draw(
            st.lists(
                st.tuples(
                    st.lists(st.sampled_from(before), min_size=1, max_size=2, unique=True),
                    st.sampled_from(Trigger),
                    st.booleans(),
                    st.booleans(),
                ),
                max_size=2,
            )
            if before
            else st.just([])
        )
        depends_on = (
            needs(*any_of, trigger=trigger, optional=optional, tolerant=tuple(any_of) if content else ())
            for any_of, trigger, optional, content in edges
        )
        items.append(an_item(name, *depends_on, promised=PROMISED, statutory=STATUTORY))
    return a_theme(*items)


class Model:
    """Which items are what, and nothing else."""

    def __init__(self, theme, standings):
        self.theme = theme
        self.part = {i for i, s in standings.items() if s == "selected"}
        self.underway = {i for i, s in standings.items() if s == "underway"}
        self.done_before = {i for i, s in standings.items() if s == "satisfied"}
        self.accepted, self.supplied, self.open = set(), set(), set()
        self.tolerated, self.tolerant = set(), set()
        self.granted, self.denied, self.gone = set(), set(), set()
        self.blocked_denied, self.blocked_gone = set(), set()
        self.taken_up = False
        self.opened_on, self.pauses, self.asked, self.extended = {}, {}, set(), set()

    @property
    def blocked(self):
        return self.blocked_denied | self.blocked_gone

    @property
    def over(self):
        return (self.granted | self.denied | self.gone | self.blocked) & self.part

    @property
    def concluded(self):
        return self.taken_up and self.part <= self.over

    @property
    def undecided(self):
        """Begun, and neither decided nor lost."""
        return self.open - self.over - self.tolerant

    def settle(self, day):
        """Blocks what is hopeless until nothing changes, then opens what may begin."""
        if not self.taken_up:
            return
        while True:
            begun = self.over | self.open | self.tolerant
            hopeless = {i: lost for i in self.part - begun if (lost := self.lost_for(i))}
            if not hopeless:
                break
            for item, lost in hopeless.items():
                because_denied = bool(lost & (self.denied | self.blocked_denied))
                (self.blocked_denied if because_denied else self.blocked_gone).add(item)
        for item in self.accepted - self.over - self.open - self.tolerant:
            if all(map(self.met, self.edges(item))):
                self.open.add(item)
                self.opened_on[item] = day
                self.pauses[item] = {}

    def edges(self, item):
        return self.theme.item(item).depends_on

    def met(self, edge):
        enough = self.done_before | self.granted | (self.tolerant & set(edge.on_tolerant))
        if edge.trigger is Trigger.ACCEPTED:
            enough |= self.tolerant | (self.accepted - self.over)
        if enough & set(edge.any_of):
            return True
        here = set(edge.any_of) & (self.part | self.underway)
        return edge.optional and not here - self.gone - self.blocked_gone

    def lost_for(self, item):
        """The items that make it hopeless; empty while there is hope."""
        lost = set()
        for edge in self.edges(item):
            here = set(edge.any_of) & (self.part | self.underway)
            dead = here & (self.denied | self.gone | self.blocked)
            if self.met(edge) or here - dead:
                continue
            if edge.optional:
                dead -= self.gone | self.blocked_gone
            lost |= dead or set(edge.any_of)
        return lost

    def leave(self, item, day, over=False):
        """It is gone; what was begun on its tolerant pass alone waits again. Where all was over, nothing follows."""
        fell = item in self.tolerant
        for left in (self.tolerant, self.tolerated, self.blocked_denied, self.blocked_gone, self.supplied):
            left.discard(item)
        self.gone.add(item)
        if fell:
            for other in self.undecided:
                if any(item in edge.on_tolerant and not self.met(edge) for edge in self.edges(other)):
                    self.begin_again(other)
        if not over:
            self.free()
            self.settle(day)

    def free(self):
        """What is not hopeless any more waits again."""
        while freed := {item for item in self.blocked & self.part if not self.lost_for(item)}:
            self.blocked_denied -= freed
            self.blocked_gone -= freed
            for item in freed:
                self.begin_again(item)

    def begin_again(self, item):
        for left in (self.open, self.asked, self.extended):
            left.discard(item)

    def join(self, item, day):
        for left in (self.gone, self.blocked_denied, self.blocked_gone, self.accepted, self.tolerated):
            left.discard(item)
        self.begin_again(item)
        self.part.add(item)
        self.free()
        self.settle(day)

    def is_suspended(self, item):
        return item in self.undecided and any(until is None for _, until in self.pauses[item].values())

    def due(self, item, limit):
        days = PROMISED if limit == "promised" else STATUTORY + (LONGER if item in self.extended else 0)
        return almanac.last_day(self.opened_on[item], days, self.pauses[item].values())

    def status(self, item):
        if self.is_suspended(item):
            return "suspended"
        table = {
            "granted": self.granted,
            "denied": self.denied,
            "gone": self.gone,
            "blocked": self.blocked,
            "granted_tolerant": self.tolerant,
            "open": self.open,
            "locked": self.accepted,
        }
        return next((name for name, items in table.items() if item in items), "awaited")


class Walk(RuleBasedStateMachine):
    """Intake, routing, departments, applicants and time, in any order."""

    @initialize(
        theme=themes(),
        standings=st.fixed_dictionaries(
            dict.fromkeys(NAMES, st.sampled_from(["selected"] * 6 + ["not_needed", "satisfied", "underway"]))
        ),
        at_once=st.integers(0, 3).map(bool),
        tolerated=st.sets(ITEMS),
    )
    def begin(self, theme, standings, at_once, tolerated):
        standings = standings | {"E": "selected"}
        self.office = Timekeeper(theme)
        self.standings = standings
        self.model = Model(theme, standings)
        self.now = NOON
        if at_once:  # the usual case: everything is accepted and supplied in one go
            self.accept(tolerated, tolerated=True)
            self.accept(set(NAMES), tolerated=False)
            self.supply(set(NAMES))

    @property
    def day(self):
        return local_date(self.now)

    def one(self, which, candidates):
        """One of these items; now and then, and where there are none, any item."""
        candidates = sorted(candidates)
        return candidates[which % len(candidates)] if candidates and which < 9 else NAMES[which % len(NAMES)]

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

    @rule(items=st.sets(ITEMS, min_size=1), tolerated=st.booleans())
    def accept(self, items, tolerated):
        model = self.model
        items = tuple(sorted(items & model.part))
        if items:
            self.office.accepts(*items, standings=self.standings, at=self.now, tolerated=tolerated)
            model.taken_up = True
            new = set(items) - (model.over - model.blocked) - model.accepted
            model.accepted |= new
            model.tolerated |= new if tolerated else set()
            model.settle(self.day)

    @rule(items=st.sets(ITEMS, min_size=1))
    def supply(self, items):
        items &= self.model.part
        if items:
            self.office.supplies(*sorted(items))
            self.model.supplied |= items

    @rule(which=WHICH, grant=st.integers(0, 3).map(bool), handler=st.integers(0, 9).map(bool))
    def decide(self, which, grant, handler):
        model = self.model
        item = self.one(which, model.undecided)
        mine, other = (model.granted, model.denied) if grant else (model.denied, model.granted)
        here = item in model.part
        ready = item in model.undecided and item in model.supplied and not model.is_suspended(item)
        done = here and (item in mine or (grant and item in model.tolerant))
        allowed = model.taken_up and handler and (done or ready)
        verb = self.office.grants if grant else self.office.denies
        news = self.attempt(lambda: verb(item, at=self.now, org=None if handler else "dept-0"), allowed)
        assert not (news and item in other)
        if news:
            (model.tolerant if grant and item in model.tolerated else mine).add(item)
            model.settle(self.day)

    @rule(which=WHICH, reason=st.sampled_from(["withdrawn", "not_accepted", "returned", "lapsed"]))
    def leave(self, which, reason):
        model = self.model
        item = self.one(which, model.tolerant or model.part)
        if item in model.part:
            self.office.loses(item, reason, at=self.now)
            if item not in model.over and (item not in model.tolerant or reason == "lapsed"):
                model.leave(item, self.day)

    @rule(item=ITEMS)
    def take_back(self, item):
        model = self.model
        if item in model.part and item in model.accepted:
            answered = 0 if item in model.gone else 1
            told = len(self.office.bundle.pending)
            self.office.takes_back(item, at=self.now)
            answers = [f for f in self.office.bundle.pending[told:] if isinstance(f, ReviewEnded | WithdrawalRefused)]
            assert len(answers) == answered
            assert all(answer.decision for answer in answers if isinstance(answer, WithdrawalRefused))
            concluded = model.concluded
            if item in model.blocked or (item not in model.over and item not in model.tolerant):
                model.leave(item, self.day, over=concluded)

    @rule(which=WHICH)
    def settle(self, which):
        model = self.model
        item = self.one(which, model.tolerant or model.tolerated)
        if item in model.part:
            self.office.settles(item, at=self.now)
            model.tolerated.discard(item)
            if item in model.tolerant:
                model.tolerant.remove(item)
                model.granted.add(item)
                model.settle(self.day)

    @precondition(lambda self: self.model.underway)
    @rule(which=WHICH, outcome=st.sampled_from(["granted", "denied", "withdrawn"]))
    def learn(self, which, outcome):
        model = self.model
        item = self.one(which, model.underway)
        known = model.granted | model.denied | model.gone
        if item in model.underway and item not in known:
            self.office.learns_of(item, outcome, at=self.now)
            {"granted": model.granted, "denied": model.denied, "withdrawn": model.gone}[outcome].add(item)
            model.settle(self.day)

    @rule(which=WHICH)
    def join(self, which):
        """An item that was not wanted, or that was lost, is joined."""
        model = self.model
        not_wanted = {item for item, standing in self.standings.items() if standing == "not_needed"}
        item = self.one(which, not_wanted | (model.gone | model.blocked) & model.part)
        wanted = self.standings[item] == "not_needed" or item in (model.gone | model.blocked) & model.part
        if model.taken_up and wanted:
            self.standings |= {item: "selected"}
            self.office.joins(item, at=self.now)
            model.join(item, self.day)

    @rule(which=WHICH, procedure=PROCEDURES, days=st.integers(1, 5))
    def suspend(self, which, procedure, days):
        model = self.model
        item = self.one(which, model.undecided)
        allowed = model.taken_up and item in model.undecided
        news = self.attempt(lambda: self.office.suspends(item, procedure, days=days, at=self.now), allowed)
        if allowed:
            earlier = model.pauses[item]
            running = any(each.startswith(procedure) and until is None for each, (_, until) in earlier.items())
            assert news != running
            if news:
                earlier[f"{procedure} {len(earlier)}"] = (self.day, None)

    @rule(which=WHICH, procedure=PROCEDURES)
    def resume(self, which, procedure):
        model = self.model
        item = self.one(which, filter(model.is_suspended, NAMES))
        if item not in model.undecided:
            return
        running = [n for n, (_, until) in model.pauses[item].items() if n.startswith(procedure) and until is None]
        before = any(n.startswith(procedure) for n in model.pauses[item])
        if self.attempt(lambda: self.office.resumes(item, procedure, at=self.now), bool(running) or before):
            (name,) = running
            model.pauses[item][name] = (model.pauses[item][name][0], self.day)

    @rule(which=WHICH)
    def ask_for_time(self, which):
        model = self.model
        item = self.one(which, model.undecided)
        allowed = model.taken_up and item in model.undecided and (item in model.asked or self.is_in_time(item))
        if self.attempt(lambda: self.office.asks_for_time(item, at=self.now), allowed):
            model.asked.add(item)

    @rule(which=WHICH, same=st.booleans())
    def give_time(self, which, same):
        model = self.model
        item = self.one(which, model.asked & model.undecided)
        asked = item in model.asked and not same and self.is_in_time(item)
        allowed = model.taken_up and item in model.undecided and (item in model.extended or asked)
        by = "reviewer-1" if same else "head-1"
        if self.attempt(lambda: self.office.gives_time(item, at=self.now, by=by), allowed):
            model.extended.add(item)
            model.asked.discard(item)

    def is_in_time(self, item):
        if item in self.model.extended or item not in self.model.undecided:
            return False
        due = self.model.due(item, "statutory")
        return due is None or self.day <= due

    @rule(days=st.integers(0, 6))
    def time_passes(self, days):
        self.now += timedelta(days=days)
        self.office.sees(self.now)
        assert min(self.office.bundle.timers().values(), default=self.now + timedelta(1)) > self.now

    @invariant()
    def agrees_with_the_model(self):
        bundle, model = self.office.bundle, self.model
        if model.taken_up:
            assert self.office.status() == {item: model.status(item) for item in bundle.reviews}
            assert model.part == set(bundle.reviews)
        assert (bundle.verdict is not None) == model.concluded

    @invariant()
    def its_limits_are_those_of_the_almanac(self):
        for item in self.model.undecided if self.model.taken_up else ():
            for limit in ("promised", "statutory"):
                assert self.office.due(item, limit) == self.model.due(item, limit)

    @invariant()
    def warns_only_of_open_reviews(self):
        for review in self.office.bundle.reviews.values():
            assert not review.ahead or review.status in {Status.OPEN, Status.SUSPENDED}
            assert review.is_over == (review.status in ENDS)

    @invariant()
    def concludes_with_every_item(self):
        bundle = self.office.bundle
        verdicts = [happened for happened in bundle.pending if isinstance(happened, BundleConcluded)]
        assert bool(verdicts) >= self.model.concluded
        if self.model.concluded:
            verdict = verdicts[-1]
            ends = (*verdict.granted, *verdict.denied, *verdict.gone, *verdict.blocked)
            assert sorted(ends) == sorted(self.model.part)
            assert (verdict.verdict == "granted") == (len(verdict.granted) == len(ends))
            assert bool(verdict.granted) == (verdict.verdict in {"granted", "partly"})

    @invariant()
    def a_replay_and_a_snapshot_lead_to_the_same_state_and_rows(self):
        bundle = self.office.bundle
        again = replayed(bundle, bundle.pending)
        assert again.state() == bundle.state()
        kept = restore(Bundle, bundle.stream, bundle.version, take(bundle))
        assert kept.state() == bundle.state()
        assert again.timers() == bundle.timers()
        assert (review_rows(again), bundle_rows(again)) == (review_rows(bundle), bundle_rows(bundle))


Walk.TestCase.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
TestRandomWalks = Walk.TestCase
