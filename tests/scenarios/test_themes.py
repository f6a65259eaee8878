"""Every theme of the catalogue, driven through the house: happy path, refusals, deadlines, made from its file.

A new theme is one YAML file and gets all of these for nothing. What is expected comes from the theme's own data and
from the tables here, never from service code.
"""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.exercise import covering_answers
from console.journey import Journey
from contracts.approval import GrantReview
from contracts.casefile import Timeline, VerifyCase
from contracts.certificate import GetOutput
from contracts.intake import BroughtMaterial, OpenCase, ReceiveMaterials
from contracts.language import Caller
from contracts.routing import GetDistribution
from eventing.errors import Forbidden, Invalid, OneThingError, Refused
from kernel.clock import SimulatedClock, local_date
from testkit.house import House, eventually

COUNTY = catalogue.load("990102")
THEMES = sorted(COUNTY.themes)


SCENARIOS = [
    pytest.param(theme_id, answers, id=f"{theme_id}-{n}")
    for theme_id in THEMES
    for n, answers in enumerate(covering_answers(COUNTY.theme(theme_id)), start=1)
]


def journey(house: House, theme_id: str, answers: dict[str, str] | None = None, **parts: Any) -> Journey:
    theme = COUNTY.theme(theme_id)
    return Journey(house.client(), COUNTY, theme, answers or happy_answers(theme), **parts)


def selected(case: Journey) -> list[str]:
    return list(case.selection.selected)


def test_the_thirteen_themes_are_all_here() -> None:
    assert (
        sorted(["CY", "XSE", "SDQ", "XYXF", "QYBG", "TX", "QYZX", "JYRX", "CJR", "SBK", "YSQY", "SSHC", "POCH"])
        == THEMES
    )


@pytest.mark.parametrize(("theme_id", "answers"), SCENARIOS)
def test_a_case_goes_from_the_window_to_the_hand_over(house: House, theme_id: str, answers: dict[str, str]) -> None:
    case = journey(house, theme_id, answers)
    registered = case.register()
    assert sorted(i for i, state in registered["items"].items() if state == "accepted") == sorted(selected(case))

    assert case.decide() == "granted"
    case.hand_over()
    closed = case.closed()

    assert closed["status"] == "closed"
    output = case.client.ask(GetOutput(case_id=case.case_id))
    expected = sorted((item, out.id) for item in selected(case) for out in COUNTY.item(item).outputs)
    issued = sorted((c["issued"]["item"], c["issued"]["output"]) for c in output["certificates"] if c["issued"]["item"])
    assert issued == expected
    loading = COUNTY.theme(theme_id).comprehensive
    granted = [part for part in loading.parts if part in selected(case)] if loading else []
    licences = [c["issued"]["parts"] for c in output["certificates"] if c["issued"]["kind"] == "comprehensive"]
    assert [sorted(part.split(".")[0] for part in parts) for parts in licences] == (
        [sorted(granted)] if loading and len(granted) >= loading.least else []
    )
    assert all(package["state"] == "handed_over" for package in output["packages"])


@pytest.mark.parametrize("theme_id", THEMES)
def test_its_history_is_whole_and_verifies(house: House, theme_id: str) -> None:
    case = journey(house, theme_id)
    case.register()
    case.decide()
    case.hand_over()
    case.closed()

    whole = {
        "onething.case.opened.v1": 1,
        "onething.review.granted.v1": len(selected(case)),
        "onething.bundle.concluded.v1": 1,
        "onething.case.closed.v1": 1,
        "onething.case-key.bound.v1": 1,
    }

    def told() -> dict[str, int]:
        counted = Counter(fact["topic"] for fact in case.client.ask(Timeline(case_id=case.case_id))["entries"])
        return {topic: counted[topic] for topic in whole}

    case.patiently(lambda: sum(told().values()) >= sum(whole.values()))
    assert told() == whole
    assert case.client.ask(VerifyCase(case_id=case.case_id))["verified"] is True


@pytest.mark.parametrize("theme_id", THEMES)
def test_paper_travels_with_signatures_and_is_never_in_two_places(house: House, theme_id: str) -> None:
    theme = COUNTY.theme(theme_id)
    answers = happy_answers(theme)
    applicants = [
        needed.material.id for needed in theme.select(answers).materials if needed.material.source == "applicant"
    ]
    case = journey(house, theme_id, answers, paper=applicants)
    case.register()
    assert case.decide() == "granted"
    case.hand_over()
    case.closed()

    custody = case.client.ask(GetDistribution(case_id=case.case_id))["custody"]
    assert len(custody) >= len(applicants)
    assert all(isinstance(place, str) and place for place in custody.values())


class TestRefusals:
    @pytest.mark.parametrize("theme_id", THEMES)
    def test_every_question_that_is_asked_must_be_answered(self, timed_house: House, theme_id: str) -> None:
        case = journey(timed_house, theme_id)
        for question in list(case.answers):
            rest = {key: value for key, value in case.answers.items() if key != question}
            with pytest.raises(Invalid) as refusal:
                case.register(answers=rest)
            assert refusal.value.code == "unanswered-questions"
            with pytest.raises(Invalid) as refusal:
                case.register(answers={**case.answers, question: "no such option"})
            assert refusal.value.code == "unknown-answer"

    @pytest.mark.parametrize("theme_id", THEMES)
    def test_each_material_that_is_missing_is_named_and_all_at_once(self, timed_house: House, theme_id: str) -> None:
        case = journey(timed_house, theme_id)
        owed = {
            needed.material.id: set(needed.items)
            for needed in case.selection.materials
            if needed.material.source != "produced"
        }
        for missing in [{material} for material in owed] + [set(owed)]:
            if not missing:
                continue
            with pytest.raises(Refused) as refusal:
                case.register(materials=case.materials(without=missing))
            assert refusal.value.code == "materials-missing"
            named = {material for materials in refusal.value.data["missing"].values() for material in materials}
            assert named == missing

    @pytest.mark.parametrize("theme_id", THEMES)
    def test_nothing_unrelated_may_be_asked_for_or_kept(self, timed_house: House, theme_id: str) -> None:
        case = journey(timed_house, theme_id)
        with pytest.raises(Refused) as refusal:
            case.register(materials=(*case.materials(), BroughtMaterial(material="grandmothers-diary")))
        assert refusal.value.code == "unrelated-material"

    @pytest.mark.parametrize("theme_id", THEMES)
    def test_wrong_identifiers_and_unknown_fields_are_told_all_at_once(self, timed_house: House, theme_id: str) -> None:
        case = journey(timed_house, theme_id)
        wrong = {
            field.key: {"citizen_id": "990102199001010016", "uscc": "11990102MB0000027D", "mobile": "12"}[field.type]
            for field in case.selection.fields
            if field.type in ("citizen_id", "uscc", "mobile")
        } | {"colour_of_the_cat": "black"}
        with pytest.raises(Invalid) as refusal:
            case.register(values={**case.values(), **wrong})
        assert refusal.value.code == "form-invalid"
        assert set(refusal.value.data["fields"]) == set(wrong)

    @pytest.mark.parametrize("theme_id", THEMES)
    def test_a_hall_without_a_grant_accepts_nothing(self, timed_house: House, theme_id: str) -> None:
        case = journey(timed_house, theme_id)
        stranger = timed_house.client(Caller(by="x", hall="elsewhere", window="elsewhere-1", roles=("clerk",)))
        with pytest.raises(Forbidden) as refusal:
            stranger.command(case.registration())
        assert refusal.value.code == "no-authority"
        assert set(refusal.value.data["refusals"]) == set(selected(case))

    @pytest.mark.parametrize("theme_id", THEMES)
    def test_another_department_decides_nothing_and_locked_items_wait(self, timed_house: House, theme_id: str) -> None:
        case = journey(timed_house, theme_id)
        case.register()
        reviews = case.patiently(case.reviews)
        for item, review in reviews.items():
            with pytest.raises(Forbidden) as refusal:
                timed_house.client(
                    Caller(by="x", org="not-" + review["handler"], roles=("reviewer", "approver"))
                ).command(GrantReview(case_id=case.case_id, item=item))
            assert refusal.value.code == "out-of-scope"
        for item, review in case.reviews().items():
            if review["state"] == "locked":
                with pytest.raises(Refused) as locked:
                    case.reviewer(item).command(GrantReview(case_id=case.case_id, item=item))
                assert locked.value.code in ("review-locked", "materials-outstanding")

    @pytest.mark.parametrize("theme_id", THEMES)
    def test_the_denial_of_one_item_blocks_only_what_needs_it(self, house: House, theme_id: str) -> None:
        case = journey(house, theme_id)
        case.register()
        theme, standings = case.theme, case.selection.standings
        items = selected(case)
        denied = items[0]
        dead = {denied}
        for item in theme.items:  # in topological order
            if item.id in items and item.id not in dead:
                for edge in item.depends_on:
                    part = [i for i in edge.any_of if standings[i] == "selected"]
                    external = any(standings[i] == "satisfied" for i in edge.any_of)
                    hopeless = part and all(i in dead for i in part) and not external
                    # an ACCEPTED trigger was met before anybody was denied
                    if hopeless and edge.trigger == "approved":
                        dead.add(item.id)
        verdict = case.decide(deny={denied})
        reviews = case.reviews()

        assert {i for i, review in reviews.items() if review["status"] != "granted"} == dead
        assert reviews[denied]["status"] == "denied"
        assert verdict == ("denied" if dead == set(items) else "partly")
        case.hand_over()
        assert case.closed()["status"] == "closed"

    @pytest.mark.parametrize("theme_id", THEMES)
    def test_the_same_registration_again_is_the_same_case(self, house: House, theme_id: str) -> None:
        case = journey(house, theme_id)
        command = case.registration()
        first = case.clerk.command(command, id=f"again-{case.case_id}")
        second = case.clerk.command(command, id=f"again-{case.case_id}")
        assert first == second

    @pytest.mark.parametrize("theme_id", THEMES)
    def test_the_channel_changes_nothing_that_is_asked_or_refused(self, house: House, theme_id: str) -> None:
        outcomes = set()
        for channel in ("window", "web", "mobile", "kiosk", "post", "other"):
            case = journey(house, theme_id)
            try:
                case.register(channel=channel, materials=())
                outcome = "accepted"
            except OneThingError as refusal:
                outcome = f"{refusal.code} {sorted(refusal.data.get('missing', {}).items())}"
            case = journey(house, theme_id)
            outcomes.add((outcome, case.register(channel=channel)["notice"]["digest"]))
        assert len(outcomes) == 1


class TestJoining:
    @pytest.mark.parametrize("theme_id", THEMES)
    def test_without_evidence_nothing_counts_as_done(self, timed_house: House, theme_id: str) -> None:
        case = journey(timed_house, theme_id)
        first = selected(case)[0]
        with pytest.raises(Invalid) as refusal:
            case.register(satisfied={first: " "})
        assert refusal.value.code == "evidence-missing"


class TestDeadlines:
    @pytest.mark.parametrize("theme_id", THEMES)
    def test_five_working_days_without_an_answer_are_an_acceptance(
        self, timed_house: House, clock: SimulatedClock, theme_id: str
    ) -> None:
        # 行政许可法 第32条第1款第4项
        case = journey(timed_house, theme_id)
        whole = case.registration()
        case.clerk.command(
            OpenCase(
                case_id=case.case_id,
                theme=theme_id,
                applicant=whole.applicant,
                answers=case.answers,
                allow_duplicate=True,
            )
        )
        case.clerk.command(ReceiveMaterials(case_id=case.case_id, materials=whole.materials))
        assert "accepted" not in case.case()["items"].values()

        clock.advance(timedelta(days=1))
        assert "accepted" not in case.case()["items"].values()
        clock.advance(timedelta(days=16))  # five working days and more, whatever holidays fall into them
        handed_in = {
            item for needed in case.selection.materials if needed.material.source != "produced" for item in needed.items
        }
        eventually(lambda: all(case.case()["items"][item] == "accepted" for item in handed_in))

        def acceptances() -> list[str]:
            entries = case.client.ask(Timeline(case_id=case.case_id))["entries"]
            return [entry["topic"] for entry in entries if entry["topic"] == "onething.case.items-accepted.v1"]

        assert len(case.patiently(acceptances)) == 1

    @pytest.mark.parametrize("theme_id", THEMES)
    def test_departments_that_are_late_are_warned_of_amber_and_red(
        self, timed_house: House, clock: SimulatedClock, theme_id: str
    ) -> None:
        case = journey(timed_house, theme_id)
        case.register()
        limited = {
            item
            for item, review in case.patiently(case.reviews).items()
            if any(limit["days"] for limit in review["clocks"].values())
        }
        for _ in range(16):  # the longest limit of the county is 60 working days
            clock.advance(timedelta(days=7))
        today = local_date(clock.now())

        eventually(lambda: all(case.reviews()[item]["warned"] in ("red", "escalated") for item in limited))

        def warnings() -> int:
            entries = case.client.ask(Timeline(case_id=case.case_id))["entries"]
            return [entry["topic"] for entry in entries].count("onething.review.warned.v1")

        case.patiently(lambda: warnings() >= 2 * len(limited))  # amber, then red
        for item in limited:
            assert all(str(each["due_on"]) <= str(today) for each in case.reviews()[item]["clocks"].values())
