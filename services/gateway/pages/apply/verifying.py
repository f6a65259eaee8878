"""证照核验: whether a certificate is genuine and in force, for everybody."""

from typing import Any

import falcon
import msgspec

from contracts.certificate import Verified, VerifyCertificate
from eventing.errors import Invalid, NotFound
from gateway.backend import ANYBODY, Backend
from gateway.pages import forms
from gateway.pages.rendering import page

UNKNOWN = Verified(found=False)


class Verify:
    """The check."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The field for the code."""
        page(req, resp, "apply/verify.html", found=None, asked="")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """What the code, the identifier or the number with its digest says; to be printed."""
        form = forms.read(req)
        form.need("code")
        text = form.get("code")
        digest = form.get("digest")
        found = self.look(VerifyCertificate(number=text, digest=digest) if digest else VerifyCertificate(code=text))
        if not digest and not found.found:
            found = self.look(VerifyCertificate(identifier=text))
        page(req, resp, "apply/verify.html", found=found, asked=text, at=self.backend.now())

    def look(self, query: VerifyCertificate) -> Verified:
        """What the house knows of it; a text that cannot be a code at all is one that nobody issued."""
        try:
            return msgspec.convert(self.backend.for_(ANYBODY).ask(query), Verified)
        except (Invalid, NotFound):
            return UNKNOWN


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The check of certificates."""
    app.add_route("/verify", Verify(backend))
