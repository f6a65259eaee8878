"""Everything that the gateway serves, put together in one place."""

from typing import Any

import falcon
from falcon.media import MultipartFormHandler, URLEncodedFormHandler

from gateway import api, feed, identity, pages, problems
from gateway.backend import Backend
from gateway.limits import Limits
from gateway.observing import Observing
from gateway.pages.forms import MOST, PARTS
from gateway.wellformed import WellFormed


class Forms(URLEncodedFormHandler):
    """Reads a form, which is small: whoever asks for its fields, and whoever sent it."""

    def deserialize(self, stream: Any, content_type: str | None, content_length: int | None) -> Any:
        """The fields. Raises TooLarge before anything is read."""
        if (content_length or 0) > MOST:
            raise problems.TooLarge(most=MOST)
        return super().deserialize(stream, content_type, content_length)


def _forms_with_files() -> MultipartFormHandler:
    """Reads a form with files; how much it may bring is bounded by who asks for it (``forms.read``)."""
    handler = MultipartFormHandler()
    handler.parse_options.max_body_part_count = PARTS
    handler.parse_options.max_body_part_buffer_size = 1 << 24
    return handler


def application(backend: Backend, limits: Limits | None = None) -> falcon.App[Any, Any]:
    """The WSGI application: who somebody is first, then the API, the live feed and the pages."""
    who = identity.Identity(backend)
    bounds = limits or Limits(backend.settings)
    app: falcon.App[Any, Any] = falcon.App(
        middleware=[Observing(), pages.Rendering(backend), bounds, who, WellFormed()]
    )
    app.req_options.strip_url_path_trailing_slash = True
    app.req_options.auto_parse_form_urlencoded = False
    app.req_options.media_handlers[falcon.MEDIA_URLENCODED] = Forms()
    app.req_options.media_handlers[falcon.MEDIA_MULTIPART] = _forms_with_files()
    problems.handle(app)
    for part in (who, api, feed, pages):
        part.add_routes(app, backend)
    return app
