"""目录版本: drafted, tried, published by a second person; a case's plan changes by migration and by nothing else."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

import catalogue as catalogues
from catalogue.bundles import FORMAT, Bundle
from catalogue.model import Catalogue, Limit, Theme
from contracts.editions import (
    CheckEdition,
    CompareEdition,
    DraftEdition,
    GetCatalogue,
    GetEdition,
    GetImpact,
    GetSchedule,
    InForce,
    ListEditions,
    MigrateCase,
    PreviewEdition,
    ProposeEdition,
    PublishEdition,
    WithdrawEdition,
)
from contracts.intake import AcceptItems, FillForm, GetCase, GetNotice, ReceiveMaterials, RequestCorrection
from contracts.language import Act, Caller, Sealed
from eventing.errors import NotFound, OneThingError
from intake.domain import Case, Outline, outline_of
from intake.domain.edition import (
    AuthorPublishes,
    Edition,
    EditionChanged,
    EditionEnded,
    EditionInvalid,
    EditionNotProposed,
    EditionOutdated,
    EffectiveTooEarly,
    Made,
    NoChange,
    NothingDrafted,
    Published,
    PublisherOnly,
    WithdrawalUnexplained,
)
from intake.domain.migrating import NotMigratable, rederived
from intake.domain.refusals import UnansweredQuestions
from intake.editions.shelf import PublishedShelf
from kernel.digests import canonical
from testkit.facts import NOON, an_act, facts, given, names, refused, replayed
from testkit.replica import DATABASES

from .mothers import ANSWERS, CALENDAR, FULL_FORM, FULL_SET, YES_NO, brought, catalogue_of, theme
from .neighbours import CLERK, Office, an_office, opening, person

AUTHOR = Caller(by="author-1", roles=("manager",))
PUBLISHER = Caller(by="publisher-1", roles=("publisher",))


def publisher(by: str = "publisher-1", roles: tuple[str, ...] = ("publisher",)) -> Act:
    return Act(at=NOON, by=by, caller=Caller(by=by, roles=roles))


def clean(**changes: Any) -> Theme:
    """The small theme as the checks let it pass."""
    of_theme = theme()
    items = changes.pop("items", of_theme.items[:5])
    there = {item.id for item in items}
    fields = tuple(replace(f, items=tuple(each for each in f.items if each in there)) for f in of_theme.fields)
    questions = tuple(replace(q, options=q.options[:2]) for q in changes.pop("questions", of_theme.questions))
    return replace(of_theme, **{"items": items, "fields": fields, "questions": questions, **changes})


@cache
def base() -> Catalogue:
    """What is in force at first."""
    return catalogue_of(clean())


def another(days: int = 9, **changes: Any) -> Catalogue:
    """The catalogue with another promise for SP03, and what else is said."""
    items = changes.pop("items", theme().items[:5])
    promised = Limit(days=days, source="S49")
    return catalogue_of(
        clean(items=tuple(replace(i, promised=promised) if i.id == "SP03" else i for i in items), **changes)
    )


# the edition

NEW = Made("990102", "v2", "sha256:x", ("changes.yaml",))
FIRST = Published(0, "v1")


def drafted(made: Made = NEW, published: Published = FIRST, edition: Edition | None = None) -> Edition:
    edition = edition or Edition("e1")
    edition.draft("二〇二六年秋季版", made, published, act=an_act("author-1"))
    return edition


def proposed() -> Edition:
    edition = drafted()
    edition.propose(act=an_act("author-1"))
    return given(edition)


def test_a_draft_says_what_it_was_made_upon() -> None:
    edition = drafted()

    assert facts(edition) == [
        (
            "EditionDrafted",
            {
                "title": "二〇二六年秋季版",
                "region": "990102",
                "version": "v2",
                "base": "v1",
                "sources": "sha256:x",
                "documents": ("changes.yaml",),
            },
        )
    ]
    assert facts(given(drafted(edition=edition))) == []


def test_a_draft_that_changes_has_to_be_proposed_again() -> None:
    edition = proposed()
    edition.propose(act=an_act("author-1"))
    assert names(edition) == []
    drafted(replace(NEW, version="v3"), edition=edition)

    with refused(EditionNotProposed, status="draft"):
        edition.publish("v3", None, "", FIRST, act=publisher())


def test_what_is_no_change_or_has_no_title_is_no_draft() -> None:
    with refused(NoChange, version="v2"):
        drafted(published=Published(3, "v2"))
    with refused(NothingDrafted):
        Edition("e1").draft(" ", NEW, FIRST, act=an_act())


def test_a_second_person_publishes_what_was_looked_at() -> None:
    edition = proposed()
    for refusal, act in (
        (AuthorPublishes, publisher("author-1")),
        (PublisherOnly, publisher(roles=("manager",))),
    ):
        with refused(refusal):
            edition.publish("v2", None, "", FIRST, act=act)
    with refused(EditionChanged, version="v2"):
        edition.publish("v9", None, "", FIRST, act=publisher())

    edition.publish("v2", None, "临政发〔2026〕9号", FIRST, act=publisher())
    edition.publish("v2", None, "", FIRST, act=publisher())

    (published,) = facts(edition)
    assert published[1]["number"] == 1
    assert published[1]["effective_at"] == NOON.isoformat().replace("+00:00", "Z")
    for act in (lambda: drafted(edition=edition), lambda: edition.withdraw("x", act=an_act())):
        with refused(EditionEnded):
            act()


def test_what_another_edition_overtook_is_drafted_anew() -> None:
    with refused(EditionOutdated, base="v1", newest="v5"):
        proposed().publish("v2", None, "", Published(1, "v5"), act=publisher())


def test_no_edition_is_in_force_before_it_is_published_or_before_the_one_it_follows() -> None:
    later = NOON + timedelta(days=30)
    with refused(EffectiveTooEarly):
        proposed().publish("v2", NOON - timedelta(seconds=1), "", FIRST, act=publisher())
    upon = Published(1, "v1", (InForce("v1", later),))
    with refused(EffectiveTooEarly):
        proposed().publish("v2", NOON, "", upon, act=publisher())

    edition = proposed()
    edition.publish("v2", None, "", upon, act=publisher())
    assert edition.effective_at == later


def test_a_draft_is_given_up_with_a_reason() -> None:
    edition = given(drafted())
    with refused(WithdrawalUnexplained):
        edition.withdraw(" ", act=an_act())
    edition.withdraw("不再需要", act=an_act())
    edition.withdraw("不再需要", act=an_act())

    assert facts(edition) == [("EditionWithdrawn", {"reason": "不再需要"})]
    assert canonical(replayed(drafted(), drafted().pending).state()) == canonical(drafted().state())


# the service


def bundle(of: Catalogue) -> str:
    return msgspec.json.encode(Bundle(FORMAT, msgspec.Raw(of.document()))).decode()


@pytest.fixture(params=DATABASES)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Intake with the shelf that it has in a house."""
    for office in an_office(request, tmp_path):
        running = office.running
        shelf = PublishedShelf(running.store, base(), now=running.clock.now)
        shelf.keep()
        running.service.catalogues = shelf
        yield office


def fresh(office: Office) -> None:
    """What was read of the schedule is read again."""
    office.running.service.catalogues._read = float("-inf")


def publish(office: Office, of: Catalogue, name: str = "e1", **more: Any) -> str:
    office.send(DraftEdition(edition=name, title="新版", bundle=bundle(of)), by=AUTHOR)
    office.send(ProposeEdition(edition=name), by=AUTHOR)
    office.send(PublishEdition(edition=name, version=of.version, **more), by=PUBLISHER)
    fresh(office)
    return of.version


def version_of(office: Office, case_id: str) -> str:
    return str(office.ask(GetCase(case_id=case_id))["catalogue"])


def test_new_cases_are_opened_under_what_is_in_force_and_old_ones_keep_theirs(office: Office) -> None:
    office.send(opening("c1"))
    newer = publish(office, another())
    office.send(opening("c2", applicant=person(2)))

    assert version_of(office, "c1") == base().version
    assert version_of(office, "c2") == newer
    assert office.ask(ListEditions())["in_force"] == newer


def test_an_edition_waits_for_its_instant(office: Office) -> None:
    newer = publish(office, another(), effective_at=NOON + timedelta(days=10))
    assert office.ask(ListEditions())["in_force"] == base().version

    office.clock.advance(timedelta(days=10))
    assert office.ask(ListEditions())["in_force"] == newer
    assert [each["version"] for each in office.ask(GetSchedule())["editions"]] == [newer]


def test_a_replica_that_starts_anew_finds_every_version(office: Office) -> None:
    newer = publish(office, another())
    again = PublishedShelf(office.running.store, base(), now=office.clock.now)

    assert again.current().version == newer
    assert again.at(newer).theme("SP").item("SP03").promised == Limit(days=9, source="S49")
    told = office.ask(GetCatalogue(version=newer))
    assert Catalogue.from_document(told["document"].encode()).version == newer
    with refused(NotFound):
        office.ask(GetCatalogue(version="nothing"))


def test_of_two_editions_upon_the_same_base_one_is_published(office: Office) -> None:
    for name, days in (("e1", 9), ("e2", 8)):
        office.send(DraftEdition(edition=name, title="新版", bundle=bundle(another(days))), by=AUTHOR)
        office.send(ProposeEdition(edition=name), by=AUTHOR)
    commands = [PublishEdition(edition=n, version=another(d).version) for n, d in (("e1", 9), ("e2", 8))]

    with refused(EditionOutdated, newest=another(9).version):
        office.send(*commands, by=PUBLISHER)  # in one batch, as two people at the same instant
    assert [each["version"] for each in office.ask(GetSchedule())["editions"]] == [another(9).version]


def test_two_replicas_that_publish_at_once_meet_and_one_is_refused(office: Office) -> None:
    service = office.running.service
    before = service.published()
    office.send(DraftEdition(edition="e2", title="新版", bundle=bundle(another(8))), by=AUTHOR)
    office.send(ProposeEdition(edition="e2"), by=AUTHOR)
    newest = publish(office, another())
    stale = iter([before])  # what the other replica had read before this one committed
    truth = service.published
    service.published = lambda: next(stale, None) or truth()

    with refused(EditionOutdated, newest=newest):
        office.send(PublishEdition(edition="e2", version=another(8).version), by=PUBLISHER)

    assert next(stale, None) is None
    assert office.topics().count("published") == 1


def test_what_is_wrong_with_documents_is_told_with_its_place(office: Office) -> None:
    wrong = {"a.yaml": "theme: XX\nname: [\n", "b.yaml": "nothing: here\n"}
    told = office.ask(CheckEdition(documents=wrong))
    assert [each["where"] for each in told["errors"]] == ["a.yaml", "b.yaml"]
    with refused(EditionInvalid):
        office.send(DraftEdition(edition="e1", title="新版", documents=wrong), by=AUTHOR)
    for body in ({}, {"documents": {"a.yaml": "x"}, "bundle": "{}"}):
        with refused(NothingDrafted):
            office.send(DraftEdition(edition="e1", title="新版", **body), by=AUTHOR)
    for body in ({"documents": {"../a.yaml": "x"}}, {"bundle": "{}"}, {"bundle": "no"}):
        with refused(EditionInvalid):
            office.send(DraftEdition(edition="e1", title="新版", **body), by=AUTHOR)
    assert office.running.log() == []


def test_documents_are_laid_over_the_layers_and_kept(office: Office) -> None:
    county = catalogues.load("990102")
    of_theme = next(each for each in county.themes.values() if each.items[0].promised is not None)
    item = of_theme.items[0]
    text = (
        f"amends: {of_theme.id}\neffective: {{from: '2026-01-01'}}\n"
        f"override: {{items: {{{item.id}: {{promised: {{days: 1, placeholder: true}}}}}}}}\n"
    )
    told = office.ask(CheckEdition(documents={"faster.yaml": text}))
    assert told["errors"] == [], told["errors"]

    office.send(DraftEdition(edition="e1", title="提速", documents={"faster.yaml": text}), by=AUTHOR)

    assert office.ask(GetEdition(edition="e1", documents=True))["documents"] == {"faster.yaml": text}
    shelf = office.running.service.catalogues
    assert shelf.at(told["version"]).theme(of_theme.id).item(item.id).promised.days == 1


def test_an_edition_is_previewed_and_compared(office: Office) -> None:
    office.send(DraftEdition(edition="e1", title="新版", bundle=bundle(another())), by=AUTHOR)

    told = office.ask(PreviewEdition(edition="e1", theme="SP", answers=ANSWERS))
    items = {each["item"]: each for each in told["notice"]["items"]}
    assert items["SP03"]["promised"]["days"] == 9
    changes = office.ask(CompareEdition(edition="e1"))
    assert [each["path"] for each in changes["changes"]] == [
        "themes/SP/items/SP03/promised/days",
        "themes/SP/items/SP03/promised/placeholder",
        "themes/SP/items/SP03/promised/source",
    ] or changes["total"] >= 1
    first = office.ask(CompareEdition(edition="e1", limit=1))
    assert len(first["changes"]) == 1
    office.send(WithdrawEdition(edition="e1", reason="改日再议"), by=AUTHOR)
    assert [each["status"] for each in office.ask(ListEditions())["editions"]] == ["withdrawn"]


def test_the_impact_counts_every_live_case_and_pages_those_that_would_move(office: Office) -> None:
    for n in range(3):
        office.send(opening(f"c{n}", applicant=person(n + 2)))
    office.send(opening("c3", applicant=person(7), answers={**ANSWERS, "fire": "no"}))
    office.send(FillForm(case_id="c0", values=FULL_FORM), ReceiveMaterials(case_id="c0", materials=brought(*FULL_SET)))
    office.send(AcceptItems(case_id="c0"))
    office.send(DraftEdition(edition="e1", title="新版", bundle=bundle(another())), by=AUTHOR)

    told = office.ask(GetImpact(edition="e1", limit=3))
    assert told["counts"] == {"live": 4, "unaffected": 0, "movable": 3, "impossible": 0, "fixed": {"accepted": 1}}
    rest = office.ask(GetImpact(edition="e1", limit=3, after=told["after"]))
    assert [each["case_id"] for each in told["cases"] + rest["cases"]] == ["c0", "c1", "c2", "c3"]
    assert told["cases"][1]["moved"]["limits"] == {"SP03/promised": ["7", "9"]}
    assert office.ask(GetImpact(edition="e1", theme="SQ"))["counts"]["live"] == 0


def test_a_case_that_nothing_touches_is_unaffected(office: Office) -> None:
    office.send(opening("c1"))
    newer = catalogue_of(clean(name="开一家小店"))
    office.send(DraftEdition(edition="e1", title="新版", bundle=bundle(newer)), by=AUTHOR)

    told = office.ask(GetImpact(edition="e1"))
    assert (told["counts"]["unaffected"], told["cases"]) == (1, [])


# migration


def test_a_case_goes_over_and_gets_its_notice_again(office: Office) -> None:
    office.send(opening("c1"))
    before = office.ask(GetNotice(case_id="c1"))["digest"]
    newer = publish(office, another())

    answer = office.send(MigrateCase(case_id="c1", version=newer))
    again = office.send(MigrateCase(case_id="c1"))

    assert answer["catalogue"] == again["catalogue"] == version_of(office, "c1") == newer
    assert office.topics().count("migrated") == 1
    notice = office.ask(GetNotice(case_id="c1"))
    assert notice["digest"] == answer["notice"]["digest"] != before
    assert office.ask(GetCase(case_id="c1"))["notice"]["issue"] == 2


def test_papers_that_were_given_before_stay_as_they_were(office: Office) -> None:
    from contracts.intake import GetPaper

    office.send(opening("c1"))
    office.send(ReceiveMaterials(case_id="c1", materials=brought(*FULL_SET[:1])))
    (paper,) = office.ask(GetPaper(case_id="c1"), CLERK)["papers"]
    before = office.ask(GetPaper(case_id="c1", number=paper["number"]), CLERK)["digest"]
    publish(office, another(name="开小店(新)"))
    office.send(MigrateCase(case_id="c1"))

    assert office.ask(GetPaper(case_id="c1", number=paper["number"]), CLERK)["digest"] == before


def test_what_was_accepted_kept_or_asked_for_stays_under_its_law(office: Office) -> None:
    office.send(opening("c1"), opening("c2", applicant=person(2)))
    office.send(FillForm(case_id="c1", values=FULL_FORM), ReceiveMaterials(case_id="c1", materials=brought(*FULL_SET)))
    office.send(AcceptItems(case_id="c1"))
    office.send(ReceiveMaterials(case_id="c2", materials=brought(*FULL_SET[:1])))
    office.send(RequestCorrection(case_id="c2"))
    newer = publish(office, another())

    for case_id, reason in (("c1", "accepted"), ("c2", "correcting")):
        with refused(NotMigratable, reason=reason):
            office.send(MigrateCase(case_id=case_id))
        assert version_of(office, case_id) == base().version != newer


def test_a_version_that_is_not_in_force_is_not_gone_over_to(office: Office) -> None:
    office.send(opening("c1"))
    publish(office, another())
    with refused(EditionChanged):
        office.send(MigrateCase(case_id="c1", version=base().version))


def test_questions_that_come_up_are_answered_first(office: Office) -> None:
    office.send(opening("c1"))
    more = replace(theme().questions[1], id="smoke", text="是否明火？", options=YES_NO)
    from catalogue.conditions import Answer

    items = tuple(replace(i, when=Answer("smoke", ("yes",))) if i.id == "SP04" else i for i in theme().items[:5])
    questions = (*(q for q in theme().questions if q.id != "fire"), more)
    newer = publish(office, another(items=items, questions=questions))
    office.send(
        DraftEdition(edition="e2", title="x", bundle=bundle(another(6, items=items, questions=questions))), by=AUTHOR
    )
    assert office.ask(GetImpact(edition="e2"))["cases"][0]["moved"]["questions"] == ["smoke"]

    with refused(UnansweredQuestions, questions=("smoke",)):
        office.send(MigrateCase(case_id="c1"))
    office.send(MigrateCase(case_id="c1", answers={"smoke": "no"}))

    told = office.ask(GetCase(case_id="c1"))
    assert (told["catalogue"], told["answers"]["smoke"]) == (newer, "no")
    assert {each["item"]: each["standing"] for each in told["plan"]}["SP04"] == "not_needed"
    assert "fire" not in told["answers"]


def test_who_chose_keeps_the_choice_and_who_wanted_all_gets_all() -> None:
    more = replace(theme().items[4], id="SP07", name="排水许可", service=None, area_question=None)
    after = catalogue_of(clean(items=(*theme().items[:5], more)))

    def taken(*selected: str) -> list[str]:
        found = rederived(base(), after, "SP", ANSWERS, selected=selected, satisfied={}, underway={})
        return [each.item for each in found.plan if each.standing == "selected"]

    assert taken("SP02", "SP03", "SP04", "SP05") == ["SP02", "SP03", "SP04", "SP05", "SP07"]
    assert taken("SP02", "SP03") == ["SP02", "SP03"]


class PlanWalk(RuleBasedStateMachine):
    """A case among editions: its version and plan change by MigrateCase and by nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.case = Case("c1")
        self.versions = [base(), another(9), another(8, items=theme().items[:4]), another(6)]
        self.current = base()
        self.open()

    def open(self) -> None:
        outline = outline_of(base(), "SP", ANSWERS)
        self.case.open(
            outline, number="N1", notice="n1", key_id="k", applicant=Sealed("k", "applicant", b""),
            applicant_index="i", applicant_kind="natural", channel="window", act=an_act(),
        )  # fmt: skip
        self.pinned = (self.case.catalogue, self.case.plan)

    def outline(self) -> Outline:
        of_case = next(each for each in self.versions if each.version == self.case.catalogue)
        return outline_of(of_case, "SP", self.case.answers, chosen=self.case.selected)

    @rule(which=st.integers(0, 3))
    def publish(self, which: int) -> None:
        self.current = self.versions[which]

    @rule(count=st.integers(1, len(FULL_SET)))
    def receive(self, count: int) -> None:
        asked = self.outline().asked(self.case.open_items)
        some = [material for material in FULL_SET[:count] if material in asked]
        with suppress(OneThingError):
            self.case.receive(self.outline(), brought(*some), calendar=CALENDAR, act=an_act())

    @rule()
    def correct(self) -> None:
        with suppress(OneThingError):
            self.case.request_correction(self.outline(), notice="k1", calendar=CALENDAR, act=an_act())

    @rule(item=st.sampled_from(["SP02", "SP03", "SP05"]))
    def withdraw(self, item: str) -> None:
        with suppress(OneThingError):
            self.case.withdraw(item, reason="x", act=an_act())

    @rule()
    def let_the_answer_run_out(self) -> None:
        due = self.case.timers().get("deemed")
        if due is not None:
            self.case.deem_accepted(self.outline(), act=an_act(at=due))

    @rule()
    def migrate(self) -> None:
        fixed = self.case.fixed_by
        try:
            outline = rederived(
                next(each for each in self.versions if each.version == self.case.catalogue),
                self.current, "SP", self.case.answers,
                selected=[item for item in self.case.selected if item in self.case.open_items],
                satisfied={}, underway={},
            )  # fmt: skip
            self.case.migrate(outline, held_until={}, begun={}, act=an_act())
            assert not fixed or self.case.catalogue == self.pinned[0]
            assert fixed or self.case.catalogue == self.current.version
        except NotMigratable:
            assert fixed
        except OneThingError:
            assert not self.case.open_items or fixed  # nothing is left to be derived
        self.pinned = (self.case.catalogue, self.case.plan)

    @invariant()
    def its_plan_is_the_one_of_its_version(self) -> None:
        assert (self.case.catalogue, self.case.plan) == self.pinned
        assert self.outline().plan == self.case.plan
        assert set(self.case.awaited) <= set(self.case.open_items)

    @invariant()
    def it_is_replayed_to_the_same(self) -> None:
        assert canonical(replayed(self.case, self.case.pending).state()) == canonical(self.case.state())


TestPlanWalk = PlanWalk.TestCase
TestPlanWalk.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)
