"""咨询: who asks is answered, called back, counted once a day, and perhaps becomes an applicant."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.language import Caller
from contracts.outreach import (
    Asked,
    CloseConsultation,
    CountConsultations,
    FollowUpConsultation,
    GetConsultation,
    LinkConsultation,
    ListConsultations,
    RecordConsultation,
)
from eventing.errors import Forbidden, NotFound
from kernel.digests import canonical
from outreach.domain.consultation import Consultation, Matter, Private
from outreach.domain.refusals import (
    CaseOfAnotherTheme,
    CodeUnknown,
    ConsultationDiffers,
    ConsultationEnded,
    ConsultationLinkedAlready,
    FollowUpPast,
    GuideUnknown,
    NothingAsked,
)
from testkit.facts import an_act, facts, given, names, refused, replayed
from testkit.replica import Replica

from .mothers import CLERK, COUNTY, HELPER, accepted, closed, opened, reopened

AGENT = Caller(by="agent-1", roles=("hotline",))
THEME = next(iter(COUNTY.themes.values()))
CHILD = Matter("helper", THEME.id)


def taken(matter: Matter = CHILD, consultation: Consultation | None = None, **more: Any) -> Consultation:
    consultation = consultation or Consultation("q1")
    consultation.take(matter, **{"act": an_act(), **more})
    return consultation


def test_a_consultation_says_what_was_asked_where_and_when() -> None:
    assert facts(taken(intention="intends", follow_up_on=date(2026, 7, 24))) == [
        (
            "ConsultationRecorded",
            {
                "channel": "helper",
                "on": "2026-07-23",
                "theme": THEME.id,
                "hall": "county",
                "window": "w1",
                "intention": "intends",
                "follow_up_on": "2026-07-24",
            },
        )
    ]


def test_the_same_again_is_no_news_and_another_is_refused() -> None:
    consultation = given(taken())

    assert facts(taken(CHILD, consultation)) == []
    with refused(ConsultationDiffers):
        taken(Matter("hotline", THEME.id), consultation)


def test_it_is_about_something_and_the_call_back_is_to_come() -> None:
    with refused(NothingAsked):
        taken(Matter("hotline"))
    with refused(FollowUpPast):
        taken(follow_up_on=date(2026, 7, 22))


def test_it_is_followed_up_linked_and_closed() -> None:
    consultation = given(taken(private=Private("p", "pd", "key-1")))
    consultation.follow_up("not_reached", "unknown", date(2026, 7, 25), act=an_act())
    consultation.follow_up("reached", "intends", None, act=an_act())
    consultation.link("c1", THEME.id, act=an_act())
    consultation.link("c1", THEME.id, act=an_act())
    consultation.close(act=an_act())
    consultation.close(act=an_act())

    assert names(consultation) == [
        "ConsultationFollowedUp",
        "ConsultationFollowedUp",
        "ConsultationLinked",
        "ConsultationClosed",
    ]
    assert (consultation.standing, consultation.intention) == ("linked", "intends")
    with refused(ConsultationEnded):
        consultation.follow_up("reached", "none", None, act=an_act())
    with refused(ConsultationLinkedAlready, case="c1"):
        consultation.link("c2", THEME.id, act=an_act())


def test_a_case_of_another_theme_did_not_come_of_it() -> None:
    with refused(CaseOfAnotherTheme):
        taken().link("c1", "XX", act=an_act())


def test_its_replay_is_its_state() -> None:
    consultation = taken()
    consultation.follow_up("reached", "none", None, act=an_act())

    assert canonical(replayed(consultation, consultation.pending).state()) == canonical(consultation.state())


# the service


def asking(name: str = "q1", **more: Any) -> RecordConsultation:
    return RecordConsultation(**{"consultation": name, "channel": "helper", "theme": "CSB", **more})


def test_who_asked_is_sealed_and_counted_by_a_blind_index(desk: Replica) -> None:
    who = {"identifier": "990102199001010015", "asked": Asked(words="林某问新生儿", name="林某", mobile="13900000001")}
    desk.command(asking("q1", **who), asking("q2", **who), asking("q3"), caller=HELPER)

    assert all(word not in fact.state.decode() for fact in desk.log() for word in ("林某", "139000", "990102199"))
    told = desk.ask(CountConsultations(begins=date(2026, 7, 23), ends=date(2026, 7, 23)))["counts"]
    assert [(each["key"], each["consultations"], each["people_days"]) for each in told] == [("CSB", 3, 2)]
    assert "who" not in desk.ask(ListConsultations())["consultations"][0]

    desk.clock.advance(timedelta(days=1))
    desk.command(asking("q4", **who), caller=HELPER)
    told = desk.ask(CountConsultations(begins=date(2026, 7, 23), ends=date(2026, 7, 24)))["counts"]
    assert told[0]["people_days"] == 3

    assert desk.ask(GetConsultation(consultation="q1", personal=True), HELPER)["asked"]["name"] == "林某"
    with refused(Forbidden):
        desk.ask(GetConsultation(consultation="q1", personal=True), CLERK)


def test_what_came_of_consultations_is_told_step_by_step(desk: Replica) -> None:
    desk.command(asking("q1"), asking("q2", intention="intends"), caller=HELPER)
    desk.follow("intake", ("c2", 1, opened("c2", number="YJS-990102-CSB-20260723-000002-0")))
    desk.command(LinkConsultation(consultation="q1", case_id="c2"), caller=HELPER)

    def steps() -> list[int]:
        counted = desk.ask(CountConsultations(begins=date(2026, 7, 23), ends=date(2026, 7, 23), by="day"))
        (row,) = counted["counts"]
        return [row[name] for name in ("consultations", "intended", "submitted", "accepted", "closed")]

    assert steps() == [2, 2, 1, 0, 0]
    desk.follow("intake", ("c2", 2, accepted("c2")))
    assert steps() == [2, 2, 1, 1, 0]
    desk.follow("intake", ("c2", 3, closed("c2")), ("c2", 4, reopened("c2")))
    assert steps() == [2, 2, 1, 1, 0]
    desk.follow("intake", ("c2", 5, closed("c2")))
    assert steps() == [2, 2, 1, 1, 1]


def test_a_case_that_nobody_opened_came_of_nothing(desk: Replica) -> None:
    desk.command(asking(), caller=HELPER)
    with refused(NotFound):
        desk.command(LinkConsultation(consultation="q1", case_id="c9"), caller=HELPER)


@pytest.mark.parametrize(
    "wrong", [{"theme": "XX"}, {"items": ("XX01",)}, {"answers": {"mood": "good"}}], ids=["theme", "item", "answer"]
)
def test_what_was_told_stands_in_the_guide(desk: Replica, wrong: dict[str, Any]) -> None:
    with refused(GuideUnknown):
        desk.command(asking(**{"theme": THEME.id, "catalogue": COUNTY.version, **wrong}), caller=HELPER)


def test_a_place_that_is_named_has_a_code(desk: Replica) -> None:
    with refused(CodeUnknown):
        desk.command(asking(place="ward-3"), caller=HELPER)


def test_they_are_listed_page_by_page_and_by_the_day_of_the_call_back(desk: Replica) -> None:
    for n in range(3):
        desk.command(asking(f"q{n}", follow_up_on=date(2026, 7, 24 + n)), caller=CLERK)
        desk.clock.advance(timedelta(seconds=1))
    desk.command(CloseConsultation(consultation="q0"), caller=CLERK)
    desk.command(FollowUpConsultation(consultation="q2", outcome="reached"), caller=CLERK)

    page = desk.ask(ListConsultations(hall="county", limit=2))
    rest = desk.ask(ListConsultations(hall="county", limit=2, after=page["after"]))
    assert [each["consultation"] for each in page["consultations"] + rest["consultations"]] == ["q2", "q1", "q0"]
    due = desk.ask(ListConsultations(due_by=date(2026, 7, 26)))["consultations"]
    assert [each["consultation"] for each in due] == ["q1"]
    assert [each["consultation"] for each in desk.ask(ListConsultations(state="closed"))["consultations"]] == ["q0"]


def test_ones_own_are_told_apart_and_seen_wherever_they_were_recorded(desk: Replica) -> None:
    desk.command(asking("q1"), caller=HELPER)
    desk.command(asking("q2"), caller=CLERK)

    def listed(caller: Caller, **question: Any) -> list[str]:
        return [
            each["consultation"] for each in desk.ask(ListConsultations(**question), caller=caller)["consultations"]
        ]

    assert listed(HELPER) == ["q1"]
    assert listed(CLERK, mine=True) == ["q2"]
    assert listed(AGENT, mine=True) == []
    assert sorted(listed(AGENT)) == ["q1", "q2"]


def test_what_was_personal_is_told_to_nobody_once_it_is_settled(desk: Replica) -> None:
    desk.command(asking("q1", asked=Asked(words="how", told="so")), caller=CLERK)
    before = desk.ask(GetConsultation(consultation="q1", personal=True), caller=CLERK)
    desk.command(CloseConsultation(consultation="q1"), caller=CLERK)
    after = desk.ask(GetConsultation(consultation="q1", personal=True), caller=CLERK)

    assert (before["settled"], before["asked"]["told"]) == (False, "so")
    assert (after["settled"], after["asked"]) == (True, None)
