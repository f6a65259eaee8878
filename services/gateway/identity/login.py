"""Signing in and out with a browser: authorization code with PKCE, state and nonce (RFC 9700), and what follows."""

import hashlib
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import falcon
import structlog
from msgspec import Struct

from eventing.errors import Forbidden, Unavailable
from gateway.backend import ANYBODY
from gateway.identity import forgery
from gateway.identity.claims import Person
from gateway.identity.sessions import Box
from gateway.identity.web import Unreachable, get, post
from gateway.pages.rendering import page
from gateway.problems import BadRequest, NotSignedIn

if TYPE_CHECKING:
    from gateway.identity import Identity

SECONDS = 600
"""How long signing in may take."""
COOKIE = "onething_signing_in"
BACK = "/sign-in/back"
LONGEST_FORM = 1_000_000
"""Characters of a form that is kept for somebody whose session lapsed."""

log = structlog.get_logger(__name__)


class SignInNotSetUp(Unavailable):
    """Nobody can sign in, because something is not configured; ``setting`` says what."""


class SignInFailed(Forbidden):
    """Signing in did not come to its end; ``reason`` is the issuer's word, or ours."""


class AnotherPerson(Forbidden):
    """What one person entered is not sent in the name of another."""


class NoRole(Forbidden):
    """The issuer knows who somebody is, but gives no role in this house."""


class SigningIn(Struct, frozen=True):
    """A sign-in under way, as the browser keeps it (sealed)."""

    state: str
    nonce: str
    verifier: str
    issuer: str
    next: str


class Was(Struct, frozen=True):
    """Who filled in a form that was not sent."""

    person: str


def own_path(text: str | None) -> str:
    """A path of our own, to go back to; the first page for anything that might lead elsewhere."""
    text = text or ""
    odd = any(c in "\\@" or not c.isprintable() or c.isspace() for c in text.partition("?")[0]) or "\\" in text
    if not text.startswith("/") or text.startswith("//") or odd or not text.isprintable() or len(text) > 2000:
        return "/"
    parts = urlsplit(text)
    return "/" if parts.scheme or parts.netloc else text


class SignIn:
    """The door: to the issuer, or first the choice of one."""

    def __init__(self, identity: "Identity") -> None:
        self.identity = identity

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Sends the browser to whoever says who somebody is."""
        who = self.identity
        if not who.issuers:
            raise SignInNotSetUp(what="sign-in", setting="OIDC_ISSUERS")
        if not who.address:
            raise SignInNotSetUp(what="sign-in", setting="ONETHING_PUBLIC_URL")
        if req.netloc.lower() != urlsplit(who.address).netloc.lower():
            # the cookie of this sign-in must be where the issuer leads back to
            raise falcon.HTTPSeeOther(who.address + req.relative_uri)
        urls = list(who.issuers)
        chosen = req.get_param_as_int("issuer", min_value=0, max_value=len(urls) - 1)
        target = own_path(req.get_param("next"))
        if chosen is None and len(urls) > 1:
            choices = [(index, urlsplit(url).hostname) for index, url in enumerate(urls)]
            page(req, resp, "sign_in.html", choices=choices, target=target)
            return
        url = urls[chosen or 0]
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        begun = SigningIn(state, nonce, verifier, issuer=url, next=target)
        challenge = urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "response_mode": "query",
            "client_id": who.client_id,
            "redirect_uri": who.address + BACK,
            "scope": who.backend.settings.oidc_scope,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if hint := req.get_param("login_hint"):
            asked["login_hint"] = hint
        endpoint = who.issuers[url].metadata.authorization_endpoint
        if not endpoint:
            raise SignInNotSetUp(what="sign-in", setting="authorization_endpoint")
        who.jar.put(resp, _cookie(begun.state), who.box.seal(begun), seconds=SECONDS)
        raise falcon.HTTPSeeOther(f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}")


class Back:
    """Where the issuer leads the browser back to."""

    def __init__(self, identity: "Identity") -> None:
        self.identity = identity

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Redeems the code, believes or refuses the token, and begins a session."""
        who = self.identity
        state = req.get_param("state") or ""
        name = _cookie(state)
        begun = who.box.open(who.jar.get(req, name), SigningIn)
        who.jar.drop(resp, name)
        if begun is None or not secrets.compare_digest(begun.state.encode(), state.encode()):
            raise SignInFailed(reason="state")
        issuer = who.issuers.get(begun.issuer)
        if issuer is None:
            raise SignInFailed(reason="issuer")
        said = req.get_param("iss")
        if (said or issuer.metadata.authorization_response_iss_parameter_supported) and said != begun.issuer:
            raise SignInFailed(reason="issuer")  # RFC 9207: not the one that was asked
        code = req.get_param("code")
        if not code or req.get_param("error"):
            raise SignInFailed(reason=(req.get_param("error") or "code")[:80])
        try:
            answered = who.redeem(begun.issuer, code, begun.verifier)
        except Unreachable as error:
            log.warning("code not redeemed", issuer=begun.issuer, error=str(error))
            raise SignInFailed(reason="token") from error
        id_token = answered.get("id_token")
        if not isinstance(id_token, str):
            raise SignInFailed(reason="token")
        claims = who.verifier.identity(id_token, issuer=begun.issuer, client=who.client_id, nonce=begun.nonce)
        person = who.person_of(self._completed(begun.issuer, claims, answered))
        if not person.roles:
            raise NoRole(person=person.id)
        who.sessions.begin(resp, person, begun.issuer, id_token, who.now())
        log.info("signed in", by=person.id, roles=person.roles)
        target = f"/sign-in/window?{urlencode({'next': begun.next})}" if person.must_choose else begun.next
        raise falcon.HTTPSeeOther(target)

    def _completed(self, url: str, claims: Mapping[str, Any], answered: Mapping[str, Any]) -> Mapping[str, Any]:
        """The claims, with those of the userinfo endpoint where the ID token says too little."""
        who = self.identity
        token, endpoint = answered.get("access_token"), who.issuers[url].metadata.userinfo_endpoint
        wanted = [who.mapping[name] for name in ("roles", "identifier")]
        if any(path[0] in claims for path in wanted) or not endpoint or not isinstance(token, str) or who.is_own(url):
            return claims
        try:
            more = get(endpoint, {"Authorization": f"Bearer {token}"})
        except Unreachable as error:
            log.warning("userinfo not read", issuer=url, error=str(error))
            return claims
        # OpenID Connect Core 5.3.2: what is said of another subject is not used
        return {**more, **claims} if more.get("sub") == claims.get("sub") else claims


class SignOut:
    """Out: here, and at the issuer where it has a door for that."""

    def __init__(self, identity: "Identity") -> None:
        self.identity = identity

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Ends the session."""
        who = self.identity
        session = req.context.session
        who.sessions.end(resp)
        address = ""
        if session is not None:
            log.info("signed out", by=session.person.id)
            address = self._farewell(session.issuer, session.id_token)
        if address.startswith(who.address + "/"):
            raise falcon.HTTPSeeOther(address)
        # a form may lead to pages of our own only (CSP form-action): the browser goes there after this page
        if address:
            resp.set_header("Refresh", f"0; url={address}")
        req.context.caller, req.context.page_data = ANYBODY, who.nobody()
        page(req, resp, "signed_out.html", address=address)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Says that one is signed out; nobody is signed out by following a link."""
        page(req, resp, "signed_out.html", address="")

    def _farewell(self, url: str, id_token: str) -> str:
        who = self.identity
        issuer = who.issuers.get(url)
        try:
            endpoint = issuer.metadata.end_session_endpoint if issuer is not None else ""
        except Unavailable:
            endpoint = ""
        if not endpoint:
            return ""
        asked = {"client_id": who.client_id, "post_logout_redirect_uri": f"{who.address}/sign-out"}
        if id_token:
            asked["id_token_hint"] = id_token
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"


class ChooseWindow:
    """At which window somebody works now, of those that the issuer gives them."""

    def __init__(self, identity: "Identity") -> None:
        self.identity = identity

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The choice."""
        session = _session(req)
        page(req, resp, "choose_window.html", who=session.person, target=own_path(req.get_param("next")))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Chooses."""
        session = _session(req)
        form = form_of(req)
        hall, _, window = form.get("place", "").partition("/")
        self.identity.sessions.change(resp, session, session.person.at(hall, window), self.identity.now())
        raise falcon.HTTPSeeOther(own_path(form.get("next")))


class Done:
    """The end of a sign-in that was begun beside a page that waits."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Says that one may go back to that page."""
        page(req, resp, "sign_in_done.html")


class Standing:
    """What a script of ours needs to know of the session."""

    def __init__(self, identity: "Identity") -> None:
        self.identity = identity

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Who is signed in, and a token against forged requests."""
        session = req.context.session
        person: Person | None = req.context.person
        resp.media = {
            "signed_in": person is not None,
            "by": person.id if person is not None else "",
            "hall": person.hall if person is not None else "",
            "window": person.window if person is not None else "",
            "csrf": forgery.token_of(session.secret) if session is not None else "",
        }


class Resume:
    """A form that was sent after the session had lapsed: shown again to be sent in the new one.

    Nothing of it is kept anywhere but on the page in the person's own browser.
    """

    def __init__(self, identity: "Identity") -> None:
        self.identity = identity

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Shows the form with a token of the new session. Raises AnotherPerson."""
        forgery.check_origin(req)
        form = form_of(req)
        kept = [(name[2:], value) for name, value in pairs_of(form) if name.startswith("f:")]
        target = own_path(form.get("to"))
        session = req.context.session
        if session is None:
            lapsed(self.identity, req, resp, target, kept, form.get("was", ""))
            return
        was = self.identity.box.open(form.get("was", ""), Was)
        if was is not None and was.person != session.person.id:
            raise AnotherPerson
        page(req, resp, "resume.html", target=target, fields=kept)


def lapsed(  # noqa: PLR0917
    identity: "Identity",
    req: falcon.Request,
    resp: falcon.Response,
    target: str,
    fields: list[tuple[str, str]],
    was: str = "",
) -> None:
    """The page for somebody whose session lapsed while a form was filled in: sign in elsewhere, come back, go on."""
    last = identity.sessions.last(req)
    was = was or (identity.box.seal(Was(last.person.id)) if last is not None else "")
    resp.status = falcon.HTTP_401
    page(req, resp, "lapsed.html", target=target, fields=fields, was=was)


def problem_page(identity: "Identity", req: falcon.Request, resp: falcon.Response, code: str) -> bool:
    """Whether "not signed in" was answered better than by saying so."""
    if code != NotSignedIn.code or not identity.issuers:
        return False
    if req.method in forgery.SAFE:
        resp.status = falcon.HTTP_303
        resp.location = f"/sign-in?next={quote(own_path(req.relative_uri), safe='')}"
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = ""
        return True
    if not (req.content_type or "").startswith(falcon.MEDIA_URLENCODED) or (req.content_length or 0) > LONGEST_FORM:
        return False
    fields = [(name, value) for name, value in pairs_of(form_of(req)) if name not in forgery.FIELDS]
    if sum(len(name) + len(value) for name, value in fields) > LONGEST_FORM:
        return False
    lapsed(identity, req, resp, own_path(req.relative_uri), fields)
    return True


def form_of(req: falcon.Request) -> dict[str, Any]:
    """The fields of a form. Raises BadRequest for what is none."""
    if not (req.content_type or "").startswith(falcon.MEDIA_URLENCODED):
        raise BadRequest(reason="form")
    form = req.get_media(default_when_empty={})
    if not isinstance(form, dict):
        raise BadRequest(reason="form")
    return form


def pairs_of(form: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Fields one by one, those of the same name in their order."""
    return [(k, str(v)) for k, given in form.items() for v in (given if isinstance(given, list) else [given])]


def redeem(endpoint: str, form: dict[str, str], client: str, secret: str) -> dict[str, Any]:
    """Exchanges a code at the issuer's token endpoint. Raises Unreachable."""
    headers = {}
    if secret:  # client_secret_basic, which every issuer must know (RFC 6749 2.3.1)
        pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    else:
        form = {**form, "client_id": client}
    return post(endpoint, form, headers)


def _cookie(state: str) -> str:
    return f"{COOKIE}_{hashlib.sha256(state.encode()).hexdigest()[:12]}"


def _session(req: falcon.Request) -> Any:
    if req.context.session is None:
        raise NotSignedIn
    return req.context.session


def box_for(identity: "Identity") -> Box:
    """Seals what a browser keeps while somebody signs in."""
    return Box(identity.backend.signing_keys("sign-in"), COOKIE)
