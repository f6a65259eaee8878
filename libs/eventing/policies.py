"""Reactions: published facts of other services turned into commands of this one."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from contracts.language import Command, Fact
from eventing.mapper import service_of

F = TypeVar("F", bound=Fact)
Outcome = Command | Iterable[Command] | None
Policy = Callable[[F], Outcome]


class Reactions:
    """A service's policies: fact type → pure functions ``fact → command(s)``."""

    def __init__(self) -> None:
        self._policies: dict[str, dict[str, list[Policy[Any]]]] = {}

    def on(self, *facts: type[Fact]) -> Callable[[Policy[F]], Policy[F]]:
        """Registers a policy for published facts; the upstream service is the one that publishes them."""

        def register(policy: Policy[F]) -> Policy[F]:
            for fact in facts:
                upstream = self._policies.setdefault(service_of(fact), {})
                upstream.setdefault(fact.TOPIC, []).append(policy)
                for old in fact.OLD_TOPICS:
                    upstream.setdefault(old, []).append(policy)
            return policy

        return register

    @property
    def upstreams(self) -> tuple[str, ...]:
        """The services whose logs must be followed."""
        return tuple(self._policies)

    def topics(self, service: str) -> Collection[str]:
        """Topics of a service that some policy reacts to."""
        return self._policies.get(service, {})

    def commands(self, service: str, topic: str, fact: Fact) -> list[Command]:
        """What the policies want done because of this fact."""
        wanted: list[Command] = []
        for policy in self._policies.get(service, {}).get(topic, ()):
            outcome = policy(fact)
            if outcome is None:
                continue
            if isinstance(outcome, Command):
                wanted.append(outcome)
            else:
                wanted.extend(outcome)
        return wanted
