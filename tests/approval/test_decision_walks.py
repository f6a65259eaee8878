"""Random walks around decisions: desks, hearings, visits, amendments, verification; against a plain model.

The theme is as small as it can be: B needs A, both are visited together, A is verified afterwards, C has a hearing.
"""

from datetime import date, timedelta

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from approval.domain import Bundle
from approval.projections import bundle_rows, opinion_rows, review_rows
from catalogue.rules import Limit, Verification
from contracts.approval import (
    DecisionCorrected,
    DecisionRevoked,
    DecisionVoided,
    ReviewDenied,
    ReviewGranted,
    VisitResult,
)
from eventing.errors import OneThingError
from eventing.snapshots import restore, take
from testkit.facts import replayed

from .mothers import CALENDAR, TODAY, Office, a_theme, an_item, needs
from .people import at_window, house, noon, of

RULE = Verification(within=Limit(days=12), rectify_within=Limit(days=4), recheck_within=Limit(days=3))
THEME = a_theme(
    msgspec.structs.replace(an_item("A"), joint_visit="site", verification=RULE),
    msgspec.structs.replace(an_item("B", needs("A")), joint_visit="site"),
    msgspec.structs.replace(an_item("C"), hearing=True),
)
ITEMS = st.sampled_from("ABC")
PEOPLE = st.sampled_from(["wang", "li"])
UNDECIDED = {"open", "locked", "suspended"}
A_GRANTED = (("decide", "A", "wang", True),)
B_GRANTED = (*A_GRANTED, ("decide", "B", "li", True))
TOLD = (("tell",),)
ASKED = (*TOLD, ("say", True))
C_GRANTED = (*TOLD, ("say", False), ("decide", "C", "wang", True))
STAGES = [
    (),
    A_GRANTED,
    (*B_GRANTED, *C_GRANTED),
    (*B_GRANTED, ("propose", "A", "voiding", "wang")),
    (*A_GRANTED, ("propose", "A", "revocation", "wang")),
    (*A_GRANTED, ("verify", False), ("order",)),
    (*C_GRANTED, ("decide", "A", "wang", False)),
    ASKED,
    (*ASKED, ("schedule", 7, "judge"), ("time_passes", 12)),
    (("plan_visit", 1),),
]
"""Where a walk begins: what has been done by then."""
ANYTHING = st.one_of(
    st.tuples(st.just("desk"), ITEMS, PEOPLE, st.sampled_from(["claim", "assign", "release"]), PEOPLE),
    st.tuples(st.just("decide"), ITEMS, PEOPLE, st.booleans()),
    st.tuples(st.just("tell")),
    st.tuples(st.just("say"), st.booleans()),
    st.tuples(st.just("schedule"), st.sampled_from([6, 7, 8, 21]), st.sampled_from(["wang", "judge"])),
    st.tuples(st.just("hold")),
    st.tuples(st.just("plan_visit"), st.integers(0, 3)),
    st.tuples(st.just("record_visit"), st.booleans()),
    st.tuples(st.just("dispense"), st.sampled_from("AB")),
    st.tuples(st.just("propose"), ITEMS, st.sampled_from(["correction", "voiding", "revocation"]), PEOPLE),
    st.tuples(st.just("approve"), ITEMS, PEOPLE),
    st.tuples(st.just("drop"), ITEMS, PEOPLE),
    st.tuples(st.just("verify"), st.booleans()),
    st.tuples(st.just("order")),
    st.tuples(st.just("recheck"), st.booleans()),
    st.tuples(st.just("time_passes"), st.integers(1, 12)),
)
"""Every step with everything that can be said with it."""
REMINDERS = {
    "hearing": "remind_of_hearings",
    "opinion": "remind_of_opinions",
    "verification": "remind_of_verifications",
}


def working(day: date, days: int) -> date:
    """The day on which so many working days after it have passed, counted one by one."""
    while days:
        day += timedelta(days=1)
        days -= CALENDAR.is_working(day)
    return day


class Model:
    """What people at their desks would remember."""

    def __init__(self):
        self.status = {"A": "open", "B": "locked", "C": "open"}
        self.holder = dict.fromkeys("ABC", "")
        self.examined = {item: set() for item in "ABC"}
        self.proposal = {}
        self.last_approver = {}
        self.waiting = set()
        self.visit_on = None
        self.hearing = None
        self.check = None

    def work(self, item):
        return self.status[item] in UNDECIDED

    def held_by_other(self, item, person):
        return self.holder[item] not in {"", person}

    def settle(self):
        """What B may do follows from A."""
        a, b = self.status["A"], self.status["B"]
        if b in {"open", "locked", "blocked"}:
            self.status["B"] = {"granted": "open", "denied": "blocked", "revoked": "blocked"}.get(a, "locked")

    def visited(self, item):
        return item in self.waiting and self.work(item)

    def decidable(self, item, person, today):
        if self.status[item] != "open" or self.held_by_other(item, person) or self.visited(item):
            return False
        if item == "C":
            hearing = self.hearing
            if hearing is None or (hearing["wanted"] and not hearing["held"]):
                return False
            if not hearing["wanted"] and not hearing["waived"] and today <= hearing["until"]:
                return False
            return not (hearing["held"] and hearing["presider"] == person)
        return True


class Walk(RuleBasedStateMachine):
    """Two people at three desks, an applicant, and time."""

    @initialize(stage=st.sampled_from(STAGES))
    def begin(self, stage):
        self.office = Office(THEME).accepts().supplies()
        self.bundle = self.office.bundle
        self.model = Model()
        self.today = TODAY
        for step, *how in stage:
            getattr(self, step)(*how)

    @property
    def law(self):
        return self.office.law(noon(self.today))

    def act(self, item, by):
        return of(item, by, noon(self.today))

    def attempt(self, do, allowed):
        """Does it: refused where the model says so, and then nothing is recorded. Returns whether it was news."""
        before = self.bundle.version
        try:
            do()
        except OneThingError:
            refused = True
        else:
            refused = False
        assert refused != bool(allowed)
        assert not refused or self.bundle.version == before
        return self.bundle.version > before

    @rule(data=st.data(), steps=st.integers(1, 4))
    def what_is_likely(self, data, steps):
        """A few things that mostly have their place just then."""
        for _ in range(steps):
            choices = sorted(self.likely())
            name = data.draw(st.sampled_from(sorted({step for step, *_ in choices})))
            _, *how = data.draw(st.sampled_from([step for step in choices if step[0] == name]))
            getattr(self, name)(*how)

    @rule(step=ANYTHING)
    def anything(self, step):
        """Whatever comes to mind."""
        name, *how = step
        getattr(self, name)(*how)

    def likely(self):
        """Steps that the model expects to count, or nearly."""
        yield from (("time_passes", 1), ("time_passes", 9))
        for item in "ABC":
            for person in ("wang", "li"):
                yield from self.likely_of(item, person)
        if self.model.status["C"] in {"open", "suspended"}:
            yield from self.likely_hearing()
        if self.model.work("A") or self.model.work("B"):
            yield from (("plan_visit", 0), ("record_visit", True))
        if self.model.check:
            yield from {
                "planned": (("verify", True), ("verify", False)),
                "kept": (("verify", False),),
                "not_kept": (("order",),),
                "ordered": (("recheck", True), ("recheck", False)),
                "passed": (("verify", True), ("verify", False)),
                "failed": (("order",),),
            }[self.model.check["state"]]

    def likely_of(self, item, person):
        model = self.model
        if model.decidable(item, person, self.today):
            yield from (("decide", item, person, grant) for grant in (True, False))
        if model.status[item] in {"granted", "denied"}:
            yield from (("propose", item, kind, person) for kind in ("correction", "voiding", "revocation"))
        if item in model.proposal:
            yield "approve", item, person
        if model.work(item):
            yield from (("desk", item, person, "assign", "li"), ("desk", item, person, "release", ""))

    def likely_hearing(self):
        yield ("tell",)
        if hearing := self.model.hearing:
            yield from (("say", True), ("say", False), ("hold",))
            yield from (("schedule", days, by) for days in (7, 8) for by in ("wang", "judge"))
            ends = [day for day in (hearing["until"], hearing["on"]) if day and day > self.today]
            yield from (("time_passes", (day - self.today).days) for day in ends)

    # desks

    def desk(self, item, person, verb, to):
        model, act = self.model, self.act(item, person)
        allowed = model.work(item) and (verb == "assign" or not model.held_by_other(item, person))

        def do():
            match verb:
                case "claim":
                    self.bundle.claim(item, self.law, act=act)
                case "assign":
                    self.bundle.assign(item, to, "", self.law, act=act)
                case _:
                    self.bundle.release(item, "", self.law, act=act)

        if self.attempt(do, allowed):
            model.holder[item] = {"claim": person, "assign": to, "release": ""}[verb]
            model.examined[item] |= {model.holder[item]} - {""}

    # decisions

    def decide(self, item, person, grant):
        model, wanted = self.model, "granted" if grant else "denied"
        again = model.status[item] == wanted
        allowed = again or model.decidable(item, person, self.today)

        def do():
            if grant:
                self.bundle.grant(item, "", self.law, act=self.act(item, person))
            else:
                self.bundle.deny(item, "no", self.law, remedy="appeal", act=self.act(item, person))

        if self.attempt(do, allowed):
            assert not again
            model.status[item] = wanted
            model.settle()
            if item == "A":
                model.check = {"state": "planned", "due": working(self.today, 12)} if grant else None

    # hearings

    def tell(self):
        heard = self.model.status["C"] in {"open", "suspended"}
        act = self.act("C", "wang")
        if self.attempt(lambda: self.bundle.tell_hearing_right("C", ("applicant",), "", self.law, act=act), heard):
            self.model.hearing = {
                "until": working(self.today, 5), "wanted": False, "waived": False, "held": False, "on": None,
                "presider": "", "by": None,
            }  # fmt: skip

    def say(self, ask):
        """The applicant asks for a hearing, or waives it."""
        hearing, status = self.model.hearing, self.model.status["C"]
        verb = "wanted" if ask else "waived"
        allowed = hearing is not None and status in {"open", "suspended"}
        if allowed and not hearing[verb]:
            allowed = not hearing["held"] and (not ask or self.today <= hearing["until"])

        def do():
            if ask:
                self.bundle.request_hearing("C", "applicant", "", self.law, act=at_window(at=noon(self.today)))
            else:
                self.bundle.waive_hearing("C", "applicant", self.law, act=at_window(at=noon(self.today)))

        if self.attempt(do, allowed):
            hearing |= {"wanted": ask, "waived": not ask, "on": None, "presider": ""}
            hearing["by"] = working(self.today, 20) if ask else None
            self.model.status["C"] = "suspended" if ask else "open"

    def schedule(self, days, presider):
        hearing, on = self.model.hearing, working(self.today, days)
        allowed = self.model.status["C"] == "suspended" and hearing is not None and not hearing["held"]
        if allowed and (hearing["on"], hearing["presider"]) != (on, presider):
            earliest = working(self.today, 7)
            fits = earliest <= on <= max(hearing["by"], earliest)
            allowed = presider not in self.model.examined["C"] and fits
        act = self.act("C", "li")
        if self.attempt(lambda: self.bundle.schedule_hearing("C", on, "room", presider, self.law, act=act), allowed):
            hearing |= {"on": on, "presider": presider}

    def hold(self):
        hearing, status = self.model.hearing, self.model.status["C"]
        allowed = status in {"open", "suspended"} and hearing is not None
        if allowed and not hearing["held"]:
            allowed = hearing["wanted"] and hearing["on"] is not None and self.today >= hearing["on"]
        act = self.act("C", "li")
        if self.attempt(lambda: self.bundle.record_hearing("C", "sha256:r", self.law, act=act), allowed):
            hearing["held"] = True
            self.model.status["C"] = "open"

    # visits

    def plan_visit(self, days):
        wanted = [item for item in "AB" if self.model.work(item)]
        on = self.today + timedelta(days=days)
        act = self.act(wanted[0] if wanted else "A", "wang")
        if self.attempt(lambda: self.bundle.plan_visit("site", (), on, self.law, act=act), bool(wanted)):
            self.model.waiting |= set(wanted)
            self.model.visit_on = on

    def record_visit(self, enough):
        waiting = [item for item in "AB" if self.model.visited(item)]
        number = next((n for n in self.bundle.visits if self.bundle.waiting(n)), None)
        assert bool(number) == bool(waiting)
        if number is None:
            return
        people = ("wang", "li") if enough else ("wang",)
        inspectors = {f"dept-{item}": people for item in waiting}
        results = {item: VisitResult(passed=True) for item in waiting}
        allowed = enough and self.today >= self.model.visit_on
        act = self.act(waiting[0], "wang")
        if self.attempt(lambda: self.bundle.record_visit(number, inspectors, results, self.law, act=act), allowed):
            self.model.waiting -= set(waiting)

    def dispense(self, item):
        act = self.act(item, "li")

        def do():
            self.bundle.dispense_visit(item, "seen before", self.law, act=act)

        if self.attempt(do, self.model.work(item)):
            self.model.waiting.discard(item)

    # afterwards

    def propose(self, item, kind, person):
        model, standing = self.model, self.model.proposal.get(item)
        possible = {"granted": {"correction", "voiding", "revocation"}, "denied": {"correction", "voiding"}}
        allowed = kind in possible.get(model.status[item], ()) and (
            standing is None or not standing[1] or standing == (kind, person)
        )
        act = self.act(item, person)

        def do():
            match kind:
                case "correction":
                    self.bundle.propose_correction(item, "typo", self.law, act=act)
                case "voiding":
                    self.bundle.propose_voiding(item, "wrong case", "voided", self.law, act=act)
                case _:
                    self.bundle.propose_revocation(item, "fraud", "forged", self.law, act=act)

        if self.attempt(do, allowed):
            model.proposal[item] = (kind, person)

    def approve(self, item, person):
        model = self.model
        standing = model.proposal.get(item)
        again = standing is None and model.last_approver.get(item) == person
        allowed = again or (standing is not None and standing[1] not in {"", person})

        def do():
            self.bundle.approve_proposal(item, self.law, remedy="", act=self.act(item, person))

        if self.attempt(do, allowed):
            assert not again
            del model.proposal[item]
            model.last_approver[item] = person
            if standing[0] == "voiding":
                model.status[item] = "open"
                model.holder[item] = ""
                if item == "B":
                    model.status["B"] = "open" if model.status["A"] == "granted" else "locked"
            elif standing[0] == "revocation":
                model.status[item] = "revoked"
            if item == "A" and standing[0] != "correction":
                model.check = None
            model.settle()

    def drop(self, item, person):
        act = self.act(item, person)
        if self.attempt(lambda: self.bundle.drop_proposal(item, "no", self.law, act=act), allowed=True):
            del self.model.proposal[item]

    def verify(self, kept):
        check, wanted = self.model.check, "kept" if kept else "not_kept"
        allowed = (
            self.model.status["A"] == "granted"
            and check is not None
            and check["state"] in {"planned", "kept", "passed", wanted}
        )
        act = self.act("A", "wang")

        def do():
            self.bundle.record_verification("A", kept=kept, findings="seen", law=self.law, act=act)

        if self.attempt(do, allowed):
            check["state"] = wanted

    def order(self):
        check = self.model.check
        allowed = (
            self.model.status["A"] == "granted"
            and check is not None
            and check["state"] in {"not_kept", "failed", "ordered"}
        )
        act = self.act("A", "wang")
        if self.attempt(lambda: self.bundle.order_rectification("A", "mend it", None, self.law, act=act), allowed):
            rectify_by = working(self.today, 4)
            check |= {"state": "ordered", "ends": [rectify_by, working(rectify_by, 3)]}

    def recheck(self, passed):
        check, wanted = self.model.check, "passed" if passed else "failed"
        allowed = self.model.status["A"] == "granted" and check is not None and check["state"] in {"ordered", wanted}
        act = self.act("A", "wang")

        def do():
            self.bundle.record_recheck("A", passed=passed, findings="again", law=self.law, act=act)

        if self.attempt(do, allowed):
            check["state"] = wanted
            if not passed:
                self.model.proposal.setdefault("A", ("revocation", ""))

    # time

    def time_passes(self, days):
        self.today += timedelta(days=days)
        at = noon(self.today)
        due = {name for name, when in self.bundle.timers().items() if when <= at}
        for name in due & REMINDERS.keys():
            getattr(self.bundle, REMINDERS[name])(act=house(at))
        left = {name for name, when in self.bundle.timers().items() if when <= at}
        assert not left & REMINDERS.keys()

    # what always holds

    @invariant()
    def agrees_with_the_model(self):
        model = self.model
        assert self.office.status() == model.status
        assert {item: self.bundle.holder(item) for item in "ABC"} == model.holder
        standing = {item: self.bundle.proposed(item) for item in "ABC"}
        assert {i: (p.kind, p.by) for i, p in standing.items() if p} == model.proposal
        assert {item for item in "AB" if self.bundle._outstanding(item)} == {i for i in "AB" if model.visited(i)}
        assert (self.bundle.verdict is None) == any(model.work(item) for item in "ABC")
        check = self.bundle.check("A")
        assert (check and check.state) == (model.check and model.check["state"])

    @invariant()
    def timers_are_what_people_would_write_into_their_calendars(self):
        ends = {}
        hearing, check = self.model.hearing, self.model.check
        if hearing and self.model.work("C") and not hearing["held"]:
            if hearing["wanted"]:
                ends["hearing"] = {hearing["by"]}
            elif not hearing["waived"]:
                ends["hearing"] = {hearing["until"]}
        if check and self.model.status["A"] == "granted":
            ends["verification"] = {"planned": {check["due"]}, "ordered": set(check.get("ends", ()))}.get(
                check["state"], set()
            )
        for name in ("hearing", "verification"):
            ahead = [day for day in ends.get(name, ()) if day >= self.today]
            timer = self.bundle.timers().get(name)
            assert (timer and timer.date()) == (min(ahead) + timedelta(days=1) if ahead else None)

    @invariant()
    def changes_to_decisions_are_made_by_two_people(self):
        for happened in self.bundle.pending:
            if isinstance(happened, DecisionCorrected | DecisionVoided | DecisionRevoked):
                assert {happened.proposed_by, happened.approved_by} == {"wang", "li"}

    @invariant()
    def nothing_is_decided_twice_unless_the_first_decision_was_voided(self):
        stands, numbers = {}, []
        for happened in self.bundle.pending:
            match happened:
                case ReviewGranted() | ReviewDenied():
                    assert happened.item not in stands
                    stands[happened.item] = happened.decision
                    numbers.append(happened.decision)
                case DecisionVoided():
                    assert stands.pop(happened.item) == happened.decision
                case DecisionRevoked() | DecisionCorrected():
                    assert stands[happened.item] == happened.decision
        assert len(numbers) == len(set(numbers))

    @invariant()
    def a_replay_and_a_snapshot_lead_to_the_same_state_and_rows(self):
        again = replayed(self.bundle, self.bundle.pending)
        restored = restore(Bundle, self.bundle.stream, self.bundle.version, take(self.bundle))
        for other in (again, restored):
            assert other.state() == self.bundle.state()
            assert other.timers() == self.bundle.timers()
            for rows in (review_rows, bundle_rows, opinion_rows):
                assert rows(other) == rows(self.bundle)


Walk.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
TestWalksAroundDecisions = Walk.TestCase
