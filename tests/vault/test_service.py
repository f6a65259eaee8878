"""Keys are reserved, bound, lent and destroyed; at rest they are wrapped."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.drafts import DraftDiscarded, DraftExpired, DraftSaved, DraftUsed
from contracts.intake import CaseOpened
from contracts.language import Caller, Fact, Sealed
from contracts.vault import DestroyCaseKey, LendKeys, ReserveKeys
from eventing import mapper
from eventing.errors import NotFound
from eventing.scoping import NotYourRole
from testkit.facts import NOON, refused
from testkit.replica import DATABASES, Replica, replica
from vault import rewrapping
from vault.domain import KeyDamaged, PurposeMissing, TooManyKeys
from vault.keys import TABLE
from vault.service import Vault
from vault.wrapping import Wrapping


@pytest.fixture(params=DATABASES)
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(Vault, request, tmp_path, wrapping=Wrapping(b"k" * 32)) as running:
        yield running


SERVICE = Caller(by="service:intake", roles=("service",))


def reserve(vault: Replica, count: int = 1) -> list[tuple[str, bytes]]:
    return [(key_id, base64.b64decode(key)) for key_id, key in vault.ask(ReserveKeys(count=count), SERVICE)]


def lend(vault: Replica, *key_ids: str) -> dict[str, bytes]:
    lent = vault.ask(LendKeys(key_ids=key_ids, purpose="test"), SERVICE)
    return {key_id: base64.b64decode(key) for key_id, key in lent}


def row(vault: Replica, key_id: str) -> Any:
    (found,) = vault.store.select(sa.select(TABLE).where(TABLE.c.key_id == key_id))
    return found


def opened(case_id: str, key_id: str) -> CaseOpened:
    return CaseOpened(
        case_id=case_id,
        at=NOON,
        by="clerk-7",
        number=f"n-{case_id}",
        theme="CY",
        catalogue="c",
        mode="one_mouth",
        region="990102",
        hall="county",
        window="w1",
        channel="window",
        key_id=key_id,
        applicant=Sealed(key_id, "applicant", b"noise"),
        applicant_index="i",
        applicant_kind="natural",
        answers={},
        plan=(),
    )


def test_reserved_keys_are_fresh_and_can_be_lent_again(vault: Replica) -> None:
    keys = reserve(vault, 20)

    assert len({key for _, key in keys}) == len({key_id for key_id, _ in keys}) == 20
    assert {len(key) for _, key in keys} == {32}
    assert lend(vault, *(key_id for key_id, _ in keys)) == dict(keys)


def test_at_rest_a_key_is_wrapped(vault: Replica) -> None:
    ((key_id, key),) = reserve(vault)

    assert key not in bytes(row(vault, key_id)["wrapped"])
    assert Wrapping(b"k" * 32).unwrap(key_id, bytes(row(vault, key_id)["wrapped"]), row(vault, key_id)["kek"]) == key


def test_the_key_of_a_new_case_is_bound_to_it(vault: Replica) -> None:
    ((key_id, _),) = reserve(vault)

    vault.follow("intake", ("case-1", 1, opened("case-1", key_id)))

    assert [fact.topic for fact in vault.log()] == ["onething.case-key.bound.v1"]
    assert [mapper.decode(fact.topic, fact.state).key_id for fact in vault.log()] == [key_id]


def test_a_destroyed_key_is_gone_for_good(vault: Replica) -> None:
    (one, key_one), (two, key_two) = reserve(vault, 2)
    vault.follow("intake", ("case-1", 1, opened("case-1", one)), ("case-2", 1, opened("case-2", two)))

    vault.command(DestroyCaseKey(case_id="case-1", reason="request for erasure"))

    assert lend(vault, one, two) == {one: b"", two: key_two}
    assert row(vault, one)["wrapped"] is None
    assert row(vault, one)["destroyed_at"] == NOON
    assert key_one not in b"".join(fact.state for fact in vault.log())


@pytest.mark.parametrize("vault", ["sqlite"], indirect=True)
def test_nothing_of_a_destroyed_key_is_left_in_the_file(vault: Replica, tmp_path: Path) -> None:
    ((key_id, _),) = reserve(vault)
    vault.follow("intake", ("case-1", 1, opened("case-1", key_id)))
    wrapped = bytes(row(vault, key_id)["wrapped"])
    checkpoint(vault)
    assert wrapped in (tmp_path / "vault.db").read_bytes()

    vault.command(DestroyCaseKey(case_id="case-1", reason="request for erasure"))
    checkpoint(vault)

    assert wrapped not in b"".join(file.read_bytes() for file in tmp_path.glob("vault.db*"))


def checkpoint(vault: Replica) -> None:
    with vault.store.reading() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def test_destroying_again_is_no_news(vault: Replica) -> None:
    ((key_id, _),) = reserve(vault)
    vault.follow("intake", ("case-1", 1, opened("case-1", key_id)))
    vault.command(DestroyCaseKey(case_id="case-1", reason="request for erasure"))

    vault.command(DestroyCaseKey(case_id="case-1", reason="request for erasure"))

    assert len(vault.log()) == 2


def test_a_refused_destruction_destroys_nothing(vault: Replica) -> None:
    ((key_id, key),) = reserve(vault)
    vault.follow("intake", ("case-1", 1, opened("case-1", key_id)))

    with pytest.raises(Exception, match="erasure-reason-missing"):
        vault.command(DestroyCaseKey(case_id="case-1", reason=""))

    assert lend(vault, key_id) == {key_id: key}


def test_a_case_without_a_key_has_none_to_destroy(vault: Replica) -> None:
    with refused(NotFound):
        vault.command(DestroyCaseKey(case_id="case-9", reason="request for erasure"))


def test_an_unknown_key_is_lent_empty(vault: Replica) -> None:
    assert lend(vault, "nobody's") == {"nobody's": b""}


def test_keys_are_lent_for_a_purpose_and_not_by_the_thousands(vault: Replica) -> None:
    with refused(PurposeMissing):
        vault.ask(LendKeys(key_ids=("k",), purpose=" "), SERVICE)
    with refused(TooManyKeys, most=1000):
        vault.ask(LendKeys(key_ids=("k",) * 1001, purpose="test"), SERVICE)
    with refused(TooManyKeys, most=1000):
        vault.ask(ReserveKeys(count=1001), SERVICE)


class TestWrapping:
    def test_a_key_opens_only_under_its_own_id(self) -> None:
        wrapping = Wrapping(b"k" * 32)
        wrapped = wrapping.wrap("k-1", b"d" * 32)

        with refused(KeyDamaged, key="k-2"):
            wrapping.unwrap("k-2", wrapped, wrapping.kek)

    def test_another_wrapping_key_is_noticed(self) -> None:
        first, second = Wrapping(b"k" * 32), Wrapping(b"l" * 32)

        with refused(KeyDamaged, wrapped_by=first.kek, have=second.kek):
            second.unwrap("k-1", first.wrap("k-1", b"d" * 32), first.kek)

    def test_of_several_keys_the_first_wraps_and_each_opens(self) -> None:
        old, both = Wrapping(b"k" * 32), Wrapping(b"l" * 32, b"k" * 32)

        assert both.unwrap("k-1", old.wrap("k-1", b"d" * 32), old.kek) == b"d" * 32
        assert Wrapping(b"l" * 32).unwrap("k-1", both.wrap("k-1", b"d" * 32), both.kek) == b"d" * 32
        assert both.keks == (both.kek, old.kek)

    def test_a_flipped_bit_is_noticed(self) -> None:
        wrapping = Wrapping(b"k" * 32)
        wrapped = bytearray(wrapping.wrap("k-1", b"d" * 32))
        wrapped[-1] ^= 1

        with refused(KeyDamaged, key="k-1"):
            wrapping.unwrap("k-1", bytes(wrapped), wrapping.kek)


def test_keys_are_wrapped_anew_and_what_is_destroyed_stays_destroyed(
    vault: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewrapping, "BATCH", 2)
    keys = dict(reserve(vault, 5))
    gone = next(iter(keys))
    vault.follow("intake", ("case-1", 1, opened("case-1", gone)))
    vault.command(DestroyCaseKey(case_id="case-1", reason="request for erasure"))
    old, both, new = Wrapping(b"k" * 32), Wrapping(b"l" * 32, b"k" * 32), Wrapping(b"l" * 32)
    assert rewrapping.opens(vault.store, both)
    assert not rewrapping.opens(vault.store, new)

    assert list(rewrapping.rewrap(vault.store, both)) == [2, 2]

    assert rewrapping.wrapped_by(vault.store) == {new.kek: 4}
    assert rewrapping.opens(vault.store, new)
    assert not rewrapping.opens(vault.store, old)
    kept = {key_id: row(vault, key_id) for key_id in keys if key_id != gone}
    assert {key_id: new.unwrap(key_id, bytes(each["wrapped"]), each["kek"]) for key_id, each in kept.items()} == {
        key_id: key for key_id, key in keys.items() if key_id != gone
    }
    assert row(vault, gone)["wrapped"] is None
    assert list(rewrapping.rewrap(vault.store, both)) == []


def test_a_key_that_nothing_opens_stops_the_rewrapping(vault: Replica) -> None:
    reserve(vault)

    with refused(KeyDamaged):
        list(rewrapping.rewrap(vault.store, Wrapping(b"l" * 32)))


def test_people_never_hold_a_key(vault: Replica) -> None:
    ((key_id, _),) = reserve(vault)

    for question in (LendKeys(key_ids=(key_id,), purpose="curiosity"), ReserveKeys(count=1)):
        with refused(NotYourRole):
            vault.ask(question, Caller(by="clerk-7", hall="county", roles=("clerk",)))


# drafts have keys of their own


def saved(draft: str, key_id: str) -> DraftSaved:
    return DraftSaved(
        at=NOON,
        by="citizen-1",
        theme="CY",
        catalogue="c",
        channel="web",
        hall="",
        key_id=key_id,
        answers={},
        content="i",
        expires_at=NOON,
        warned_at=NOON,
        draft=draft,
    )


def ends(draft: str, key_id: str) -> tuple[Fact, ...]:
    said: dict[str, Any] = {"at": NOON, "by": "x", "draft": draft, "key_id": key_id}
    return DraftExpired(**said), DraftDiscarded(**said), DraftUsed(**said, used_by="case-1")


def test_the_key_of_a_draft_is_bound_to_it_once(vault: Replica) -> None:
    ((key_id, key),) = reserve(vault)

    vault.follow("intake", ("d1", 1, saved("d1", key_id)), ("d1", 2, saved("d1", key_id)))

    assert [(fact.stream, fact.topic) for fact in vault.log()] == [("d1", "onething.case-key.bound.v1")]
    assert lend(vault, key_id) == {key_id: key}


@pytest.mark.parametrize("how", range(3))
@pytest.mark.parametrize("was_bound", [True, False])
def test_the_key_of_a_draft_is_destroyed_when_the_draft_ends(vault: Replica, how: int, was_bound: bool) -> None:
    (mine, _), (other, key) = reserve(vault, 2)
    vault.follow("intake", ("d2", 1, saved("d2", other)))
    if was_bound:
        vault.follow("intake", ("d1", 1, saved("d1", mine)))

    vault.follow("intake", ("d1", 2, ends("d1", mine)[how]))

    assert lend(vault, mine, other) == {mine: b"", other: key}
    assert row(vault, mine)["wrapped"] is None


def test_a_draft_of_old_that_does_not_say_which_it_was_ends_without_a_key(vault: Replica) -> None:
    vault.follow("intake", ("d1", 1, saved("", "k")), *(("d1", n, fact) for n, fact in enumerate(ends("", ""), 2)))

    assert vault.log() == []


def test_an_erasure_that_was_asked_for_before_the_draft_ended_is_no_hindrance(vault: Replica) -> None:
    ((key_id, _),) = reserve(vault)
    vault.follow("intake", ("d1", 1, saved("d1", key_id)))
    vault.command(DestroyCaseKey(case_id="d1", reason="request for erasure"))

    vault.follow("intake", ("d1", 2, ends("d1", key_id)[0]))

    assert [fact.topic for fact in vault.log()] == ["onething.case-key.bound.v1", "onething.case-key.destroyed.v1"]
