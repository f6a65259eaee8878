"""From a form that somebody sent to a command, and back to a page.

A form carries a key that stays the same however often it is sent (a double click, a network that broke): the house
answers the same key with the same answer. What is wrong with single fields is told beside them: the script of the
pages reads ``data.errors`` of the problem, and without a script a page says the same.
"""

import hmac
import types
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from hashlib import blake2b
from pathlib import PurePath
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import falcon
import msgspec
from falcon.media.multipart import MultipartForm
from markupsafe import Markup

from contracts.language import Command
from contracts.words import message, terms
from eventing.client import Answer
from eventing.errors import Forbidden, Invalid, OneThingError
from gateway import identity
from gateway.backend import Backend
from gateway.language import language_of
from gateway.pages import flashes
from gateway.pages.rendering import word
from gateway.problems import BadRequest, TooLarge
from gateway.wellformed import with_nul

MOST = 1 << 20
"""Bytes of a form without files."""

PARTS = 400
"""Fields and files of a form with files."""

BY_SCRIPT = "X-Form"
"""Header of a form that the pages' script sends: it is answered with JSON, so that the page can stay as it is."""

T = TypeVar("T", bound=msgspec.Struct)


class FormWrong(Invalid):
    """Fields of a form cannot be right: ``errors`` says of each what is wrong."""


class NotFromHere(Forbidden):
    """The form was not made by this house for whoever sends it."""


class File(msgspec.Struct, frozen=True):
    """A file that came with a form."""

    field: str
    name: str
    """As it is called where it comes from, without its folder."""
    content: bytes


class Form:
    """What somebody sent."""

    def __init__(self, req: falcon.Request, pairs: list[tuple[str, str]], files: tuple[File, ...] = ()) -> None:
        self.req = req
        self.files = files
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    @property
    def key(self) -> str:
        """What makes sending it again harmless."""
        return self.get("_key")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str, default: str = "") -> str:
        """A field's value, without the space around it."""
        return self._values.get(name, [default])[-1].strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may be there several times, without the empty ones."""
        return tuple(value.strip() for value in self._values.get(name, ()) if value.strip())

    def below(self, prefix: str) -> dict[str, str]:
        """Fields ``<prefix>.<name>`` as name → value."""
        start = f"{prefix}."
        return {name.removeprefix(start): self.get(name) for name in self._values if name.startswith(start)}

    def need(self, *names: str) -> None:
        """Raises FormWrong for those that were left empty."""
        self.wrong({name: "field_missing" for name in names if not self.get(name)})

    def wrong(self, errors: Mapping[str, str]) -> None:
        """Raises FormWrong if there is anything in ``errors``: field → key of the words."""
        if errors:
            language = language_of(self.req)
            raise FormWrong(errors={name: word(key, language) for name, key in errors.items()})

    def into(self, kind: type[T], below: str = "", /, **given: Any) -> T:
        """A struct of the published language, made of the fields of its names.

        ``given`` comes from elsewhere (the path, the session). Nested structs and tables have dotted names
        (``applicant.name``, ``values.born_on``), a list has one field a member; ``below`` stands before all of
        them. Raises FormWrong with every wrong field.
        """
        made, errors = self._struct(kind, below, given)
        self.wrong(errors)
        return msgspec.convert(made, kind, strict=False)

    def _struct(self, kind: Any, prefix: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        made: dict[str, Any] = {}
        errors: dict[str, str] = {}
        hints = get_type_hints(kind)
        for field in msgspec.structs.fields(kind):
            name = prefix + field.encode_name
            if field.encode_name in given:
                made[field.encode_name] = msgspec.to_builtins(given[field.encode_name])
                continue
            try:
                value = self._value(hints[field.name], name, errors)
            except _Absent:
                if field.required:
                    errors[name] = "field_missing"
                continue
            except (ValueError, msgspec.ValidationError):
                errors[name] = _what_is_wrong(hints[field.name])
                continue
            made[field.encode_name] = value
        return made, errors

    def _value(self, hint: Any, name: str, errors: dict[str, str]) -> Any:
        hint = _without_none(hint)
        origin = get_origin(hint)
        if origin is tuple:
            if name not in self._values:
                raise _Absent
            return [
                msgspec.to_builtins(msgspec.convert(each, get_args(hint)[0], strict=False)) for each in self.all(name)
            ]
        if origin is dict:
            return {key: value for key, value in self.below(name).items() if value}
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            if not self.below(name):
                raise _Absent
            made, wrong = self._struct(hint, f"{name}.", {})
            errors |= wrong
            return made
        if hint is bool:
            if name not in self._values:
                raise _Absent
            return self.get(name) in {"1", "on", "true", "yes"}
        text = self.get(name)
        if not text:
            raise _Absent
        return msgspec.to_builtins(msgspec.convert(text, hint, strict=False))


class _Absent(Exception):
    """Nothing was filled in."""


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in {Union, types.UnionType}:
        rest = [each for each in get_args(hint) if each is not type(None)]
        return rest[0] if len(rest) == 1 else hint
    return hint


def _what_is_wrong(hint: Any) -> str:
    hint = _without_none(hint)
    if get_origin(hint) is Literal:
        return "field_choice"
    return {int: "field_number", float: "field_number", date: "field_date", datetime: "field_date"}.get(
        hint, "field_bad"
    )


def read(req: falcon.Request, *, with_files: int = 0) -> Form:
    """The form of a request that this house made for whoever sends it. Raises NotFromHere, BadRequest, TooLarge.

    ``with_files``: bytes that it may have where it brings files of its own, which are small and read at once; a
    material is uploaded by itself (``gateway.api.uploads``).
    """
    most = with_files or MOST
    if (req.content_length or 0) > most:
        raise TooLarge(most=most)
    try:
        sent = req.get_media(default_when_empty={})
        if with_files and isinstance(sent, MultipartForm) and req.content_length is not None:
            form = _with_files(req, sent)
        elif isinstance(sent, dict):
            form = Form(req, [(name, str(each)) for name, value in sent.items() for each in _listed(value)])
        else:
            raise BadRequest(reason="no form")
    except falcon.HTTPError as error:
        raise BadRequest(reason=error.title or "") from None
    if getattr(req.context, "session", None) is None:  # a session's token was looked at with the session
        check(req, form.get("_csrf"))
    form.wrong(dict.fromkeys(with_nul((name, value) for name in form for value in form.all(name)), "field_bad"))
    return form


def _with_files(req: falcon.Request, sent: MultipartForm) -> Form:
    pairs: list[tuple[str, str]] = []
    files: list[File] = []
    for part in sent:
        name, content = part.name or "", part.get_data()
        if part.filename is None:
            pairs.append((name, content.decode("utf-8", "replace")))
        elif part.filename:
            files.append(File(name, PurePath(part.filename.replace("\\", "/")).name, content))
    return Form(req, pairs, tuple(files))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def check(req: falcon.Request, token: str) -> None:
    """Raises NotFromHere unless the token was made for whoever sends it, and the page that sent it is ours."""
    origin = req.get_header("Origin")
    foreign = origin not in {None, "null"} and urlsplit(str(origin)).netloc != req.netloc
    if foreign or not any(hmac.compare_digest(token.encode(), each.encode()) for each in _tokens(req)):
        raise NotFromHere


def csrf_field(req: falcon.Request) -> Markup:
    """The hidden field that shows that a form is ours: of the session, or of a page for somebody without one."""
    if getattr(req.context, "session", None) is not None:
        return identity.csrf_field(req)
    return Markup('<input type="hidden" name="_csrf" value="{}">').format(_tokens(req)[0])


def key_field() -> Markup:
    """The hidden field that makes sending a form twice harmless."""
    return Markup('<input type="hidden" name="_key" value="{}">').format(uuid.uuid4())


def _tokens(req: falcon.Request) -> list[str]:
    """The tokens that show that a form is ours: the first stands in forms, each is taken."""
    backend: Backend = req.context.backend
    whose = f"{req.context.caller.by}\x1f{req.context.caller.subject}"
    return [hmac.digest(key, whose.encode(), "sha256").hex() for key in backend.signing_keys("forms")]


def act(
    form: Form,
    command: Command,
    *,
    step: str = "",
    fields: str = "{}",
    about: Mapping[str, str] = types.MappingProxyType({}),
    expected: int | None = None,
) -> Answer:
    """Sends a command for whoever sent the form, under the form's key.

    ``step`` tells several commands of one form apart. A refusal that names fields names them as the form does:
    ``fields`` is how (``values.{}``). ``about``: code of a refusal → the one field that it is about.
    """
    req = form.req
    backend: Backend = req.context.backend
    caller = req.context.caller
    try:
        return backend.for_(caller).command(command, id=command_id(form, step), expected=expected, attempts=3)
    except OneThingError as error:
        if error.code in about:
            told = message(error.code, language_of(req), **error.data).detail
            error.data = {**error.data, "errors": {about[error.code]: told}}
            raise
        raise beside_fields(error, req, lambda name: name if "." in name else fields.format(name)) from None


def command_id(form: Form, step: str = "") -> str:
    """The id of what a form asks for: its key, in a space of names that is the sender's own."""
    caller = form.req.context.caller
    whose = blake2b(f"{caller.by}\x1f{caller.subject}".encode(), digest_size=12).hexdigest()
    return f"page:{whose}:{form.key or uuid.uuid4()}:{step}"


def beside_fields(error: OneThingError, req: falcon.Request, named: Callable[[str], str]) -> OneThingError:
    """A refusal that names fields, with what to say beside each of them."""
    wrong = error.data.get("fields")
    if not wrong:
        return error
    language = language_of(req)
    reasons = wrong if isinstance(wrong, Mapping) else dict.fromkeys(wrong, "required")
    error.data = {
        **error.data,
        "errors": {named(name): terms().get(why, {}).get(language, why) for name, why in reasons.items()},
    }
    return error


def see(form: Form, resp: falcon.Response, where: str, said: str = "", *, mood: str = "good", **data: Any) -> None:
    """Goes on to a page (PRG), which says ``said`` once. Nothing personal goes into ``data``."""
    if said:
        flashes.leave(form.req, resp, said, mood, data)
    if form.req.get_header(BY_SCRIPT):
        resp.content_type = falcon.MEDIA_JSON
        resp.data = msgspec.json.encode({"location": where})
        return
    resp.status = 303
    resp.set_header("Location", where)
