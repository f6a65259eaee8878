"""``onething suppose``: real histories under their own rules are what they were."""

from datetime import date

from console.bench import Plan, Run
from console.supposing import _tell, supposed
from contracts.approval import GetBundle
from contracts.delegation import ListGrants
from testkit.house import eventually
from testkit.lists import every

LATER = date(2099, 12, 31)


def test_a_house_under_its_own_rules_is_what_it_was_and_under_others_is_not(house, capsys):
    run = Run(house.client, Plan(cases=2, concurrency=1))
    run.drive(lambda: None)
    bundle = house.client.ask(GetBundle(case_id=run.ids[0]))
    paths = {f"themes/{bundle['theme']}/items/{each['item']}/promised": '{"days": 200}' for each in bundle["reviews"]}
    eventually(
        lambda: (
            {each.case_id for each in supposed(house.client.ask, on=LATER, changes=paths).differences} >= set(run.ids)
        )
    )

    same = supposed(house.client.ask, on=LATER, theme=bundle["theme"])
    other = supposed(house.client.ask, on=LATER, theme=bundle["theme"], changes=paths)
    _tell(other)

    assert same.cases >= 2
    assert same.items >= 2
    assert (same.differences, same.unlike, same.unfit) == ([], [], [])
    assert {each.case_id for each in other.differences} >= set(run.ids)
    assert "would be" in capsys.readouterr().out


def test_without_any_grant_halls_could_have_accepted_nothing_and_with_the_same_ones_all_of_it(house, capsys):
    run = Run(house.client, Plan(cases=1, concurrency=1))
    run.drive(lambda: None)
    grants = [each["grant"] for each in every(house.client, ListGrants())]
    none = dict.fromkeys(grants, "null")
    eventually(
        lambda: {each.case_id for each in supposed(house.client.ask, on=LATER, grants=none).differences} >= set(run.ids)
    )

    gone = supposed(house.client.ask, on=LATER, grants=none)
    same = supposed(house.client.ask, on=LATER, grants=dict.fromkeys(grants, "{}"))
    _tell(gone)

    assert (same.differences, same.unlike, same.moved) == ([], [], [])
    assert same.would_be.unlawful == 0 < gone.would_be.unlawful
    (case,) = (each for each in gone.differences if each.case_id in run.ids)
    assert {act.refusal for act in case.acts} == {"no-grant"}
    assert all(act.elsewhere == (act.handler,) for act in case.acts)
    assert "没有授权" in capsys.readouterr().out


def test_a_change_needs_a_path_and_a_value(typed):
    assert typed("suppose", "--set", "themes/CY").exit_code == 2
