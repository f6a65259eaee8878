"""An act names a grant that was valid at the instant it names, however granting, revoking, expiring and acting mix."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

import catalogue
from contracts.delegation import (
    Authorise,
    AuthorityAnswer,
    AuthorityRequest,
    GrantMade,
    GrantPublished,
    GrantRevoked,
    PublishGrant,
    RevokeGrant,
)
from contracts.language import Caller
from delegation.service import Delegation
from eventing.errors import NotFound, Refused
from eventing.keyring import KeyRing
from eventing.mapper import decode
from testkit.replica import Replica

from .mothers import terms

CHINA = timezone(timedelta(hours=8))
BEGINNING = datetime(2026, 7, 23, 4, tzinfo=UTC)


COUNTY = catalogue.load("990102")


class Shelf:
    """Knows one catalogue."""

    def current(self) -> catalogue.Catalogue:
        return COUNTY


class World:
    """A clock that moves at every look, and what happens between two looks, at the clock or into the database."""

    def __init__(self) -> None:
        self.instant = BEGINNING
        self._looks = 0
        self._happens: Callable[[], None] | None = None

    def now(self) -> datetime:
        self.instant += timedelta(microseconds=1)
        seen = self.instant
        self.looked()
        return seen

    def after(self, looks: int, happens: Callable[[], None] | None) -> None:
        self._looks, self._happens = looks, happens

    def looked(self) -> None:
        self._looks -= 1
        if self._looks == 0 and self._happens is not None:
            happens, self._happens = self._happens, None
            happens()

    def watched(self, select: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def look(statement: Any) -> Any:
            found = select(statement)
            self.looked()
            return found

        return look


@cache
def house() -> tuple[tuple[Replica, Replica], World, tempfile.TemporaryDirectory[str]]:
    """Two replicas on one database, each with a register of its own, in one world."""
    folder = tempfile.TemporaryDirectory()
    world = World()
    replicas = []
    for _ in range(2):
        replica = Replica(
            Delegation,
            f"sqlite:///{Path(folder.name)}/delegation.db",
            catalogues=Shelf(),
            keyring=KeyRing(lambda query: [], b"i" * 32, purpose="delegation"),
        )
        replica.engine.clock = world.now
        replica.service.clock = world
        replica.service.store.select = world.watched(replica.service.store.select)
        replicas.append(replica)
    return (replicas[0], replicas[1]), world, folder


class Acted(msgspec.Struct, frozen=True):
    """What an act event says of the authority behind it."""

    item: str
    grant: str
    position: int
    at: datetime


REPLICAS = st.integers(0, 1)
ITEMS = ("food", "food", "baths")
RUNS = iter(range(1_000_000))


class Interleaved(RuleBasedStateMachine):
    """People make, publish and revoke grants; halls ask, and act on the answer a while later; days go by.

    The oracle reads the recorded facts and knows nothing of the register.
    """

    grants = Bundle("grants")

    def __init__(self) -> None:
        super().__init__()
        self.replicas, self.world, _ = house()
        self.world.instant = BEGINNING
        self.run = next(RUNS)
        self.hall = f"hall-{self.run}"
        self.made: list[str] = []
        self.acts: list[Acted] = []
        self.refused: list[tuple[str, datetime, datetime]] = []
        """Item, the instant of the answer, and when it came: what was recorded in between may be in it."""

    def command(self, replica: int, command: Any, by: str) -> None:
        with suppress(Refused, NotFound):
            self.replicas[replica].command(
                command, caller=Caller(by=by, org="market", roles=("approver", "publisher", "trainer"))
            )

    @initialize(target=grants, replica=REPLICAS)
    def begin(self, replica: int) -> Any:
        """There is a grant from the start."""
        return self.make(replica, "food", -1, 3, published=True)

    @rule(
        target=grants,
        replica=REPLICAS,
        item=st.sampled_from(["food", "food", "*", "baths"]),
        begins=st.sampled_from([-1, -1, 0, 1]),
        days=st.sampled_from([None, 1, 3]),
        published=st.sampled_from([True, True, False]),
    )
    def make(self, replica: int, item: str, begins: int, days: int | None, *, published: bool) -> str:
        grant = f"g-{self.run}-{next(RUNS)}"
        today = self.world.instant.astimezone(CHINA).date()
        first = today + timedelta(days=begins)
        signed = terms(
            grant=grant,
            grantee=self.hall,
            items=(item,),
            valid_from=first,
            valid_until=None if days is None else first + timedelta(days=days),
        )
        self.command(replica, signed, "director")
        self.made.append(grant)
        if published:
            self.publish(replica, grant)
        return grant

    @rule(replica=REPLICAS, grant=grants)
    def publish(self, replica: int, grant: str) -> None:
        self.command(replica, PublishGrant(grant=grant, publication="P"), "secretary")

    @rule(replica=REPLICAS, grant=grants)
    def revoke(self, replica: int, grant: str) -> None:
        self.command(replica, RevokeGrant(grant=grant, reason="faults"), "director")

    @rule(hours=st.sampled_from([1, 7, 30]), note=st.booleans())
    def time_goes_by(self, hours: int, note: bool) -> None:
        self.world.instant += timedelta(hours=hours)
        if note:  # whether or not anybody notes what has expired
            replica = self.replicas[0]
            replica.engine.fire(replica.store.due(self.world.instant, range(16), 100))

    @rule(replica=REPLICAS, item=st.sampled_from(ITEMS))
    def act(self, replica: int, item: str) -> None:
        """A hall asks and acts. Whenever the act is recorded, it names what the answer named."""
        question = Authorise(requests=(AuthorityRequest(self.hall, item, "market", "accept"),))
        [answer] = msgspec.convert(self.replicas[replica].ask(question), list[AuthorityAnswer])
        if answer.refusal:
            self.refused.append((item, answer.at, self.world.instant))
        else:
            self.acts.append(Acted(item, answer.grant, answer.position, answer.at))

    @rule(replica=REPLICAS, other=REPLICAS, item=st.sampled_from(ITEMS), grant=grants, looks=st.integers(1, 3))
    def act_while_a_grant_is_revoked(self, *, replica: int, other: int, item: str, grant: str, looks: int) -> None:
        """The revocation is recorded between two looks, at the clock or into the database."""
        self.world.after(looks, lambda: self.revoke(other, grant))
        self.act(replica, item)
        self.world.after(0, None)

    def recorded(self, grant: str) -> list[Any]:
        stored = self.replicas[0].store.load([(grant, 0)]).get(grant, ())
        return [decode(topic, state) for _, topic, state in stored]

    def teardown(self) -> None:
        """What was recorded stays, so it is enough to look at the end."""
        self.every_act_names_a_grant_that_was_valid_at_the_instant_it_names()
        self.no_act_names_an_instant_after_a_recorded_revocation()
        self.who_was_refused_had_no_grant_that_counted()

    def every_act_names_a_grant_that_was_valid_at_the_instant_it_names(self) -> None:
        for act in self.acts:
            made, *rest = self.recorded(act.grant)
            assert isinstance(made, GrantMade)
            assert (made.grantee, made.grantor, "accept" in made.powers) == (self.hall, "market", True)
            assert act.item in made.items or "*" in made.items
            assert made.valid_from <= act.at.astimezone(CHINA).date() <= (made.valid_until or date.max)
            published = next(each for each in rest if isinstance(each, GrantPublished))
            assert published.at <= act.at
            assert published in [made, *rest][: act.position]

    def no_act_names_an_instant_after_a_recorded_revocation(self) -> None:
        for act in self.acts:
            facts = self.recorded(act.grant)
            revoked = next((each for each in facts if isinstance(each, GrantRevoked)), None)
            assert revoked is None or act.at < revoked.at
            assert revoked not in facts[: act.position]

    def who_was_refused_had_no_grant_that_counted(self) -> None:
        for item, instant, answered in self.refused:
            for grant in self.made:
                assert not self.counted(grant, item, instant, answered)

    def counted(self, grant: str, item: str, instant: datetime, answered: datetime) -> bool:
        """Whether the grant certainly gave the power from the instant until the answer."""
        facts = self.recorded(grant)
        if not facts or not {item, "*"}.intersection(facts[0].items):
            return False
        today = instant.astimezone(CHINA).date()
        return (
            any(isinstance(each, GrantPublished) and each.at <= instant for each in facts)
            and not any(isinstance(each, GrantRevoked) and each.at <= answered for each in facts)
            and facts[0].valid_from <= today <= (facts[0].valid_until or date.max)
        )


TestInterleaved = Interleaved.TestCase
TestInterleaved.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
