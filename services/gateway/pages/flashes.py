"""What is said once on the next page: "accepted", "the draft was saved". Nothing personal: it travels in a cookie."""

import base64
import binascii
from typing import Any

import falcon
import msgspec

from gateway.language import language_of

COOKIE = "onething_said"
SECONDS = 60


class Flash(msgspec.Struct, frozen=True):
    """One sentence: the key of its words, its data, and whether it is good, a warning or bad."""

    word: str
    mood: str = "good"
    data: dict[str, Any] = {}


_read = msgspec.json.Decoder(list[Flash])


def leave(req: falcon.Request, resp: falcon.Response, said: str, mood: str, data: dict[str, Any]) -> None:
    """Leaves a sentence for the next page."""
    left = [*getattr(req.context, "left", ()), Flash(said, mood, data)]
    req.context.left = left
    text = base64.urlsafe_b64encode(msgspec.json.encode(left)).decode()
    _put(req, resp, text, SECONDS)


def take(req: falcon.Request, resp: falcon.Response) -> list[Flash]:
    """What was left for this page; it is not said again."""
    text = req.cookies.get(COOKIE)
    if not text or req.get_header("X-Fragment"):
        return []
    _put(req, resp, "", 0)
    from gateway.pages.rendering import words

    try:
        found = _read.decode(base64.urlsafe_b64decode(text))
        return [each for each in found if each.word in words() and _fits(each, req)]
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return []


def _put(req: falcon.Request, resp: falcon.Response, text: str, seconds: int) -> None:
    secure = req.context.backend.secure
    resp.set_cookie(COOKIE, text, path="/", max_age=seconds, secure=secure, http_only=True, same_site="Lax")


def _fits(flash: Flash, req: falcon.Request) -> bool:
    from gateway.pages.rendering import word

    try:
        word(flash.word, language_of(req), **flash.data)
    except (KeyError, IndexError, TypeError, ValueError):
        return False
    return True
