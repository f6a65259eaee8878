"""Forged requests: whatever a cookie alone would allow needs a token of the same session, from a page of our own.

Looked at for every request that changes something and is signed by a cookie. A bearer token is put on by a program
and never by a browser of its own accord: such a request needs nothing more.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

import falcon
from markupsafe import Markup, escape

from eventing.errors import Forbidden

FIELD = "_csrf"
QUERY = "csrf"
"""In the address of a form with files, whose fields cannot be looked at before its files are taken in."""
FIELDS = frozenset({FIELD, "_key"})
"""Fields of a form that belong to one sending of it, and are not carried over to another."""
HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SIZE = 32


class ForgedRequest(Forbidden):
    """A request that another site may have made a browser send, or from a page of a session that is over."""


def token_of(secret: str) -> str:
    """A token of a session; each time another text, so that compression tells nothing of it."""
    mask = secrets.token_bytes(SIZE)
    masked = bytes(a ^ b for a, b in zip(mask, _proof(secret), strict=True))
    return urlsafe_b64encode(mask + masked).decode().rstrip("=")


def field_of(secret: str) -> Markup:
    """The hidden field for a form."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, escape(token_of(secret)))


def is_token_of(secret: str, text: str) -> bool:
    """Whether a token belongs to a session."""
    try:
        both = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return False
    if len(both) != 2 * SIZE:
        return False
    proof = bytes(a ^ b for a, b in zip(both[:SIZE], both[SIZE:], strict=True))
    return hmac.compare_digest(proof, _proof(secret))


def check(req: falcon.Request, secret: str) -> None:
    """Raises ForgedRequest, unless the request comes from a page of ours in this session."""
    check_origin(req)
    given = req.get_header(HEADER) or _in_address(req) or _in_form(req)
    if not given or not is_token_of(secret, given):
        raise ForgedRequest(reason="token")


def check_origin(req: falcon.Request) -> None:
    """Raises ForgedRequest where the browser says that another site is behind the request."""
    if (req.get_header("Sec-Fetch-Site") or "same-origin") not in {"same-origin", "none"}:
        raise ForgedRequest(reason="site")
    origin = req.get_header("Origin")
    # only the host is compared: what takes off TLS before the gateway may not say so
    if origin and (origin == "null" or origin.partition("://")[2].lower() != req.netloc.lower()):
        raise ForgedRequest(reason="origin")


def _in_address(req: falcon.Request) -> str:
    multipart = (req.content_type or "").startswith(falcon.MEDIA_MULTIPART)
    return (req.get_param(QUERY) or "") if multipart else ""


def _in_form(req: falcon.Request) -> str:
    if not (req.content_type or "").startswith(falcon.MEDIA_URLENCODED):
        return ""
    form = req.get_media(default_when_empty={})
    value = form.get(FIELD, "") if isinstance(form, dict) else ""
    return value if isinstance(value, str) else ""


def _proof(secret: str) -> bytes:
    return hmac.new(secret.encode(), b"against forged requests", hashlib.sha256).digest()
