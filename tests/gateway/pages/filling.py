"""A page's forms as a browser without a script reads them, fills them in and sends them."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

Values = Mapping[str, str | tuple[str, ...]]


class Form:
    """One form of a page: where it goes, and what stands in its fields."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.values: dict[str, list[str]] = {}
        self.options: dict[str, list[str]] = {}
        """field → what a person can choose."""
        self.required: list[str] = []

    def filled(self, typed: Values) -> list[tuple[str, str]]:
        """The pairs that are sent: what stood there, with what was typed in its place."""
        known = {*self.values, *self.options}
        assert not (strange := set(typed) - known), f"the form has no {sorted(strange)}, it has {sorted(known)}"
        whole = {**self.values, **{name: [value] if isinstance(value, str) else value for name, value in typed.items()}}
        return [(name, each) for name, values in whole.items() for each in values]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self._form: Form | None = None
        self._select: str = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self.forms[has.get("id", has.get("action", ""))] = Form(has.get("action", ""))
        if self._form is None:
            return
        name = has.get("name", "")
        if name and "required" in has:
            self._form.required.append(name)
        if tag in {"input", "textarea"} and name:
            self._field(self._form, name, has)
        if tag == "select":
            self._select = name
            self._form.options[name] = []
        if tag == "option" and self._select:
            if has["value"]:
                self._form.options[self._select].append(has["value"])
            if "selected" in has or not self._form.values.get(self._select):
                self._form.values[self._select] = [has["value"]]

    def _field(self, form: Form, name: str, has: dict[str, str]) -> None:
        if has.get("type") not in {"checkbox", "radio"}:
            form.values.setdefault(name, []).append(has.get("value", ""))
            return
        form.options.setdefault(name, []).append(has["value"])
        if "checked" in has:
            form.values.setdefault(name, []).append(has["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""


def forms_of(page: str) -> dict[str, Form]:
    """id → form."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def send(web: Any, form: Form, caller: str, typed: Values, *, script: bool = False) -> Any:
    """Sends a form as somebody; as the pages' script does, or as a browser without one."""
    body = urlencode(form.filled(typed)).encode()
    how = {"X_Form": "1", "Accept": "application/problem+json"} if script else {"Accept": "text/html"}
    return web(
        "POST", form.action, body, caller=caller, Content_Type="application/x-www-form-urlencoded", **how
    )  # fmt: skip
