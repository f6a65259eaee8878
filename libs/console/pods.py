"""The pods of a release as its rehearsal reaches them from inside the cluster, to kill some at random.

It speaks to Kubernetes' API by what every pod with a service account is given: address, authority and token.
"""

import os
import random
import ssl
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import msgspec
from msgspec import Struct

from eventing.errors import NotFound, Unavailable

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where Kubernetes puts the token, the authority and the namespace of a pod's service account."""
TIMEOUT = 10.0


class _Named(Struct, frozen=True):
    name: str


class _Pod(Struct, frozen=True):
    metadata: _Named


class _Pods(Struct, frozen=True):
    items: list[_Pod]


class Pods:
    """The running pods that a label selector names, one of which may be killed at a time."""

    def __init__(self, selector: str, *, seed: int, api: str = "", account: Path = ACCOUNT) -> None:
        """``seed`` says which are killed, in which order.

        Raises:
            Unavailable: this is no pod with a service account.
        """
        host, port = (os.environ.get(f"KUBERNETES_SERVICE_{each}", "") for each in ("HOST", "PORT"))
        self._api = api or f"https://{f'[{host}]' if ':' in host else host}:{port}"
        try:
            self._namespace = (account / "namespace").read_text("utf-8").strip()
            self._token = (account / "token").read_text("utf-8").strip()
            authority = account / "ca.crt"
            self._trust = ssl.create_default_context(cafile=authority) if self._api.startswith("https:") else None
        except OSError as error:
            raise Unavailable(what="kubernetes", reason="this is no pod with a service account") from error
        self._selector = selector
        self._chance = random.Random(seed)

    def running(self) -> list[str]:
        """Their names. Raises Unavailable."""
        query = urlencode({"labelSelector": self._selector, "fieldSelector": "status.phase=Running"})
        found = msgspec.json.decode(self._call("GET", f"?{query}"), type=_Pods)
        return sorted(each.metadata.name for each in found.items)

    def kill(self) -> str:
        """Kills one of them without notice and tells which; "" where none runs. Raises Unavailable."""
        running = self.running()
        if not running:
            return ""
        name = self._chance.choice(running)
        try:
            self._call("DELETE", f"/{name}?gracePeriodSeconds=0")
        except NotFound:
            return ""
        return name

    def _call(self, method: str, rest: str) -> bytes:
        request = Request(  # noqa: S310 - https, or a test's own address
            f"{self._api}/api/v1/namespaces/{self._namespace}/pods{rest}",
            method=method,
            headers={"Authorization": f"Bearer {self._token}", "Accept": "application/json"},
        )
        try:
            with urlopen(request, timeout=TIMEOUT, context=self._trust) as answer:  # noqa: S310 - as above
                said: bytes = answer.read()
        except HTTPError as error:
            if error.code == 404:
                raise NotFound(pod=rest) from error
            raise Unavailable(what="kubernetes", status=error.code) from error
        except (URLError, OSError) as error:
            raise Unavailable(what="kubernetes", error=str(error)) from error
        return said
