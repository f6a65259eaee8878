"""Personal data under keys that vault lends: who can read it, and who no longer can."""

from typing import Any

import eventlet
import msgspec
import pytest
from eventlet.greenpool import GreenPool

from contracts.language import Query, Sealed
from contracts.vault import LendKeys, LentKey, ReserveKeys
from eventing import keyring
from eventing.errors import Refused, Unavailable
from eventing.keyring import Erased, KeyRing


class Person(msgspec.Struct):
    name: str


class FakeVault:
    """Lends keys; counts how often it was asked; destroys them."""

    def __init__(self) -> None:
        self.keys: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.away = False
        self.damaged = ""

    def ask(self, query: Query) -> Any:
        if self.away:
            raise Unavailable(what="vault")
        self.asked.append(type(query).__name__)
        if isinstance(query, ReserveKeys):
            made = [(f"k{len(self.keys) + i}", bytes([i % 256]) * 32) for i in range(query.count)]
            self.keys |= dict(made)
            lent = [LentKey(key_id, key) for key_id, key in made]
        else:
            assert isinstance(query, LendKeys)
            if self.damaged in query.key_ids:
                raise Refused(key=self.damaged)
            lent = [LentKey(key_id, self.keys.get(key_id, b"")) for key_id in query.key_ids]
        return msgspec.json.decode(msgspec.json.encode(lent))


@pytest.fixture
def vault() -> FakeVault:
    return FakeVault()


@pytest.fixture
def ring(vault: FakeVault) -> KeyRing:
    return KeyRing(vault.ask, b"i" * 32, purpose="test")


def test_what_is_sealed_is_read_again_with_the_cases_key_alone(ring: KeyRing) -> None:
    sealed = ring.seal(ring.fresh(), "case-1", "applicant", Person("王小明"))

    assert "王小明".encode() not in sealed.box
    assert ring.unseal(sealed, "case-1", Person) == Person("王小明")


@pytest.mark.parametrize("change", [{"purpose": "form"}, {"box": b"x" * 40}])
def test_it_is_bound_to_its_case_and_purpose(ring: KeyRing, change: dict[str, Any]) -> None:
    sealed = ring.seal(ring.fresh(), "case-1", "applicant", Person("王小明"))

    with pytest.raises(Refused):
        ring.unseal(sealed, "case-2", Person)
    with pytest.raises(Refused):
        ring.unseal(msgspec.structs.replace(sealed, **change), "case-1", Person)


def test_the_same_words_never_look_the_same(ring: KeyRing) -> None:
    key = ring.fresh()
    one, other = (ring.seal(key, "case-1", "applicant", Person("王小明")) for _ in range(2))

    assert one.box != other.box


def test_keys_are_fetched_in_reserve_and_never_given_twice(ring: KeyRing, vault: FakeVault) -> None:
    given = [ring.fresh() for _ in range(100)]

    assert len(set(given)) == 100
    assert vault.asked == ["ReserveKeys"]


def test_cases_go_on_while_vault_is_away_until_the_reserve_is_used_up(ring: KeyRing, vault: FakeVault) -> None:
    ring.fresh()
    vault.away = True
    for _ in range(keyring.RESERVE - 1):
        ring.seal(ring.fresh(), "case", "applicant", Person("x"))

    with pytest.raises(Unavailable):
        ring.fresh()


def test_a_destroyed_key_is_gone_as_soon_as_it_is_forgotten(ring: KeyRing, vault: FakeVault) -> None:
    sealed = ring.seal(ring.fresh(), "case-1", "applicant", Person("王小明"))
    vault.keys[sealed.key_id] = b""
    ring.forget(sealed.key_id)

    with pytest.raises(Erased):
        ring.unseal(sealed, "case-1", Person)
    with pytest.raises(Erased):
        ring.key(sealed.key_id)


def test_a_lent_key_is_asked_for_again_after_its_time(
    ring: KeyRing, vault: FakeVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = ring.seal(ring.fresh(), "case-1", "applicant", Person("王小明"))
    vault.keys[sealed.key_id] = b""
    now = keyring.time.monotonic()
    monkeypatch.setattr(keyring.time, "monotonic", lambda: now + keyring.KEPT_SECONDS + 1)

    with pytest.raises(Erased):
        ring.unseal(sealed, "case-1", Person)


class TestSeveralAtATime:
    """What many ask for while a question is on its way goes with the next one."""

    @pytest.fixture
    def slow(self, vault: FakeVault) -> KeyRing:
        def ask(query: Query) -> Any:
            eventlet.sleep(0.001)
            return vault.ask(query)

        return KeyRing(ask, b"i" * 32, purpose="test")

    def test_their_keys_are_asked_for_together(self, ring: KeyRing, slow: KeyRing, vault: FakeVault) -> None:
        sealed = [ring.seal(ring.fresh(), "case-1", "applicant", Person(str(n))) for n in range(16)]
        vault.asked.clear()

        read = [*GreenPool().imap(lambda one: slow.unseal(one, "case-1", Person), sealed)]

        assert read == [Person(str(n)) for n in range(16)]
        assert vault.asked == ["LendKeys", "LendKeys"]

    def test_who_asks_for_one_that_is_gone_is_told_alone(self, ring: KeyRing, slow: KeyRing, vault: FakeVault) -> None:
        sealed = [ring.seal(ring.fresh(), "case-1", "applicant", Person(str(n))) for n in range(3)]
        vault.keys[sealed[1].key_id] = b""

        def read(one: Sealed) -> Person | None:
            try:
                return slow.unseal(one, "case-1", Person)
            except Erased:
                return None

        assert [*GreenPool().imap(read, sealed)] == [Person("0"), None, Person("2")]

    def test_one_that_is_damaged_keeps_no_other_from_being_lent(
        self, ring: KeyRing, slow: KeyRing, vault: FakeVault
    ) -> None:
        sealed = [ring.seal(ring.fresh(), "case-1", "applicant", Person(str(n))) for n in range(4)]
        vault.damaged = sealed[2].key_id

        def read(one: Sealed) -> Person | None:
            try:
                return slow.unseal(one, "case-1", Person)
            except Refused:
                return None

        assert [*GreenPool().imap(read, sealed)] == [Person("0"), Person("1"), None, Person("3")]

    def test_one_that_is_forgotten_before_it_was_used_is_no_fault(
        self, ring: KeyRing, slow: KeyRing, vault: FakeVault, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sealed = [ring.seal(ring.fresh(), "case-1", "applicant", Person(str(n))) for n in range(3)]
        remember = slow._remember
        monkeypatch.setattr(slow, "_remember", lambda lent: (remember(lent), slow.forget(lent.key_id)))

        read = [*GreenPool().imap(lambda one: slow.unseal(one, "case-1", Person), sealed)]

        assert read == [Person("0"), Person("1"), Person("2")]

    def test_while_vault_is_away_each_is_told_so(self, ring: KeyRing, slow: KeyRing, vault: FakeVault) -> None:
        sealed = [ring.seal(ring.fresh(), "case-1", "applicant", Person(str(n))) for n in range(3)]
        vault.away = True

        def refused(one: Sealed) -> bool:
            try:
                slow.unseal(one, "case-1", Person)
            except Unavailable:
                return True
            return False

        assert all(GreenPool().imap(refused, sealed))
        vault.away = False
        assert slow.unseal(sealed[0], "case-1", Person) == Person("0")


def test_an_index_compares_without_telling(ring: KeyRing) -> None:
    assert ring.blind("990102199001010015") == ring.blind(" 990102199001010015 ")
    assert ring.blind("11010519491231002x") == ring.blind("11010519491231002X")
    assert ring.blind("1") != KeyRing(lambda query: None, b"j" * 32, purpose="test").blind("1")
    assert "9901" not in ring.blind("990102199001010015")
