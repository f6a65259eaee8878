"""人员培训与资格: training sessions, who took part, and who is qualified in what until when."""

from typing import Any
from uuid import uuid4

import falcon

from contracts.delegation import (
    GetQualifications,
    GetTraining,
    GrantQualification,
    HoldTraining,
    ListQualified,
    ListTrainings,
    RecordAttendance,
    WithdrawQualification,
)
from contracts.language import Command
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.forms import Form
from gateway.pages.manage.frame import STAFF, enter, show, split
from gateway.pages.questions import asked, narrowing
from kernel.clock import local_date

LAST = 5
"""Training sessions that are shown beside the staff."""


class Search:
    """Which member of staff?"""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Straight to somebody who was named; else those who are at the windows now, to choose from."""
        enter(req, STAFF)
        if named := str(req.get_param("staff") or "").strip():
            raise falcon.HTTPSeeOther(f"/manage/staff/{falcon.uri.encode_value(named)}")
        names = req.context.names
        on_duty = [each for hall in names.halls() for each in names.windows(hall) if each["staff"]]
        client = self.backend.for_(req.context.caller)
        found = client.ask(asked(ListQualified, req, "qualification", "ending_before", "after"))
        show(
            req, resp, "staff.html", STAFF, is_live=True, on_duty=on_duty, qualifications=_qualifications(names),
            qualified=found["qualified"], after=found["after"],
            trainings=client.ask(ListTrainings(limit=LAST))["trainings"],
            today=local_date(self.backend.now()).isoformat(),
            parameters=narrowing(req, "qualification", "ending_before"),
        )  # fmt: skip


class Trainings:
    """The training sessions that were held."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The last first, with how many took part."""
        caller = enter(req, STAFF)
        found = self.backend.for_(caller).ask(asked(ListTrainings, req, "qualification", "since", "after"))
        show(
            req, resp, "trainings.html", STAFF, is_live=True, trainings=found["trainings"], after=found["after"],
            qualifications=_qualifications(req.context.names), parameters=narrowing(req, "qualification", "since"),
        )  # fmt: skip

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Records a session and everybody who took part in it, of whom each is recorded apart."""
        enter(req, STAFF)
        form = forms.read(req)
        training = form.get("training") or f"t-{uuid4().hex[:10]}"
        forms.act(form, form.into(HoldTraining, training=training))
        number = _took_part(form, training)
        where = f"/manage/trainings/{falcon.uri.encode_value(training)}"
        forms.see(form, resp, where, "training_is_recorded", training=training, number=number)


class Training:
    """One session."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, training: str) -> None:
        """With everybody who took part."""
        caller = enter(req, STAFF)
        found = self.backend.for_(caller).ask(GetTraining(training=training))
        show(req, resp, "training.html", STAFF, is_live=True, training=found)

    def on_post(self, req: falcon.Request, resp: falcon.Response, training: str) -> None:
        """Others took part, too."""
        enter(req, STAFF)
        form = forms.read(req)
        form.need("attended")
        number = _took_part(form, training)
        where = f"/manage/trainings/{falcon.uri.encode_value(training)}"
        forms.see(form, resp, where, "training_is_recorded", training=training, number=number)


def _took_part(form: Form, training: str) -> int:
    """Records each of those who were typed; answers with how many."""
    attended = tuple(dict.fromkeys(split(form.get("attended"))))
    for staff in attended:
        forms.act(form, RecordAttendance(staff=staff, training=training), step=staff)
    return len(attended)


class Member:
    """What somebody was trained in and is qualified in."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, staff: str) -> None:
        """Sessions and qualifications, with what is still open."""
        caller = enter(req, STAFF)
        found = self.backend.for_(caller).ask(GetQualifications(staff=staff))
        show(
            req, resp, "member.html", STAFF, is_live=True, staff=staff, attended=found["attended"],
            standing=found["standing"],
            qualifications=_qualifications(req.context.names), today=local_date(self.backend.now()).isoformat(),
            is_oneself=caller.by == staff,
        )  # fmt: skip


class Act:
    """Something about somebody is recorded."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_post(self, req: falcon.Request, resp: falcon.Response, staff: str, act: str) -> None:
        """Attendance, a qualification, or its end."""
        enter(req, STAFF)
        commands: dict[str, type[Command]] = {
            "attend": RecordAttendance,
            "qualify": GrantQualification,
            "withdraw": WithdrawQualification,
        }
        if act not in commands:
            raise falcon.HTTPNotFound
        form = forms.read(req)
        forms.act(form, form.into(commands[act], staff=staff))
        forms.see(form, resp, f"/manage/staff/{staff}", f"staff_{act}_done")


def _qualifications(names: Any) -> list[tuple[str, str]]:
    """What the catalogue asks staff to be qualified in, and for which themes."""
    found: dict[str, list[str]] = {}
    for theme in names.themes():
        if theme.qualification:
            found.setdefault(theme.qualification, []).append(theme.name)
    return [(name, " · ".join(themes)) for name, themes in sorted(found.items())]


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Staff."""
    app.add_route("/manage/staff", Search(backend))
    app.add_route("/manage/trainings", Trainings(backend))
    app.add_route("/manage/trainings/{training}", Training(backend))
    app.add_route("/manage/staff/{staff}", Member(backend))
    app.add_route("/manage/staff/{staff}/{act}", Act(backend))
