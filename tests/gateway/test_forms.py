"""Forms: read only when they are ours, made into commands, wrong fields told all at once."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import falcon
import falcon.testing
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.halls import InstallWindow
from contracts.intake import AcceptItems, Applicant, OpenCase
from contracts.language import Caller
from gateway.pages import forms
from gateway.pages.forms import Form, FormWrong, NotFromHere
from gateway.problems import BadRequest

FORM = "application/x-www-form-urlencoded"
ME = Caller(by="clerk-zhao", roles=("clerk",))


def a_request(body: bytes = b"", caller: Caller = ME, **headers: str) -> falcon.Request:
    environ = falcon.testing.create_environ("/", method="POST", body=body, headers={"Content-Type": FORM, **headers})
    req = falcon.Request(environ)
    req.context.caller = caller
    req.context.backend = SimpleNamespace(signing_keys=lambda purpose: (purpose.encode(),))
    return req


def a_form(**values: Any) -> Form:
    pairs = [(name, each) for name, value in values.items() for each in (value if isinstance(value, list) else [value])]
    return Form(a_request(), pairs)


def token(caller: Caller = ME) -> str:
    return str(forms.csrf_field(a_request(caller=caller))).partition('value="')[2].partition('"')[0]


class TestWhoseFormItIs:
    def test_a_form_of_ours_is_read(self) -> None:
        form = forms.read(a_request(urlencode({"_csrf": token(), "name": " 一号窗口 "}).encode()))

        assert form.get("name") == "一号窗口"

    def test_text_that_no_store_keeps_is_wrong_beside_its_field(self) -> None:
        with pytest.raises(FormWrong) as refusal:
            forms.read(a_request(urlencode({"_csrf": token(), "name": "a\0b", "reason": "x"}).encode()))

        assert [*refusal.value.data["errors"]] == ["name"]

    @pytest.mark.parametrize("wrong", ["", "00", token(Caller(by="somebody-else"))])
    def test_a_form_of_a_strangers_making_is_not(self, wrong: str) -> None:
        with pytest.raises(NotFromHere):
            forms.read(a_request(urlencode({"_csrf": wrong}).encode()))

    def test_a_form_from_before_a_key_was_rotated_is_read(self) -> None:
        req = a_request(urlencode({"_csrf": token(), "name": "一号"}).encode())
        req.context.backend = SimpleNamespace(signing_keys=lambda purpose: (b"new", purpose.encode()))

        assert forms.read(req).get("name") == "一号"

    def test_a_form_from_another_site_is_not(self) -> None:
        with pytest.raises(NotFromHere):
            forms.read(a_request(urlencode({"_csrf": token()}).encode(), Origin="http://elsewhere.example"))

    @given(st.binary(max_size=200))
    def test_whatever_comes_is_a_form_or_refused(self, body: bytes) -> None:
        with pytest.raises((NotFromHere, BadRequest)):
            forms.read(a_request(body))


class TestACommandOfAForm:
    def test_takes_fields_by_name_and_what_is_known_elsewhere(self) -> None:
        command = a_form(name="一号", themes=["XSE", "TX"]).into(InstallWindow, window="w1", hall="h1")

        assert command == InstallWindow(window="w1", hall="h1", name="一号", themes=("XSE", "TX"))

    def test_has_nested_parts_and_tables_by_dotted_names(self) -> None:
        form = a_form(theme="XSE", **{"applicant.name": "某人", "applicant.identifier": "1", "answers.q1": "yes"})

        command = form.into(OpenCase, case_id="c1")

        assert command.applicant == Applicant(name="某人", identifier="1")
        assert command.answers == {"q1": "yes"}

    def test_tells_every_wrong_field_at_once(self) -> None:
        with pytest.raises(FormWrong) as refused:
            a_form(channel="pigeon", **{"applicant.kind": "ghost"}).into(OpenCase, case_id="c1")

        assert refused.value.data["errors"].keys() >= {"theme", "channel", "applicant.name", "applicant.kind"}

    def test_leaves_what_was_left_empty_to_its_default(self) -> None:
        assert a_form(items=[""]).into(AcceptItems, case_id="c1") == AcceptItems(case_id="c1")


def test_a_refusal_that_names_fields_stands_beside_them() -> None:
    from eventing.errors import Invalid

    refusal = Invalid(fields={"born_on": "date", "applicant.name": "required"})

    told = forms.beside_fields(refusal, a_request(), lambda name: name if "." in name else f"values.{name}")

    assert told.data["errors"].keys() == {"values.born_on", "applicant.name"}
