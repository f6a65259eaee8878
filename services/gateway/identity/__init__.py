"""Who somebody is: a bearer token or a session, turned into a ``Caller``.

``req.context.caller`` is there for every resource; ``ANYBODY`` for those who have not said who they are. Pages ask
``person(req)`` for the name and the windows, put ``csrf_field(req)`` into every form, and say ``require(req)`` where
nobody goes on without having signed in. Reading order: ``claims`` (what is believed of a token), ``tokens`` and
``issuers`` (which token is believed), ``sessions`` and ``forgery`` (the browser), ``login`` (in and out),
``issuing`` and ``development`` (the issuer for fictional regions).
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import falcon
import msgspec
import structlog
from markupsafe import Markup

from contracts.language import Caller
from contracts.problems import ProblemDetails
from gateway.backend import ANYBODY, Backend
from gateway.identity import claims, development, forgery, login
from gateway.identity.claims import Incomplete, Person, mapping_of, prefix_of
from gateway.identity.issuers import Issuer
from gateway.identity.issuing import PATH, Declined, DevelopmentIssuer
from gateway.identity.sessions import Jar, Session, Sessions
from gateway.identity.tokens import SKEW, InvalidToken, Verifier, claims_of
from gateway.identity.web import Unreachable
from gateway.problems import NotSignedIn
from kernel.clock import SystemClock

__all__ = ["Identity", "Person", "csrf_field", "csrf_token", "person", "require"]

WINDOW = "Onething-Window"
"""With a bearer token: at which of their windows (``hall/window``), or for which hall, somebody works."""

PEOPLE = 1000
"""Persons who are remembered by their verified token: who works asks often."""

UNGUARDED = frozenset({f"{PATH}/token", "/sign-in/resume"})
"""Writes that no session stands behind: nothing that one could do is done there."""

ADDRESS = "gateway.address"
"""File of the data directory in which the embedded profile says where its gateway is."""

log = structlog.get_logger(__name__)


def person(req: falcon.Request) -> Person | None:
    """Who is signed in."""
    found: Person | None = getattr(req.context, "person", None)
    return found


def require(req: falcon.Request) -> Person:
    """Who is signed in. Raises NotSignedIn: a page leads to the sign-in, and a form that was sent is not lost."""
    found = person(req)
    if found is None:
        raise NotSignedIn
    return found


def csrf_token(req: falcon.Request) -> str:
    """The token against forged requests, for the header ``X-CSRF-Token``; nothing where nobody is signed in."""
    session = getattr(req.context, "session", None)
    return forgery.token_of(session.secret) if session is not None else ""


def csrf_field(req: falcon.Request) -> Markup:
    """The hidden field that every form needs. A form with files has the token in its address: ``?csrf=…``."""
    session = getattr(req.context, "session", None)
    return forgery.field_of(session.secret) if session is not None else Markup()


class Identity:
    """Middleware and the routes of signing in and out."""

    def __init__(self, backend: Backend) -> None:
        settings = backend.settings
        self.backend = backend
        self.now = SystemClock().now  # sessions and tokens live in real time, whatever an exercise says
        self.address = backend.site
        self.client_id = settings.oidc_client_id
        self.mapping = mapping_of(settings.oidc_claims)
        self.jar = Jar(secure=backend.secure)
        self.sessions = Sessions(
            backend.signing_keys("session"),
            self.jar,
            idle_seconds=settings.session_idle_minutes * 60,
            longest_seconds=settings.session_hours * 3600,
        )
        self.box = login.box_for(self)
        self.own: DevelopmentIssuer | None = None
        self.issuers: dict[str, Issuer] = {}
        self._roles: dict[str, frozenset[str]] = {}
        for each in settings.oidc_issuers:
            url, _, roles = each.partition("#")
            self.issuers[url] = Issuer(url, secure=settings.profile == "cluster")
            self._roles[url] = frozenset(roles.split(",")) if roles else claims.ROLES
        if settings.development_issuer == "on" and self.address:
            self._develop()
        self.verifier = Verifier(self.issuers, self.now)
        self._person_in = lru_cache(maxsize=PEOPLE)(lambda token: self.person_of(claims_of(token)))
        """The person of a token that was verified."""
        if not self.issuers:
            log.warning("nobody can sign in", missing="OIDC_ISSUERS", profile=settings.profile)
        elif not self.address:
            log.warning("nobody can sign in with a browser", missing="ONETHING_PUBLIC_URL")

    def _develop(self) -> None:
        self.own = own = DevelopmentIssuer(self.backend.settings, self.address, self.now)

        def fetch(address: str) -> dict[str, Any]:
            return own.keys() if address.endswith("/keys") else own.metadata()

        self.issuers[own.url] = Issuer(own.url, secure=False, fetch=fetch)
        self._roles[own.url] = claims.ROLES
        (Path(self.backend.settings.data_dir) / ADDRESS).write_text(self.address, "utf-8")
        log.warning("the development issuer is on: whoever comes may be anybody", url=own.url)

    # ── a request ──

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Names the caller before anything else looks at the request."""
        req.context.caller = ANYBODY
        req.context.session = req.context.person = None
        req.context.until = None
        req.context.page_data = self.nobody()
        self._explain(req)
        header = req.get_header("Authorization")
        if header is not None:
            self._is(req, self._bearer(req, header))
            return
        session = self._session(req, resp)
        if session is not None:
            req.context.session = session
            req.context.until = self.sessions.until(session)
            self._is(req, session.person)
            if req.method not in forgery.SAFE and req.path not in UNGUARDED:
                forgery.check(req, session.secret)

    def process_response(self, req: falcon.Request, resp: falcon.Response, _resource: Any, _succeeded: bool) -> None:
        """What somebody sees is not for anybody else's cache; who is not known is told how to be (RFC 6750 3)."""
        if person(req) is not None and not resp.get_header("Cache-Control"):
            resp.set_header("Cache-Control", "no-store")
        if str(resp.status).startswith("401"):
            refused = req.get_header("Authorization") is not None
            resp.set_header("WWW-Authenticate", 'Bearer realm="onething"' + ', error="invalid_token"' * refused)

    def _is(self, req: falcon.Request, who: Person) -> None:
        req.context.person = who
        req.context.caller = self._with_halls_below(req, who.caller)
        req.context.page_data = {**self.nobody(), "person": who, "who": lambda id: self._called(id, who)}
        if req.context.session is not None:
            req.context.page_data["csrf_field"] = lambda: csrf_field(req)
            req.context.page_data["csrf_token"] = lambda: csrf_token(req)

    @staticmethod
    def _with_halls_below(req: falcon.Request, caller: Caller) -> Caller:
        """A manager reaches the halls below their own, too: the tree says which these are."""
        if "manager" not in caller.roles or not caller.hall:
            return caller
        return msgspec.structs.replace(caller, halls=req.context.names.below(caller.hall))

    def nobody(self) -> dict[str, Any]:
        """What every page knows when nobody is signed in."""
        return {"person": None, "csrf_token": str, "development": self.own is not None}

    def _called(self, id: str, reader: Person) -> str:
        """The name of a member of staff, where this house knows it; the id where it does not.

        Services know people by their ids alone, and so do the pages: of the reader the session has the name, and of
        the fictional county's staff the development issuer. No name is kept of anybody else.
        """
        if id == reader.id:
            return reader.name
        resident = self.own.people.get(id) if self.own is not None else None
        return resident.name if resident is not None and "applicant" not in resident.roles else id

    def _explain(self, req: falcon.Request) -> None:
        usual = getattr(req.context, "problem_page", None)

        def render(req: falcon.Request, resp: falcon.Response, problem: ProblemDetails) -> None:
            if not login.problem_page(self, req, resp, problem.code) and usual is not None:
                usual(req, resp, problem)

        req.context.problem_page = render

    def _bearer(self, req: falcon.Request, header: str) -> Person:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise InvalidToken(reason="scheme")
        said = self.verifier.access(token.strip(), self.backend.settings.oidc_audience)
        req.context.until = float(said["exp"]) + SKEW
        who = self._person_in(token.strip())
        if place := req.get_header(WINDOW):
            hall, _, window = place.partition("/")
            return who.at(hall, window)
        return who

    def _session(self, req: falcon.Request, resp: falcon.Response) -> Session | None:
        session = self.sessions.read(req, self.now())
        if session is not None and session.issuer in self.issuers:
            self.sessions.keep(resp, session, self.now())
            return session
        if req.method not in forgery.SAFE and req.path not in UNGUARDED and self.sessions.last(req) is not None:
            raise NotSignedIn  # what was meant by somebody is not done by nobody
        return None

    # ── whom a token is about ──

    def person_of(self, said: Mapping[str, Any]) -> Person:
        """The person of believed claims. Raises InvalidToken where they name nobody."""
        url = said["iss"]
        try:
            return claims.person_of(
                said,
                self.mapping,
                self.backend.keyring.blind,
                roles=self._roles[url],
                prefix=prefix_of(url, next(iter(self.issuers))),
            )
        except Incomplete as error:
            raise InvalidToken(reason="subject") from error

    def is_own(self, url: str) -> bool:
        """Whether an issuer is the development issuer of this very process."""
        return self.own is not None and url == self.own.url

    def redeem(self, url: str, code: str, verifier: str) -> dict[str, Any]:
        """What an issuer gives for a code. Raises Unreachable."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.address + login.BACK,
            "code_verifier": verifier,
        }
        if self.own is not None and self.is_own(url):
            try:
                return self.own.token({**form, "client_id": self.client_id})
            except Declined as declined:
                raise Unreachable(declined.error) from declined
        endpoint = self.issuers[url].metadata.token_endpoint
        return login.redeem(endpoint, form, self.client_id, self.backend.settings.oidc_client_secret)

    def add_routes(self, app: falcon.App[Any, Any], backend: Backend) -> None:
        """Signing in and out."""
        app.add_route("/sign-in", login.SignIn(self))
        app.add_route(login.BACK, login.Back(self))
        app.add_route("/sign-in/window", login.ChooseWindow(self))
        app.add_route("/sign-in/session", login.Standing(self))
        app.add_route("/sign-in/resume", login.Resume(self))
        app.add_route("/sign-in/done", login.Done())
        app.add_route("/sign-out", login.SignOut(self))
        if self.own is not None:
            development.add_routes(app, self.own, self.verifier, backend.settings.oidc_audience)


def address_here(data_dir: str, fallback: str) -> str:
    """Where the gateway of a data directory is, or was last."""
    file = Path(data_dir) / ADDRESS
    said = file.read_text("utf-8").strip() if file.is_file() else ""
    return said if urlsplit(said).netloc else fallback
