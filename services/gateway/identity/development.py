"""The development issuer's pages and documents on HTTP."""

from typing import Any
from urllib.parse import urlencode, urlsplit

import falcon

from gateway.identity.claims import ROLES
from gateway.identity.issuing import LOOPBACK, PATH, Declined, DevelopmentIssuer
from gateway.identity.login import form_of
from gateway.identity.people import Resident
from gateway.identity.tokens import Verifier
from gateway.pages.rendering import page
from gateway.problems import BadRequest, NoSuchResource

FIRST = ("clerk", "manager", "applicant", "auditor")
"""Whom a newcomer wants to be: listed before the many of every department."""


class Document:
    """Something that is read as it is."""

    def __init__(self, issuer: DevelopmentIssuer, read: Any) -> None:
        self.issuer = issuer
        self.read = read

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The document."""
        _own(req, self.issuer)
        resp.media = self.read()


class Authorize:
    """Everybody of the county, to choose from."""

    def __init__(self, issuer: DevelopmentIssuer) -> None:
        self.issuer = issuer

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The list; or back with a code, when somebody was chosen."""
        _own(req, self.issuer)
        asked = {name: value for name in req.params if (value := req.get_param(name)) is not None}
        try:
            self.issuer.checked(asked)
        except Declined as declined:
            raise BadRequest(reason=declined.description) from declined
        if fault := self.issuer.fault(asked):
            raise falcon.HTTPSeeOther(self.issuer.back(asked, error=fault))
        chosen = asked.pop("person", "") or asked.pop("login_hint", "")
        if chosen in self.issuer.people:
            raise falcon.HTTPSeeOther(self.issuer.back(asked, code=self.issuer.code(asked, chosen)))
        if asked.get("prompt") == "none":
            raise falcon.HTTPSeeOther(self.issuer.back(asked, error="login_required"))
        groups: dict[str, list[Resident]] = {role: [] for role in (*FIRST, *sorted(ROLES.difference(FIRST)))}
        for each in self.issuer.people.values():
            groups[each.roles[0]].append(each)
        shown = [(role, members) for role, members in groups.items() if members]
        page(req, resp, "development_authorize.html", groups=shown, query_string=urlencode(asked))


class Token:
    """The token endpoint."""

    def __init__(self, issuer: DevelopmentIssuer) -> None:
        self.issuer = issuer

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Redeems a code, or gives a program its token."""
        _own(req, self.issuer)
        form = {name: value for name, value in form_of(req).items() if isinstance(value, str)}
        resp.cache_control = ["no-store"]
        try:
            resp.media = self.issuer.token(form)
        except Declined as declined:
            resp.status = falcon.HTTP_401 if declined.error == "invalid_client" else falcon.HTTP_400
            resp.media = {"error": declined.error, "error_description": declined.description}


class UserInfo:
    """What is known of whom a token is about."""

    def __init__(self, issuer: DevelopmentIssuer, verifier: Verifier, audience: str) -> None:
        self.issuer = issuer
        self.verifier = verifier
        self.audience = audience

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The claims."""
        _own(req, self.issuer)
        token = (req.get_header("Authorization") or "").partition(" ")[2]
        resp.media = self.issuer.userinfo(self.verifier.access(token, self.audience))


class EndSession:
    """Nothing is remembered here: whoever comes is led back."""

    def __init__(self, issuer: DevelopmentIssuer) -> None:
        self.issuer = issuer

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Leads back to a page of this machine."""
        _own(req, self.issuer)
        target = req.get_param("post_logout_redirect_uri") or self.issuer.address + "/"
        parts = urlsplit(target)
        own = target.startswith(self.issuer.address + "/")
        if "\\" in target or (not own and (parts.scheme not in {"http", "https"} or parts.hostname not in LOOPBACK)):
            raise BadRequest(reason="post_logout_redirect_uri")
        state = req.get_param("state")
        raise falcon.HTTPSeeOther(target + (f"?{urlencode({'state': state})}" if state else ""))


def add_routes(app: falcon.App[Any, Any], issuer: DevelopmentIssuer, verifier: Verifier, audience: str) -> None:
    """All of an issuer's doors."""
    app.add_route(f"{PATH}/.well-known/openid-configuration", Document(issuer, issuer.metadata))
    app.add_route(f"{PATH}/keys", Document(issuer, issuer.keys))
    app.add_route(f"{PATH}/authorize", Authorize(issuer))
    app.add_route(f"{PATH}/token", Token(issuer))
    app.add_route(f"{PATH}/userinfo", UserInfo(issuer, verifier, audience))
    app.add_route(f"{PATH}/end-session", EndSession(issuer))


def _own(req: falcon.Request, issuer: DevelopmentIssuer) -> None:
    """Under another name (a site whose name was pointed at this machine) there is no issuer."""
    if req.netloc.lower() != urlsplit(issuer.address).netloc.lower():
        raise NoSuchResource
