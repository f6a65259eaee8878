"""Who may ask how much: a bound for every caller and every address, and one for all of them together.

What is beyond a bound is turned away at once, with the time to come again: a request that waits for its turn in a
queue without end is answered to somebody who has left. Each process counts for itself.
"""

from collections import Counter, OrderedDict
from functools import cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from math import ceil
from time import monotonic
from typing import Any

import falcon

from contracts.language import Caller
from eventing.settings import Settings
from gateway.backend import ANYBODY
from gateway.problems import Overloaded, TooManyRequests
from telemetry import metrics

SECONDS = 10.0
"""Over so long the rate is an average: whoever was silent may ask so much at once."""

HOUSEHOLD = 64
"""Bits that all IPv6 addresses of one subscriber share."""

REMEMBERED = 50_000
"""Callers or addresses whose last requests are remembered; who was forgotten begins anew."""


class Rate:
    """A token bucket for each of many: full after ``SECONDS`` of silence."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self._most = per_second * SECONDS
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, who: str, now: float) -> float:
        """0 where a request may be made, and counts; else the seconds until one may."""
        if not self.per_second:
            return 0.0
        left, at = self._known.pop(who, (self._most, now))
        left = min(self._most, left + (now - at) * self.per_second)
        may = left >= 1.0
        self._known[who] = (left - 1.0 if may else left, now)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return 0.0 if may else (1.0 - left) / self.per_second


class Seats:
    """How many of something each of many has at a time, and a bound for it; 0 is none."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken: Counter[str] = Counter()

    def take(self, who: str) -> bool:
        """One more, where there is room."""
        if self.most and self._taken[who] >= self.most:
            return False
        self._taken[who] += 1
        return True

    def leave(self, who: str) -> None:
        """One less; who has none is not remembered."""
        self._taken[who] -= 1
        if self._taken[who] <= 0:
            del self._taken[who]


class Limits:
    """Middleware. ``in_hand`` is what this process works on now."""

    def __init__(self, settings: Settings) -> None:
        self.most = settings.http_in_hand
        self.in_hand = 0
        self._callers = Rate(settings.http_requests_per_second)
        self._addresses = Rate(settings.http_requests_per_address)
        self._proxies = settings.http_proxies

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        """Before anything is known of the caller: is there room, and does the address ask too much?"""
        if self.in_hand >= self.most:
            metrics.turned_away("gateway", "overloaded")
            raise Overloaded
        self.in_hand += 1
        req.context.is_in_hand = True
        _hold(self._addresses, neighbourhood(address_of(req, self._proxies)), "address")

    def process_resource(
        self, req: falcon.Request, _resp: falcon.Response, _resource: Any, _params: dict[str, Any]
    ) -> None:
        """When it is known who asks: does the caller ask too much?"""
        caller = req.context.caller
        if caller != ANYBODY:
            _hold(self._callers, name_of(caller), "caller")

    def process_response(self, req: falcon.Request, _resp: falcon.Response, _resource: Any, _succeeded: bool) -> None:
        """It is answered, or its stream has begun."""
        if getattr(req.context, "is_in_hand", False):
            req.context.is_in_hand = False
            self.in_hand -= 1


def name_of(caller: Caller) -> str:
    """By what callers are told apart."""
    return f"{caller.by}\x1f{caller.subject}"


def _hold(rate: Rate, who: str, whose: str) -> None:
    if wait := rate.wait(who, monotonic()):
        metrics.turned_away("gateway", whose)
        raise TooManyRequests(retry_after=max(ceil(wait), 1))


def address_of(req: falcon.Request, proxies: tuple[str, ...]) -> str:
    """The address of whoever asks: the last one on the way that is no proxy of ours."""
    here = str(req.remote_addr)
    if not proxies:
        return here
    way = [*(part.strip() for part in (req.get_header("X-Forwarded-For") or "").split(",") if part.strip()), here]
    while len(way) > 1 and is_one_of(way[-1], proxies):
        way.pop()
    return way[-1]


def neighbourhood(address: str) -> str:
    """What belongs to one subscriber of a network: of IPv6 a whole /64 (RFC 6177), else the address."""
    try:
        read = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(read, IPv6Address):
        return address
    return str(read.ipv4_mapped or ip_network((read, HOUSEHOLD), strict=False))


def is_one_of(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address is in one of these networks; what is no address is in none."""
    try:
        return any(ip_address(address) in network for network in _networks(networks))
    except ValueError:
        return False


@cache
def _networks(networks: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(map(ip_network, networks))
