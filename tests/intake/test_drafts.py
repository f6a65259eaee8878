"""草稿: kept, resumed on another channel, ended with notice (一网通办)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.drafts import DiscardDraft, DraftExpiring, DraftUsed, GetDraft, ListDrafts, SaveDraft
from contracts.intake import BroughtMaterial, GetCase, GetHolder, PrefillForm
from contracts.language import Act, Caller
from contracts.readings import ListBesideReadings
from eventing.errors import Forbidden, NotFound, Refused
from intake.domain.draft import Contents, Draft, DraftEnded, DraftOfAnotherTheme, DraftWithheld
from intake.domain.refusals import AlreadyOpened, FormInvalid, UnknownAnswer, UnknownTheme
from kernel.digests import canonical
from testkit.facts import an_act, facts, given, names, refused, replayed

from .mothers import ANSWERS, CALENDAR, FULL_FORM, PERSON, at, catalogue, sealed
from .neighbours import CLERK, STRANGER, Office, opening

MOBILE = Caller(by="citizen-1", roles=("applicant",))
ELSEWHERE = Caller(by="clerk-2", org="zwzx", hall="street", roles=("clerk",))


def contents(index: str = "index", **more: Any) -> Contents:
    return Contents(**{"theme": "SP", "answers": ANSWERS, "index": index, **more})


def saved(draft: Draft | None = None, *, act: Act | None = None, channel: Any = "web", **more: Any) -> Draft:
    draft = draft or Draft("d1")
    draft.save(
        contents(**more),
        key_id="key-1",
        channel=channel,
        catalogue=catalogue(),
        calendar=CALENDAR,
        act=act or an_act(),
    )
    return draft


def a_draft(**more: Any) -> Draft:
    return given(saved(**more))


def test_an_end_says_which_draft_and_which_key_are_not_needed_any_more() -> None:
    expired, discarded, used = a_draft(), a_draft(), a_draft()
    expired.expire(act=an_act())
    discarded.discard(act=an_act())
    used.use("c1", act=an_act())

    assert facts(saved())[0][1]["draft"] == "d1"
    for draft in (expired, discarded, used):
        ((_, body),) = facts(draft)
        assert (body["draft"], body["key_id"]) == ("d1", "key-1")


# what is kept


def test_saving_records_everything_with_its_end_and_its_warning() -> None:
    draft = saved(act=at(23))

    ((name, body),) = facts(draft)
    assert name == "DraftSaved"
    assert (body["theme"], body["channel"], body["hall"], body["answers"]) == ("SP", "web", "county", ANSWERS)
    # 30 working days after Thursday 23 July 2026: 3 September (6 weeks); 25 for the warning: 27 August.
    assert draft.timers() == {
        "warning": datetime(2026, 8, 27, 16, tzinfo=UTC),
        "expiry": datetime(2026, 9, 3, 16, tzinfo=UTC),
    }


def test_a_draft_is_taken_up_on_another_channel_and_each_stays_known() -> None:
    draft = saved(a_draft(), channel="window", index="more", act=at(27))

    assert draft.channels == ("web", "window")
    assert draft.timers()["expiry"] == datetime(2026, 9, 7, 16, tzinfo=UTC)


def test_the_same_again_on_the_same_channel_is_no_news() -> None:
    draft = a_draft()

    assert facts(saved(draft)) == []
    assert names(saved(draft, channel="mobile")) == ["DraftSaved"]


def test_a_draft_stays_with_its_theme() -> None:
    with refused(DraftOfAnotherTheme, theme="SP"):
        saved(a_draft(), theme="SQ", index="other")


def test_a_stranger_saves_nothing_over_it_but_its_applicant_does() -> None:
    stranger = Act(at=at(24).at, by="somebody", caller=Caller(by="somebody"))
    draft = a_draft(applicant_index="index-1")

    with refused(DraftWithheld):
        saved(draft, index="more", act=stranger)
    assert names(saved(draft, index="more", applicant_index="index-1", act=stranger)) == ["DraftSaved"]


# how it ends


def test_its_end_is_told_once_and_then_comes() -> None:
    draft = a_draft()
    draft.warn(act=an_act())
    draft.warn(act=an_act())
    assert list(draft.timers()) == ["expiry"]

    draft.expire(act=an_act())
    draft.expire(act=an_act())

    assert names(draft) == ["DraftExpiring", "DraftExpired"]
    assert draft.timers() == {}


def test_touching_it_puts_its_end_off_and_the_warning_comes_again() -> None:
    draft = a_draft()
    draft.warn(act=an_act())

    assert set(saved(draft, index="more", act=at(29)).timers()) == {"warning", "expiry"}


def test_a_draft_that_ended_is_refused() -> None:
    draft = a_draft()
    draft.discard(act=an_act())

    assert names(draft) == ["DraftDiscarded"]
    with refused(DraftEnded, status="discarded"):
        saved(draft, index="more")
    draft.discard(act=an_act())
    draft.use("c1", act=an_act())
    draft.warn(act=an_act())
    draft.expire(act=an_act())
    assert names(draft) == ["DraftDiscarded"]


def test_nobody_else_throws_it_away() -> None:
    with refused(DraftWithheld):
        a_draft().discard(act=Act(at=at(24).at, by="x", caller=Caller(by="x", hall="street", roles=("clerk",))))


def test_a_draft_that_never_was_is_not_used() -> None:
    draft = Draft("d9")
    draft.use("c1", act=an_act())

    assert facts(draft) == []


class DraftWalk(RuleBasedStateMachine):
    """One draft, and everything that anybody may try, against a model of three words."""

    def __init__(self) -> None:
        super().__init__()
        self.draft = saved(act=at(23))
        self.past: list[Any] = []
        self.model = "open"
        self.warned = False

    def step(self, what: Any) -> list[str]:
        try:
            what(self.draft)
        except (Refused, Forbidden):
            assert self.model != "open"
        done = names(self.draft)
        self.past += self.draft.pending
        self.draft.pending.clear()
        return done

    @rule(index=st.sampled_from("abc"), channel=st.sampled_from(["web", "window"]), day=st.integers(23, 31))
    def save(self, index: str, channel: str, day: int) -> None:
        if self.step(lambda draft: saved(draft, index=index, channel=channel, act=at(day))):
            assert self.model == "open"
            self.warned = False

    @rule()
    def warn(self) -> None:
        assert (self.step(lambda draft: draft.warn(act=an_act())) != []) is (self.model == "open" and not self.warned)
        self.warned = True

    @rule(end=st.sampled_from(["expire", "discard", "use"]))
    @precondition(lambda self: len(self.past) > 2)
    def end(self, end: str) -> None:
        args = ("c1",) if end == "use" else ()
        if self.step(lambda draft: getattr(draft, end)(*args, act=an_act())):
            assert self.model == "open"
            self.model = {"expire": "run_out", "discard": "discarded", "use": "used"}[end]

    @invariant()
    def it_is_what_the_model_says(self) -> None:
        assert self.draft.status == self.model
        assert bool(self.draft.timers()) is (self.model == "open")
        again = replayed(self.draft, [*self.past, *self.draft.pending])
        assert canonical(again.state()) == canonical(self.draft.state())


TestDraftWalk = DraftWalk.TestCase
TestDraftWalk.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)


# the service


def saving(draft: str = "d1", **more: Any) -> SaveDraft:
    return SaveDraft(
        **{
            "draft": draft,
            "theme": "SP",
            "answers": {"licence": "held"},
            "values": {"name": "小馆", "seats": "四十"},
            "applicant": PERSON,
            **more,
        }
    )


def test_what_is_personal_is_sealed_and_comes_back_for_its_owner_alone(office: Office) -> None:
    office.send(saving(), by=MOBILE)

    stored = b"".join(fact.state for fact in office.running.log())
    for secret in (PERSON.name, PERSON.identifier, "小馆"):
        assert secret.encode() not in stored
    mine = office.ask(GetDraft(draft="d1"), MOBILE)
    assert mine["values"] == {"name": "小馆", "seats": "四十"}
    assert mine["applicant"]["identifier"] == PERSON.identifier
    with refused(DraftWithheld):
        office.ask(GetDraft(draft="d1"), STRANGER)
    with refused(DraftWithheld):
        office.ask(GetDraft(draft="d1", identifier="990102199202150022"), STRANGER)
    assert office.ask(GetDraft(draft="d1", identifier=PERSON.identifier), STRANGER)["values"]["name"] == "小馆"


def test_whose_draft_it_is_is_told_who_read_it(office: Office) -> None:
    office.send(saving(), by=CLERK)
    office.ask(GetDraft(draft="d1", purpose="consultation"), CLERK)
    own = Caller(by="lin", roles=("applicant",), subject=office.running.service.keyring.blind(PERSON.identifier))
    asked = ListBesideReadings(thing="draft", name="d1")

    for who in (own, Caller(by="a", roles=("auditor",))):
        assert [(each["by"], each["purpose"]) for each in office.ask(asked, who)["readings"]] == [
            (CLERK.by, "consultation")
        ]
    with refused(Forbidden):
        office.ask(asked, Caller(by="x", roles=("applicant",), subject="somebody"))
    assert (
        office.ask(ListBesideReadings(thing="consultation", name="c"), Caller(by="a", roles=("auditor",)))["readings"]
        == []
    )


def test_a_draft_begun_on_the_phone_is_finished_at_the_window(office: Office) -> None:
    office.send(saving(channel="mobile"), by=MOBILE)
    office.send(saving(channel="window", answers=ANSWERS, values=FULL_FORM), by=CLERK)

    draft = office.ask(GetDraft(draft="d1"), CLERK)
    assert (draft["channels"], draft["values"]) == (["mobile", "window"], FULL_FORM)
    assert [each["draft"] for each in office.ask(ListDrafts(hall="county"), CLERK)["drafts"]] == ["d1"]
    assert office.ask(ListDrafts(hall="county"), STRANGER)["drafts"] == []


def test_the_same_content_is_no_news_whatever_the_nonce(office: Office) -> None:
    office.send(saving(), by=MOBILE)
    office.send(saving(), by=MOBILE)

    assert len(office.running.log()) == 1


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"theme": "NO"}, UnknownTheme),
        ({"answers": {"licence": "stolen"}}, UnknownAnswer),
        ({"values": {"shoe_size": "43"}}, FormInvalid),
        ({"values": {"name": "x" * 501}}, FormInvalid),
        ({"provenance": {"name": "from somewhere"}}, FormInvalid),
    ],
)
def test_half_written_is_kept_and_unknown_is_not(office: Office, more: dict[str, Any], kind: type[Refused]) -> None:
    with refused(kind):
        office.send(saving(**more), by=MOBILE)
    assert office.running.log() == []


def test_a_case_uses_its_draft_up(office: Office) -> None:
    office.send(saving(), by=MOBILE)
    office.send(opening(draft="d1"))
    office.settle()
    office.settle()

    assert office.topics().count("used") == 1
    draft = office.ask(GetDraft(draft="d1"), MOBILE)
    assert (draft["status"], draft["used_by"]) == ("used", "c1")
    assert (draft["values"], draft["applicant"]) == ({}, None)
    with refused(DraftEnded, status="used"):
        office.ask(PrefillForm(theme="SP", answers=ANSWERS, draft="d1"), MOBILE)
    with refused(DraftEnded, status="used"):
        office.send(opening("c2", draft="d1", allow_duplicate=True))
    with refused(AlreadyOpened, number=office.ask(GetCase(case_id="c1"))["number"]):
        office.send(opening(draft="d1"))  # handed in twice


def test_a_case_is_not_made_of_somebody_elses_draft_or_of_none(office: Office) -> None:
    office.send(saving(), by=MOBILE)
    other = opening(draft="d1", applicant=PERSON.__class__(name="他人", identifier="990102199202150022"))

    with refused(DraftWithheld):
        office.send(other, by=ELSEWHERE)
    with refused(NotFound, what="draft"):
        office.send(opening(draft="d7"))
    office.send(saving("d2", theme="SQ", answers={}, values={}))
    with refused(DraftOfAnotherTheme):
        office.send(opening("c3", draft="d2"))


def test_nobody_touches_it_and_it_ends_with_notice(office: Office) -> None:
    office.send(saving(), by=MOBILE)

    assert office.pass_deadlines(timedelta(days=34)) == 0
    assert office.pass_deadlines(timedelta(days=3)) == 1
    assert office.pass_deadlines(timedelta(days=7)) == 1
    assert [topic for topic in office.topics() if topic != "saved"] == ["expiring", "expired"]
    with refused(DraftEnded, status="run_out"):
        office.send(saving(values={"name": "新馆"}), by=MOBILE)


def test_a_draft_says_sealed_whom_it_is_for(office: Office) -> None:
    office.send(saving(), by=MOBILE)
    office.send(saving("d2", applicant=None), by=MOBILE)

    holder = office.ask(GetHolder(case_id="d1"))
    assert (holder["theme"], holder["channel"]) == ("SP", "web")
    assert holder["applicant"][0] == holder["key_id"]
    for nobody in ("d2", "d3"):
        with refused(NotFound):
            office.ask(GetHolder(case_id=nobody))


def test_the_warning_names_the_draft_where_somebody_can_be_told() -> None:
    for applicant, draft in ((None, ""), (sealed("applicant"), "d1")):
        told = a_draft(applicant=applicant)
        told.warn(act=an_act())
        assert isinstance(told.pending[0], DraftExpiring)
        assert told.pending[0].draft == draft


def test_a_draft_is_no_case(office: Office) -> None:
    office.send(saving(), by=MOBILE)

    with refused(NotFound, what="case"):
        office.ask(GetCase(case_id="d1"))
    with refused(NotFound):
        office.ask(GetDraft(draft="c1"), CLERK)


def test_discarding_is_for_who_wrote_it(office: Office) -> None:
    scan = BroughtMaterial(material="food_form", medium="digital", digest="sha256:1")
    office.send(saving(materials=(scan,)), by=MOBILE)

    with refused(DraftWithheld):
        office.send(DiscardDraft(draft="d1"), by=STRANGER)
    assert office.send(DiscardDraft(draft="d1"), by=MOBILE)["status"] == "discarded"
    with refused(NotFound):
        office.send(DiscardDraft(draft="d2"))


def test_drafts_are_listed_from_page_to_page(office: Office) -> None:
    for n in range(4):
        office.send(saving(f"d{n}"))
        office.clock.advance(timedelta(seconds=1))

    first = office.ask(ListDrafts(hall="county", limit=3), CLERK)
    second = office.ask(ListDrafts(hall="county", limit=3, after=first["after"]), CLERK)

    assert [each["draft"] for each in first["drafts"] + second["drafts"]] == ["d3", "d2", "d1", "d0"]
    assert office.ask(ListDrafts(hall="county", status="used"), CLERK)["drafts"] == []
    assert office.ask(ListDrafts(hall="county", theme="SQ"), CLERK)["drafts"] == []


def test_a_fact_of_use_names_the_case() -> None:
    draft = a_draft()
    draft.use("c1", act=an_act())

    assert isinstance(draft.pending[0], DraftUsed)
    assert draft.pending[0].used_by == "c1"
