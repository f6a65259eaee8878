"""数字政务门牌: a place's signed code opens the guide of a theme; visits are counted and nobody is known by them."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given as over
from hypothesis import strategies as st

from contracts.outreach import ClosePlace, CountVisit, CountVisits, GetPlace, ListPlaces, RegisterPlace
from eventing.errors import NotFound
from eventing.printed import Codes
from outreach.domain.place import Place, PlaceTerms, Visit
from outreach.domain.refusals import AccountMissing, CodeUnknown, EntryUnknown, PlaceClosedAlready, PlaceDiffers
from testkit.facts import an_act, facts, given, names, refused
from testkit.replica import Replica

from .mothers import COUNTY, HEAD

THEME = next(iter(COUNTY.themes.values()))
WARD = PlaceTerms("产科病房", "hospital", "990102", THEME.id, "county", THEME.items[0].id)


def place(terms: PlaceTerms = WARD) -> Place:
    made = Place("ward-3")
    made.register(terms, COUNTY, act=an_act())
    return made


def test_a_place_opens_a_theme_with_its_entry_item() -> None:
    assert facts(place()) == [
        (
            "PlaceRegistered",
            {
                "name": "产科病房",
                "kind": "hospital",
                "region": "990102",
                "theme": THEME.id,
                "hall": "county",
                "entry_item": THEME.items[0].id,
            },
        )
    ]


def test_the_same_again_is_no_news_and_another_is_refused() -> None:
    ward = given(place())
    ward.register(WARD, COUNTY, act=an_act())

    assert facts(ward) == []
    with refused(PlaceDiffers):
        ward.register(PlaceTerms("户籍大厅", "police", "990102", THEME.id), COUNTY, act=an_act())


def test_theme_and_item_are_the_catalogues() -> None:
    for theme, item in (("XX", ""), (THEME.id, "XX01")):
        with refused(EntryUnknown):
            place(PlaceTerms("x", "other", "990102", theme, entry_item=item))


def test_a_closed_place_stays_closed() -> None:
    ward = given(place())
    with refused(AccountMissing):
        ward.close(" ", act=an_act())
    ward.close("病房搬迁", act=an_act())
    ward.close("病房搬迁", act=an_act())

    assert names(ward) == ["PlaceClosed"]
    with refused(PlaceClosedAlready):
        ward.register(WARD, COUNTY, act=an_act())


def test_a_visit_counts_once() -> None:
    visit = Visit("v1")
    visit.count("ward-3", THEME.id, act=an_act())
    visit.count("ward-3", THEME.id, act=an_act())

    assert facts(visit) == [("PlaceVisited", {"place": "ward-3", "on": "2026-07-23", "theme": THEME.id})]
    with refused(CodeUnknown):
        Visit("v2").count("", "", act=an_act())


@over(st.text(max_size=30), st.binary(min_size=1, max_size=40), st.text(max_size=40))
def test_who_has_not_the_key_makes_no_code(name: str, key: bytes, junk: str) -> None:
    codes = Codes(b"k" * 32)
    code = codes.code("place", name)

    assert codes.holds("place", name, code) or code != code.strip()
    assert codes.read("receipt", code) == ""
    assert codes.read("place", junk) == "" or codes.holds("place", codes.read("place", junk), junk)
    if key != b"k" * 32:
        assert Codes(key).read("place", code) == ""


# the service


def registering(name: str = "ward-3", **more: Any) -> RegisterPlace:
    body: dict[str, Any] = {"name": "产科病房", "kind": "hospital", "region": "990102", "theme": THEME.id}
    return RegisterPlace(place=name, **{**body, "hall": "county", "entry_item": THEME.items[0].id, **more})


def test_the_code_that_was_printed_opens_the_place_until_it_closes(desk: Replica) -> None:
    (made,) = desk.command(registering(), caller=HEAD)

    read = desk.ask(GetPlace(code=made["code"]))
    assert (read["theme"], read["entry_item"]) == (THEME.id, THEME.items[0].id)
    assert desk.ask(GetPlace(place="ward-3"))["code"] == made["code"]
    for wrong in ("ward-3.AAAAAAAAAAAAAAAA", "ward-3", made["code"][:-1]):
        with refused(CodeUnknown):
            desk.ask(GetPlace(code=wrong))
    with refused(NotFound):
        desk.ask(GetPlace(place="ward-4"))

    desk.command(ClosePlace(place="ward-3", reason="搬迁"), caller=HEAD)
    with refused(CodeUnknown):
        desk.ask(GetPlace(code=made["code"]))
    with refused(CodeUnknown):
        desk.command(CountVisit(visit="v9", code=made["code"]))


def test_visits_are_counted_by_place_and_day(desk: Replica) -> None:
    codes = [desk.command(registering(name), caller=HEAD)[0]["code"] for name in ("ward-3", "ward-4")]
    for n, code in enumerate((codes[0], codes[0], codes[1])):
        desk.command(CountVisit(visit=f"v{n}", code=code))
    desk.command(CountVisit(visit="v0", code=codes[0]))
    desk.clock.advance(timedelta(days=1))
    (opened,) = desk.command(CountVisit(visit="v3", code=codes[0]))

    assert opened["entry_item"] == THEME.items[0].id
    asked = {"begins": date(2026, 7, 1), "ends": date(2026, 7, 31)}
    page = desk.ask(CountVisits(**asked, limit=2))
    rest = desk.ask(CountVisits(**asked, limit=2, after=page["after"]))
    assert [(each["place"], each["on"], each["visits"]) for each in page["visits"] + rest["visits"]] == [
        ("ward-3", "2026-07-23", 2),
        ("ward-3", "2026-07-24", 1),
        ("ward-4", "2026-07-23", 1),
    ]


def test_places_are_listed_by_theme_kind_and_hall(desk: Replica) -> None:
    desk.command(registering("a"), registering("b", kind="police"), registering("c"), caller=HEAD)
    desk.command(ClosePlace(place="c", reason="停用"), caller=HEAD)

    def listed(**more: Any) -> list[str]:
        return [each["place"] for each in desk.ask(ListPlaces(**more))["places"]]

    assert listed(theme=THEME.id) == ["a", "b"]
    assert listed(kind="hospital", closed=True) == ["a", "c"]
    assert listed(hall="street") == []
    page = desk.ask(ListPlaces(limit=1))
    assert [each["place"] for each in desk.ask(ListPlaces(limit=5, after=page["after"]))["places"]] == ["b"]
