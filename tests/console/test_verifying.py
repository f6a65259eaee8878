"""``onething ledger`` and ``onething verify``: what is taken away holds without a house, and says where it does not."""

import json
from contextlib import contextmanager
from uuid import uuid4

import pytest

from casefile.keeper import Keeper
from console import ledger
from console.bench import Plan, Run
from console.history import facts_of
from console.output import Exit
from console.verdicts import WORDS, sentences
from contracts.casefile import ListTreeHeads
from contracts.intake import CaseClosed
from contracts.vault import CaseKeyDestroyed, DestroyCaseKey
from testkit.house import eventually


@pytest.fixture(scope="module")
def case(house):
    """A case that was closed."""
    run = Run(house.client, Plan(cases=1, concurrency=1))
    run.drive(lambda: None)
    eventually(lambda: CaseClosed in {type(each.fact) for each in facts_of(house.client, run.ids[0])})
    return run.ids[0]


@pytest.fixture
def asking(house, monkeypatch):
    """The commands ask this house."""
    monkeypatch.setattr(ledger, "_asked", lambda query, _: house.client.ask(query))


@pytest.fixture
def key(typed, asking):
    return typed("ledger", "key").stdout.strip()


@pytest.fixture
def exported(typed, asking, case, tmp_path):
    path = tmp_path / "case.json"
    assert typed("ledger", "export", case, "--to", path).exit_code == Exit.DONE
    return path


def verdict(told):
    return json.loads(told.stdout)


def test_a_case_in_the_ledger(typed, asking, case):
    told = typed("verify", case, "--json")

    assert told.exit_code == Exit.DONE
    assert verdict(told)["verified"]


def test_the_whole_ledger(typed, house, monkeypatch):
    @contextmanager
    def here(_):
        yield house

    monkeypatch.setattr("console.house.entered", here)

    told = typed("verify", "--json")

    assert told.exit_code == Exit.DONE, told.output
    assert verdict(told)["verified"]
    assert verdict(told)["length"] > 100


def test_a_proof_is_verified_without_any_house(typed, key, exported, monkeypatch):
    def nobody(*_):
        pytest.fail("somebody was asked")

    monkeypatch.setattr(ledger, "_asked", nobody)

    told = typed("verify", exported, "--key", key)

    assert told.exit_code == Exit.DONE
    assert "完整" in told.stdout
    assert "whole" in told.stdout


def test_the_key_may_be_in_a_file(typed, key, exported, tmp_path):
    (tmp_path / "key").write_text(f"{key}\n")

    assert typed("verify", exported, "--key", tmp_path / "key").exit_code == Exit.DONE


def test_erasing_leaves_every_proof_as_it_is(typed, house, key, exported, case):
    before = json.loads(exported.read_text())["facts"]
    house.client.command(DestroyCaseKey(case_id=case, reason="the applicant asked for it"))
    eventually(lambda: CaseKeyDestroyed.TOPIC in {each.topic for each in facts_of(house.client, case)})

    assert typed("ledger", "export", case, "--to", exported.parent / "after.json").exit_code == Exit.DONE
    after = json.loads((exported.parent / "after.json").read_text())["facts"]

    assert [each["state"] for each in after[: len(before)]] == [each["state"] for each in before]
    assert CaseKeyDestroyed.TOPIC in {each["topic"] for each in after[len(before) :]}
    assert typed("verify", exported, "--key", key).exit_code == Exit.DONE
    assert typed("verify", exported.parent / "after.json", "--key", key).exit_code == Exit.DONE
    assert verdict(typed("verify", case, "--json"))["verified"]


def test_a_doctored_proof_is_refused_and_the_place_named(typed, key, exported):
    proof = json.loads(exported.read_text())
    proof["facts"][2]["topic"] = "onething.case.something-else.v1"
    exported.write_text(json.dumps(proof))

    told = typed("verify", exported, "--key", key)

    assert told.exit_code == Exit.REFUSED
    assert "第3个事实" in told.stdout
    assert "fact 3" in told.stdout


def test_a_proof_in_a_file_needs_a_key(typed, asking, exported):
    told = typed("verify", exported)

    assert told.exit_code == Exit.USAGE
    assert "--key" in told.stderr


@pytest.mark.parametrize("wrong", ["", "nothing"])
def test_what_is_no_proof_or_no_key_is_wrong_usage(typed, key, exported, tmp_path, wrong):
    (tmp_path / "none.json").write_text(json.dumps({"format": wrong}))

    assert typed("verify", tmp_path / "none.json", "--key", key).exit_code == Exit.USAGE
    assert typed("verify", exported, "--key", "none").exit_code == Exit.USAGE


def test_heads_are_kept_and_held_against_what_comes_later(typed, house, key, exported, tmp_path):
    container = house.runner.containers["casefile"]
    host = next(each for each in container.dependencies if getattr(each, "is_host", False))
    before = house.client.ask(ListTreeHeads(newest=True))["tree_heads"][0]
    (tmp_path / "kept.txt").write_text(before["signed_note"])
    run = Run(house.client, Plan(cases=1, concurrency=1))
    run.drive(lambda: None)
    keeper: Keeper = host.instance.keeper

    def grown():
        keeper.sign()
        return house.client.ask(ListTreeHeads(newest=True))["tree_heads"][0]["tree_size"] > before["tree_size"]

    eventually(grown)

    assert typed("ledger", "consistency", before["tree_size"], "--to", tmp_path / "proof.json").exit_code == Exit.DONE
    told = typed("verify", tmp_path / "proof.json", "--key", key, "--head", tmp_path / "kept.txt")

    assert told.exit_code == Exit.DONE, told.stdout
    assert "consistent" in told.stdout
    assert typed("ledger", "heads", "--to", tmp_path / "heads.txt").exit_code == Exit.DONE
    assert before["signed_note"] in (tmp_path / "heads.txt").read_text()

    proof = json.loads((tmp_path / "proof.json").read_text())
    proof["consistency_path"] = proof["consistency_path"][::-1]
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    told = typed("verify", tmp_path / "proof.json", "--key", key)
    assert (told.exit_code, f"{before['tree_size']}" in told.stdout) == (Exit.REFUSED, True)


@pytest.mark.parametrize("wrong", WORDS)
def test_every_finding_has_words_in_both_languages(wrong):
    zh, en = sentences(wrong, 7)

    assert zh != en
    assert ("7" in zh) == ("7" in en)


def test_a_case_that_never_was_is_not_found(typed, asking):
    assert typed("verify", str(uuid4())).exit_code == Exit.REFUSED
