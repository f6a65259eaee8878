"""The key of one case: bound once, destroyed once."""

from contracts.vault import CaseKeyBound, CaseKeyDestroyed
from testkit.facts import an_act, fact, facts, given, refused, replayed
from vault.domain import CaseKey, ErasureReasonMissing, KeyDestroyed, OtherKeyBound

OFFICER = an_act("data-protection-officer")


def a_case_key() -> CaseKey:
    case_key = CaseKey("case-1")
    case_key.bind("k-1", OFFICER)
    return case_key


def test_a_key_is_bound_to_its_case() -> None:
    assert facts(a_case_key()) == [fact(CaseKeyBound, key_id="k-1")]


def test_the_same_key_again_is_no_news_and_another_is_refused() -> None:
    case_key = given(a_case_key())

    assert not case_key.bind("k-1", OFFICER)
    with refused(OtherKeyBound, case="case-1"):
        case_key.bind("k-2", OFFICER)
    assert facts(case_key) == []


def test_a_key_is_destroyed_once_for_a_reason() -> None:
    case_key = given(a_case_key())

    assert case_key.destroy("request for erasure", OFFICER)
    assert not case_key.destroy("again", OFFICER)

    assert facts(case_key) == [fact(CaseKeyDestroyed, key_id="k-1", reason="request for erasure")]


def test_it_is_not_destroyed_for_nothing() -> None:
    with refused(ErasureReasonMissing):
        a_case_key().destroy("  ", OFFICER)


def test_an_erased_case_gets_no_new_key() -> None:
    case_key = a_case_key()
    case_key.destroy("request for erasure", OFFICER)

    with refused(KeyDestroyed, case="case-1"):
        case_key.bind("k-2", OFFICER)


def test_a_replay_leads_to_the_same_state() -> None:
    case_key = a_case_key()
    case_key.destroy("request for erasure", OFFICER)

    assert replayed(case_key, case_key.pending).state() == case_key.state()
