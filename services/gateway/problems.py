"""What is answered when something is wrong: problem+json (RFC 9457) for programs, a page for people.

``code`` is stable and the same as everywhere in the house; the words are those of ``contracts.words``, Chinese
unless English is asked for.
"""

from typing import Any

import falcon
import msgspec
import structlog

from contracts.problems import MEDIA_TYPE, ProblemDetails
from contracts.words import Language, message
from eventing.errors import Forbidden, NotFound, OneThingError, Refused, Unavailable
from gateway.language import language_of

RETRY_AFTER = 2
"""Seconds after which what was unavailable may be asked for again."""


class BadRequest(Refused):
    """What came is no request that can be read."""

    status = 400


class DuplicateName(Refused):
    """An object has two fields of one name: of two readers each might take another (RFC 7493, 2.3)."""

    status = 400


class NotSignedIn(Forbidden):
    """Whoever asks this says first who they are."""

    status = 401


class NoSuchResource(NotFound):
    """Nothing is at this address."""


class MethodNotAllowed(Refused):
    """The address is right, the method is not."""

    status = 405


class NotAcceptable(Refused):
    """There is no form of it that the client takes."""

    status = 406


class TooLarge(Refused):
    """More than one request may carry."""

    status = 413


class UnsupportedMediaType(Refused):
    """A form of content that nobody here reads."""

    status = 415


class PreconditionRequired(Refused):
    """A write names itself (``Idempotency-Key``), so that it can be repeated."""

    status = 428


class TooManyRequests(Unavailable):
    """More requests than one may make in this time."""

    status = 429


class TooManyConnections(TooManyRequests):
    """More connections from one address than may be open at a time; told before anything is read (``gateway.edge``)."""


class TooManyFeeds(TooManyRequests):
    """More live feeds than one may follow at a time."""


class Overloaded(Unavailable):
    """So many requests are being answered that another one would only wait."""


class TooSlow(Refused):
    """The request did not arrive in its time."""

    status = 408


BY_STATUS: dict[int, type[OneThingError]] = {
    each.status: each
    for each in (
        NotSignedIn,
        NoSuchResource,
        MethodNotAllowed,
        NotAcceptable,
        TooLarge,
        UnsupportedMediaType,
        TooManyRequests,
    )
}
"""What the framework itself finds wrong, in our words; anything else is a bad request."""

log = structlog.get_logger(__name__)


def problem(code: str, status: int, language: Language, data: dict[str, Any], instance: str) -> ProblemDetails:
    """The words for a code, as a problem."""
    words = message(code, language, **data)
    return ProblemDetails(
        type=f"urn:onething:problem:{code}",
        title=words.title,
        status=status,
        code=code,
        detail=words.detail,
        next=words.next,
        instance=instance,
        data=data,
    )


def handle(app: falcon.App[Any, Any]) -> None:
    """Every error has one way out."""
    app.add_error_handler(Exception, _fault)
    app.add_error_handler(falcon.HTTPError, _http)
    app.add_error_handler(OneThingError, _ours)


def _ours(req: falcon.Request, resp: falcon.Response, error: OneThingError, _params: Any) -> None:
    if isinstance(error, Unavailable):
        resp.set_header("Retry-After", str(error.data.get("retry_after", RETRY_AFTER)))
    answer(req, resp, error.code, error.status, error.data)


def _http(req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError, _params: Any) -> None:
    resp.set_headers(error.headers or {})
    kind = BY_STATUS.get(error.status_code, BadRequest)
    answer(req, resp, kind.code, error.status_code, {"reason": error.description or error.title or ""})


def _fault(req: falcon.Request, resp: falcon.Response, error: Exception, _params: Any) -> None:
    """A fault of ours: nothing was lost, and whoever asked may ask again."""
    log.error("request failed", route=req.uri_template or "", exc_info=error)  # an address may hold a code
    resp.set_header("Retry-After", str(RETRY_AFTER))
    answer(req, resp, "faulty", 503, {"fault": type(error).__name__})


def answer(req: falcon.Request, resp: falcon.Response, code: str, status: int, data: dict[str, Any]) -> None:
    """A problem in the form that was asked for."""
    made = problem(code, status, language_of(req), data, req.path)
    resp.status = status
    render = getattr(req.context, "problem_page", None)
    by_script = req.get_header("X-Form")
    if render is not None and not by_script and req.client_accepts("text/html") and not req.path.startswith("/api/"):
        render(req, resp, made)
        return
    resp.set_header("Cache-Control", "no-store")
    resp.append_header("Vary", "Accept-Language")
    resp.content_type = MEDIA_TYPE
    resp.data = msgspec.json.encode(made)
