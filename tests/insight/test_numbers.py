"""Numbers: null where there are none, told apart, within reach, as of an instant, and opening into what they count."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from contracts.halls import TicketDrawn, TicketFinished, TicketMissed
from contracts.insight import GetIndicator, ListCitedFacts, ListIndicators
from contracts.language import Caller
from contracts.offers import OfferMade, OfferTaken
from contracts.outreach import (
    ConsultationLinked,
    ConsultationRecorded,
    RatingFedBack,
    RatingGiven,
    RectificationClosed,
    RectificationOpened,
)
from eventing.errors import Forbidden, Invalid, NotFound
from eventing.tables import MICROSECOND
from testkit.facts import NOON
from testkit.replica import Replica

from .mothers import AUDITOR, CASE, TODAY, YEAR, Teller, accepted, closed, corrected, granted, hall, opened, unlocked


@pytest.fixture
def teller(counter: Replica) -> Teller:
    return Teller(counter)


class TestWithoutFacts:
    def test_all_26_are_told_with_their_definitions(self, counter: Replica) -> None:
        told = counter.ask(ListIndicators(**YEAR), caller=AUDITOR)

        assert [each["number"] for each in told["indicators"]] == list(range(1, 27))
        assert all(each["formula"]["zh"] and each["traps"]["en"] and each["version"] for each in told["indicators"])

    def test_nothing_is_divided_by_zero(self, teller: Teller) -> None:
        number = teller.numbers("returns")[""]

        assert (number["value"], number["why"], number["denominator"]) == (None, "zero", 0)

    def test_what_nobody_reports_has_no_source(self, teller: Teller) -> None:
        for indicator in ("population", "upper_bound", "relative_volume", "complaints"):
            number = teller.numbers(indicator)[""]
            assert (number["value"], number["says"]["zh"]) == (None, "无数据来源"), indicator


class TestTogether:
    def statements(self, teller: Teller, monkeypatch: pytest.MonkeyPatch) -> int:
        asked: list[object] = []
        store = teller.counter.service.store
        select = store.select
        with monkeypatch.context() as patched:
            patched.setattr(store, "select", lambda statement: asked.append(statement) or select(statement))
            teller.counter.ask(ListIndicators(**YEAR), caller=AUDITOR)
        return len(asked)

    def test_all_are_read_in_a_few_statements(self, teller: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
        teller.a_case("c1", "SSHC01", "SSHC02", **CASE)

        assert self.statements(teller, monkeypatch) <= 6

    def test_what_was_known_then_is_read_once_and_what_is_learned_since_is_read(
        self, teller: Teller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        teller.a_case("c1", "SSHC01", "SSHC02", **CASE)
        first = self.statements(teller, monkeypatch)
        told = teller.counter.ask(ListIndicators(**YEAR), caller=AUDITOR)

        assert self.statements(teller, monkeypatch) < first - 1
        assert teller.counter.ask(ListIndicators(**YEAR), caller=AUDITOR) == told
        teller.a_case("c2", "SSHC01", **CASE)
        (joint, inside) = (
            next(each for each in teller.counter.ask(ListIndicators(**YEAR), caller=AUDITOR)["indicators"]
                 if each["indicator"] == name)["figures"][0]["numbers"][0]["value"]
            for name in ("joint_handling", "single_items")
        )  # fmt: skip
        assert (joint, inside) == (1, 3)

    def test_so_are_those_that_facts_came_late_for(self, teller: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
        teller.counter.clock.advance(timedelta(days=400))
        teller.a_case("c1", "SSHC01", "SSHC02", **CASE)

        assert self.statements(teller, monkeypatch) <= 10

    def test_alone_a_headline_is_the_same(self, teller: Teller) -> None:
        teller.a_case("c1", "SSHC01", "SSHC02", **CASE)
        teller.tell("intake", "c1", corrected("c1", SSHC01=("paper",)), closed("c1"))

        for each in teller.counter.ask(ListIndicators(**YEAR), caller=AUDITOR)["indicators"]:
            alone = teller.counter.ask(GetIndicator(indicator=each["indicator"], **YEAR), caller=AUDITOR)
            assert each["figures"] == alone["figures"][:1]


class TestToldApart:
    def test_by_theme_hall_and_level(self, teller: Teller) -> None:
        teller.tell("halls", "county", hall("county"))
        teller.tell("halls", "street", hall("street"))
        teller.a_case("c1", "CSB01", "CSB02")
        teller.a_case("c2", "CSB01", hall="street")
        teller.a_case("c3", "XSE01", theme="XSE")

        def by(name: str) -> dict[str, float]:
            return {of: number["value"] for of, number in teller.numbers("single_items", "inside", by=name).items()}

        assert by("theme") == {"CSB": 3, "XSE": 1}
        assert by("hall") == {"county": 3, "street": 1}
        assert by("level") == {"county": 3, "street": 1}
        assert by("item") == {"CSB01": 2, "CSB02": 1, "XSE01": 1}
        assert by("department") == {"dept": 4}
        assert by("month") == {TODAY.isoformat()[:7]: 4}
        assert teller.value("single_items", "inside", theme="CSB", hall="county") == 2

    def test_a_case_is_of_the_departments_of_its_items(self, teller: Teller) -> None:
        teller.tell("intake", "c1", opened("c1"), accepted("c1", "CSB01", handler="one"))
        teller.tell("intake", "c1", accepted("c1", "CSB02", handler="other"))

        numbers = teller.numbers("joint_handling", "joint", by="department")

        assert {of: number["value"] for of, number in numbers.items()} == {"one": 1, "other": 1}
        assert teller.value("joint_handling", "joint") == 1

    def test_what_facts_do_not_say_is_no_zero(self, teller: Teller) -> None:
        number = teller.numbers("windows", "served", department="dept")[""]

        assert (number["value"], number["why"]) == (None, "not_by_this")


class TestPeriods:
    def test_a_case_counts_once_in_the_period_of_its_first(self, teller: Teller) -> None:
        tomorrow = NOON + timedelta(days=1)
        teller.a_case("c1", "CSB01")
        teller.tell("intake", "c1", accepted("c1", "CSB02", at=tomorrow))

        def joint(day: datetime) -> float:
            value: float = teller.value("joint_handling", begins=day.date(), ends=day.date())
            return value

        assert (joint(NOON), joint(tomorrow)) == (1, 0)

    def test_an_acceptance_counts_for_the_day_that_the_law_gives_it(self, teller: Teller) -> None:
        fact = accepted("c1", "CSB01")
        fact = replace(fact, items=(replace(fact.items[0], accepted_on=TODAY - timedelta(days=7)),))
        teller.tell("intake", "c1", opened("c1"), fact)

        assert teller.value("single_items", begins=TODAY, ends=TODAY) == 0
        assert teller.value("single_items", begins=TODAY - timedelta(days=7), ends=TODAY) == 1

    def test_told_apart_by_time_it_is_what_each_time_has_for_itself(self, teller: Teller) -> None:
        month = timedelta(days=31)
        teller.a_case("c1", "CSB01")
        teller.tell("intake", "c1", accepted("c1", "CSB02", at=NOON + month))
        teller.a_case("c2", "CSB01", "CSB02", at=NOON + month)
        period = {"begins": TODAY, "ends": TODAY + 3 * month}

        by_month = teller.numbers("joint_handling", "joint", by="month", **period)

        assert {of: number["value"] for of, number in by_month.items()} == {
            TODAY.isoformat()[:7]: 1,
            (TODAY + month).isoformat()[:7]: 1,
        }
        assert teller.value("joint_handling", "joint", **period) == 2

    def test_an_end_before_its_beginning_is_refused(self, counter: Replica) -> None:
        with pytest.raises(Invalid):
            counter.ask(GetIndicator(indicator="1", begins=TODAY, ends=TODAY - timedelta(days=1)), caller=AUDITOR)

    def test_an_unknown_indicator_is_not_found(self, counter: Replica) -> None:
        with pytest.raises(NotFound):
            counter.ask(GetIndicator(indicator="27"), caller=AUDITOR)


class TestAsOf:
    def test_an_old_instant_gives_the_old_number(self, teller: Teller) -> None:
        teller.a_case("c1", "CSB01")
        before = teller.as_of()
        teller.counter.clock.advance(timedelta(minutes=5))
        teller.a_case("c2", "CSB01")

        assert teller.value("single_items") == 2
        assert teller.value("single_items", as_of=before) == 1
        assert teller.value("single_items", as_of=before - MICROSECOND) == 0

    def test_what_is_learned_at_one_instant_of_the_clock_has_two_instants_of_knowledge(self, teller: Teller) -> None:
        teller.a_case("c1", "CSB01")
        before = teller.as_of()
        teller.a_case("c2", "CSB01")

        assert teller.value("single_items", as_of=before) == 1

    def test_an_answer_names_an_instant_that_nothing_can_be_added_to(self, teller: Teller) -> None:
        teller.a_case("c1", "CSB01")
        told = teller.counter.ask(
            GetIndicator(indicator="3", **YEAR, as_of=datetime(2100, 1, 1, tzinfo=UTC)), caller=AUDITOR
        )
        teller.a_case("c2", "CSB01")

        assert teller.value("single_items", as_of=datetime.fromisoformat(told["as_of"])) == 1

    def test_a_late_fact_restates_a_period_that_is_over_and_says_so(self, teller: Teller) -> None:
        teller.a_case("c1", "CSB01")
        period = {"begins": TODAY, "ends": TODAY}
        teller.counter.clock.advance(timedelta(days=3))
        teller.a_case("other", "CSB01", at=NOON + timedelta(days=3))
        assert teller.numbers("single_items", **period)[""]["restated"] is None

        teller.a_case("late", "CSB01")

        number = teller.numbers("single_items", **period)[""]
        assert number["value"] == 2
        assert number["restated"]["before"] == 1
        assert number["restated"]["late"] >= 1

    def test_a_naive_instant_is_no_question(self) -> None:
        with pytest.raises(msgspec.ValidationError, match="as_of"):
            msgspec.convert({"indicator": "1", "as_of": "2026-01-01T00:00:00"}, GetIndicator)


class TestCited:
    def test_a_number_opens_into_its_cases_and_facts(self, teller: Teller) -> None:
        teller.a_case("c1", "CSB01", "CSB02")
        teller.a_case("c2", "CSB01")
        teller.tell("intake", "c2", corrected("c2", CSB01=("paper",)))

        complete = teller.cited("first_time_complete", "strict", part="numerator")
        submitted = teller.cited("first_time_complete", "strict", part="denominator")

        assert {fact["case_id"] for fact in complete} == {"c1"}
        assert {fact["case_id"] for fact in submitted} == {"c1", "c2"}
        assert {(fact["service"], fact["kind"]) for fact in complete} == {("intake", "accepted")}
        assert teller.value("first_time_complete", "strict") == 0.5

    def test_by_pages(self, teller: Teller) -> None:
        for n in range(5):
            teller.a_case(f"c{n}", "CSB01")
        seen, after = [], ""
        while True:
            page = teller.counter.ask(
                ListCitedFacts(indicator="3", figure="inside", after=after, limit=2, **YEAR), caller=AUDITOR
            )
            seen += [fact["case_id"] for fact in page["facts"]]
            after = page["after"]
            if not after:
                break

        assert sorted(seen) == [f"c{n}" for n in range(5)]

    def test_a_label_for_counting_alone_is_told_to_nobody(self, teller: Teller) -> None:
        asked: Any = {"at": NOON, "by": "c", "channel": "window", "on": TODAY, "theme": "CSB", "hall": "county"}
        teller.tell("outreach", "k0", ConsultationRecorded(**asked, person_day="mark of somebody"))
        teller.a_case("c1", "CSB01")

        (told,) = teller.cited("consultations", "person_days")
        plans = teller.cited("fewer_materials", "reduction")
        accepted = teller.cited("single_items", "inside")

        assert (told["kind"], told["subject"], told["label"]) == ("consulted", "k0", "")
        assert {(each["kind"], each["label"]) for each in plans} == {("scenario", "")}
        assert {(each["kind"], each["label"]) for each in accepted} == {("accepted", "whole")}

    def test_a_part_that_the_number_does_not_have_is_refused(self, teller: Teller) -> None:
        with pytest.raises(Invalid):
            teller.cited("single_items", "inside", part="denominator")


class TestReach:
    MANAGER = Caller(by="head-1", hall="county", halls=("street",), roles=("manager",))

    def test_a_manager_sees_the_numbers_of_their_halls(self, teller: Teller) -> None:
        for case_id, place in (("c1", "county"), ("c2", "street"), ("c3", "elsewhere")):
            teller.a_case(case_id, "CSB01", hall=place)

        assert teller.value("single_items", caller=self.MANAGER) == 2
        assert {fact["case_id"] for fact in teller.cited("3", "inside", caller=self.MANAGER)} == {"c1", "c2"}

    def test_and_of_no_other(self, teller: Teller) -> None:
        with pytest.raises(Forbidden):
            teller.value("single_items", caller=self.MANAGER, hall="elsewhere")

    def test_a_clerk_sees_none(self, teller: Teller) -> None:
        with pytest.raises(Forbidden):
            teller.value("single_items", caller=Caller(by="c", hall="county", roles=("clerk",)))


class TestTimes:
    def test_working_days_and_limits(self, teller: Teller) -> None:
        for case_id, taken in (("c1", 0), ("c2", 1), ("c3", 7)):
            teller.a_case(case_id, "CSB01")
            teller.tell("approval", case_id, unlocked(case_id, "CSB01", days=1))
            teller.tell("approval", case_id, granted(case_id, "CSB01", at=NOON + timedelta(days=taken)))

        net = teller.numbers("handling_time", "net_days")[""]

        assert teller.value("handling_time", "on_time") == pytest.approx(2 / 3)
        assert teller.value("handling_time", "early") == pytest.approx(1 / 3)
        assert teller.value("same_day", "cases") == pytest.approx(1 / 3)
        assert net["count"] == 3
        assert net["spread"]["most"] == 5  # seven days have five working ones
        assert teller.value("shorter_limits", "promised") == (60 - 3) / 60

    def test_windows_wait_and_serve(self, teller: Teller) -> None:
        for n, (waited, served) in enumerate(((60, 300), (120, 600), (900, 300))):
            common = {"at": NOON, "by": "clerk", "hall": "county", "ticket": f"t{n}"}
            drawn = TicketDrawn(
                **common, number=f"A{n}", zone="a", theme="CSB", item="", priority="", channel="kiosk", since=NOON
            )
            teller.tell(
                "halls",
                "queue",
                drawn,
                TicketFinished(**common, window="w1", theme="CSB", seconds=served, waited=waited),
            )
        common["ticket"] = "t9"
        teller.tell(
            "halls",
            "queue",
            TicketDrawn(**common, number="A9", zone="a", theme="", item="", priority="", channel="kiosk", since=NOON),
            TicketMissed(**common, window="w1", times=3),
        )

        assert teller.value("windows", "waited_seconds") == 360
        assert set(teller.numbers("windows", "served", by="hour")) == {f"{(NOON.hour + 8) % 24:02}"}
        assert teller.numbers("windows", "waited_seconds")[""]["spread"] == {"median": 120, "p95": 900, "most": 900}
        assert teller.value("windows", "served_seconds") == 400
        assert teller.value("windows", "missed") == 0.25


class TestPeople:
    def test_one_person_on_one_day_asks_once(self, teller: Teller) -> None:
        for n, person in enumerate(("p1", "p1", "")):
            teller.tell(
                "outreach",
                f"k{n}",
                ConsultationRecorded(
                    at=NOON, by="c", channel="window", on=TODAY, theme="CSB", hall="county", person_day=person
                ),
            )
        teller.a_case("c1", "CSB01")
        teller.tell("outreach", "k0", ConsultationLinked(at=NOON, by="c", led_to="c1"))

        assert teller.value("consultations", "person_days") == 2
        assert teller.value("consultations", "consultations") == 3
        assert teller.value("conversion", "consultation_to_case") == pytest.approx(1 / 3)

    def test_offers_lead_to_cases(self, teller: Teller) -> None:
        for n in range(4):
            teller.tell(
                "intake",
                f"offer{n}",
                OfferMade(
                    at=NOON,
                    by="c",
                    theme="CSB",
                    item="CSB01",
                    catalogue="v",
                    hall="county",
                    window="w",
                    channel="window",
                ),
            )
        teller.tell("intake", "offer0", OfferTaken(at=NOON, by="c", taken_by="c1"))

        assert teller.value("conversion", "offer_to_case") == 0.25
        assert teller.value("conversion", "offer_to_case", item="CSB01") == 0.25

    def test_ratings_and_what_follows_from_bad_ones(self, teller: Teller) -> None:
        for n, grade in enumerate((1, 2, 3, 4, 5)):
            case_id = f"c{n}"
            teller.a_case(case_id, "CSB01")
            teller.tell("intake", case_id, closed(case_id))
            given = RatingGiven(
                case_id=case_id,
                at=NOON,
                by="a",
                handling="case",
                grade=grade,
                channel="web",
                on_site=False,
                hall="county",
            )
            teller.tell("outreach", case_id, given)
        for case_id, outcome in (("c3", "rectified"), ("c4", "struck")):
            teller.tell(
                "outreach",
                case_id,
                RectificationOpened(
                    case_id=case_id, at=NOON, by="s", handling="case", hall="county", days=5, due_on=TODAY
                ),
                RatingFedBack(case_id=case_id, at=NOON, by="s", handling="case", reached=True),
                RectificationClosed(
                    case_id=case_id,
                    at=NOON + timedelta(hours=2),
                    by="s",
                    handling="case",
                    outcome=outcome,
                    in_time=True,
                ),
            )

        assert teller.value("ratings", "rated") == 1
        assert teller.value("ratings", "good") == 0.75  # the one that was struck counts for nothing
        assert teller.numbers("ratings", "rectified_in_time")[""]["denominator"] == 1
        assert teller.value("ratings", "called_back") == 1
        assert teller.value("ratings", "seconds_to_rectify") == 7200
