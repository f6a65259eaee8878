"""Lists over the whole house: read from either end, page by page, they tell the same."""

import uuid
from typing import Any

import msgspec
import pytest

from console.journey import CLERK
from contracts.delegation import ListGrants
from contracts.halls import InstallWindow, ListWindows, RegisterHall
from contracts.intake import Applicant, FindCases, OpenCase
from contracts.language import Query
from contracts.published import published
from eventing.errors import Forbidden, NotFound
from testkit.house import House, eventually
from testkit.lists import every

IDENTIFIER = "990102199001010015"
HALL = "hall-of-lists"
KNOWN = {"hall": HALL, "identifier": IDENTIFIER}
"""What a list may insist on."""

LISTS: list[Any] = [
    each
    for each in sorted(published(Query), key=lambda each: each.__name__)
    for fields in (msgspec.structs.fields(each),)
    if "reversed" in each.__struct_fields__ and {field.name for field in fields if field.required} <= KNOWN.keys()
]
FULL = {ListWindows, ListGrants, FindCases}
"""Those that are certain to have something in this house."""


@pytest.fixture(scope="module")
def _filled(house: House) -> None:
    house.client().command(RegisterHall(hall=HALL, name="n", kind="county", region="990102"), attempts=20)
    for n in range(3):
        house.client().command(InstallWindow(window=f"{HALL}-{n}", hall=HALL, name=str(n)), attempts=20)
    for _ in range(3):
        person = Applicant(name="张三", identifier=IDENTIFIER)
        made = str(uuid.uuid4())
        house.client(CLERK).command(
            OpenCase(case_id=made, theme="WA", applicant=person, answers={}, allow_duplicate=True), attempts=20
        )


def everything(house: House, kind: Any, *, limit: int, reverse: bool) -> list[Any]:
    """All rows of a list, page by page."""
    wanted = {field.name: KNOWN[field.name] for field in msgspec.structs.fields(kind) if field.required}
    return list(every(house.client(), kind(**wanted, reversed=reverse), limit=limit, attempts=20))


def standing(house: House, kind: Any) -> tuple[list[Any], list[Any]] | None:
    """A list from both ends; None where what others did before changed it meanwhile."""
    forwards = everything(house, kind, limit=200, reverse=False)
    backwards = everything(house, kind, limit=2 if len(forwards) < 50 else 200, reverse=True)
    return (forwards, backwards) if everything(house, kind, limit=200, reverse=False) == forwards else None


@pytest.mark.usefixtures("_filled")
@pytest.mark.parametrize("kind", LISTS, ids=lambda kind: str(kind.__name__))
def test_a_list_is_the_same_from_its_other_end(house: House, kind: Any) -> None:
    try:
        forwards, backwards = eventually(lambda: standing(house, kind))
    except (Forbidden, NotFound):
        assert kind not in FULL
        return

    assert backwards == forwards[::-1]
    assert len(forwards) > 1 or kind not in FULL
