"""接续: items that were done or begun alone before the case, each with its evidence, and what became of them."""

from collections.abc import Iterable
from typing import Any

import falcon
from msgspec import Struct

from contracts.intake import Origin, RecordOrigin
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.desk.desks import Desk
from gateway.pages.forms import Form

OUTCOMES = ("granted", "underway", "denied")
"""What an item that was begun alone can have come to before the case."""

RESULTS = ("granted", "denied", "withdrawn")
"""What one that is underway elsewhere can come to afterwards."""


class Before(Struct, frozen=True):
    """What a form says of items that were done or begun before, as far as it is filled in."""

    satisfied: dict[str, str]
    underway: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


class Result(Desk):
    """The result of an item that is underway elsewhere."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """With what proves it."""
        form = self.read(req)
        forms.act(form, form.into(RecordOrigin, case_id=case_id))
        forms.see(form, resp, f"/desk/cases/{case_id}", "origin_recorded")


def before(form: Form) -> Before:
    """Of a form that may still be incomplete: what has no evidence does not count yet."""
    said = {item: form.get(f"origins.{item}.outcome") for item in _items(form) if form.get(f"origins.{item}.number")}
    return Before(
        satisfied={
            **{item: evidence for item, evidence in form.below("satisfied").items() if evidence},
            **{item: form.get(f"origins.{item}.number") for item, outcome in said.items() if outcome == "granted"},
        },
        underway=tuple(item for item, outcome in said.items() if outcome == "underway"),
        denied=tuple(item for item, outcome in said.items() if outcome == "denied"),
    )


def origins_of(form: Form) -> tuple[Origin, ...]:
    """The origins that a form tells. Raises FormWrong with every field that is missing or wrong."""
    found: list[Origin] = []
    errors: dict[str, str] = {}
    for item in _items(form):
        prefix = f"origins.{item}."
        try:
            _check(form, prefix)
            found.append(form.into(Origin, prefix, item=item))
        except forms.FormWrong as wrong:
            errors |= wrong.data["errors"]
    if errors:
        raise forms.FormWrong(errors=errors)
    return tuple(found)


def _items(form: Form) -> Iterable[str]:
    """The items of which the form says anything, in its order."""
    return dict.fromkeys(name.rpartition(".")[0] for name, value in form.below("origins").items() if value)


def _check(form: Form, prefix: str) -> None:
    """What no origin is without. Raises FormWrong."""
    outcome, number, concluded, valid = (
        form.get(prefix + name) for name in ("outcome", "number", "concluded_on", "valid_until")
    )
    wrong = {} if outcome else {f"{prefix}outcome": "field_missing"}
    if not number:
        wrong[f"{prefix}number"] = "origin_number_missing"
    if outcome == "granted" and not concluded and not valid:
        wrong[f"{prefix}concluded_on"] = "origin_undated"
    form.wrong(wrong)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """What became of an item elsewhere."""
    app.add_route("/desk/cases/{case_id}/origin", Result(backend))
