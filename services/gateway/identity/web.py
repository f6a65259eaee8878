"""Asking an issuer over HTTP: bounded in time and size, and never led elsewhere."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.parse import urlencode, urlsplit

import eventlet
import msgspec

PATIENCE = 5.0
"""Seconds for one answer, all of it."""
MOST = 1_000_000
"""Bytes of an answer."""


class Unreachable(Exception):
    """The issuer gave no answer that can be used."""


class _Straight(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """An issuer's documents are where it says; who leads elsewhere is not followed."""


_opener = urllib.request.build_opener(_Straight)


def get(address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A JSON object. Raises Unreachable."""
    return _asked(urllib.request.Request(address, headers=_headers(headers)), address)  # noqa: S310


def post(address: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Sends a form, receives a JSON object. Raises Unreachable."""
    request = urllib.request.Request(  # noqa: S310
        address, urlencode(form).encode(), {**_headers(headers), "Content-Type": "application/x-www-form-urlencoded"}
    )
    return _asked(request, address)


def _headers(more: Mapping[str, str] | None) -> dict[str, str]:
    return {"Accept": "application/json", "User-Agent": "onething", **(more or {})}


def _asked(request: urllib.request.Request, address: str) -> dict[str, Any]:
    if urlsplit(address).scheme not in {"http", "https"}:
        _unusable(address, "it has no web address")
    late = eventlet.Timeout(PATIENCE)
    try:
        with _opener.open(request, timeout=PATIENCE) as answer:
            content = answer.read(MOST + 1)
        if len(content) > MOST:
            _unusable(address, "it answers too much")
        found = msgspec.json.decode(content)
    except eventlet.Timeout as timeout:
        if timeout is not late:
            raise
        _unusable(address, "it does not answer in time")
    except urllib.error.HTTPError as error:
        error.close()
        _unusable(address, f"it answers {error.code}")
    except (OSError, HTTPException, ValueError) as error:
        _unusable(address, type(error).__name__)
    finally:
        late.cancel()
    if not isinstance(found, dict):
        _unusable(address, "it answers no object")
    return found


def _unusable(address: str, why: str) -> NoReturn:
    parts = urlsplit(address)
    raise Unreachable(f"{parts.scheme}://{parts.netloc}{parts.path}: {why}")
