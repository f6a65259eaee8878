"""收件: the checklist of materials, each with who asks for it and why; paper, a scan, or shared data."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

import falcon

from contracts.intake import BroughtMaterial, CaseDetail, CopyFault, FaultKind, ReceiveMaterials, RefuseCopies
from contracts.words import Language, message
from eventing.errors import Invalid, OneThingError
from gateway.backend import Backend
from gateway.language import language_of
from gateway.pages import forms
from gateway.pages.desk.case import step_of
from gateway.pages.desk.desks import Desk, now, selection_of
from gateway.pages.forms import Form
from gateway.pages.rendering import page

SHARED = "shared:county-exchange"


class Checklist(Desk):
    """The one set of materials."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """What is here and what is missing."""
        case = self.case(req, case_id)
        page(
            req,
            resp,
            "desk/materials.html",
            case=case,
            step=step_of(case),
            selection=selection_of(req, case),
            copies={copy.material: copy for copy in case.materials},
            faults=get_args(FaultKind),
            began=now(),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Takes in whatever was ticked or uploaded."""
        form = self.read(req)
        case = self.case(req, case_id)
        chosen = form.below("medium")
        form.wrong(
            {
                f"file.{material}": "material_file_missing"
                for material, medium in chosen.items()
                if medium == "digital" and not form.get(f"file.{material}.receipt")
            }
        )
        brought = tuple(_brought(form, material) for material, medium in chosen.items() if medium)
        if not brought:
            raise Invalid(errors={"medium": ""})
        try:
            forms.act(form, ReceiveMaterials(case_id=case.case_id, materials=brought))
        except OneThingError as error:
            raise beside_files(error, language_of(req), lambda each: self.named(req, case, each)) from None
        self.time(form, "materials", case.theme)
        forms.see(form, resp, f"/desk/cases/{case.case_id}/materials", "materials_received", count=len(brought))

    def named(self, req: falcon.Request, case: CaseDetail, material: str) -> str:
        """A material's name, as the case's catalogue has it."""
        return str(req.context.names.material(material, case.theme, case.catalogue))


def beside_files(error: OneThingError, language: Language, named: Callable[[str], str]) -> OneThingError:
    """A refusal that names materials, with what is wrong with each told beside its file."""
    told = error.data.get("materials") or ()
    errors = {
        f"file.{material}": message(
            error.code,
            language,
            **error.data
            | {
                "materials": {material: told[material]} if isinstance(told, Mapping) else [material],
                "names": {material: named(material)},
            },
        ).detail
        for material in told
    }
    if errors:
        error.data = {**error.data, "errors": errors}
    return error


def _brought(form: Form, material: str) -> BroughtMaterial:
    medium = form.get(f"medium.{material}")
    match medium:
        case "shared":
            return BroughtMaterial(material=material, medium="shared", provenance=SHARED)
        case "digital":
            size = form.get(f"file.{material}.size")
            return BroughtMaterial(
                material=material,
                medium="digital",
                digest=form.get(f"file.{material}.digest"),
                size=int(size) if size.isdecimal() else 0,
                media_type=form.get(f"file.{material}.media_type"),
                receipt=form.get(f"file.{material}.receipt"),
            )
        case _:
            return BroughtMaterial(material=material, medium="paper", newer=bool(form.get(f"newer.{material}")))


class Fault(Desk):
    """材料不合要求: a copy that was received does not serve."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """What is wrong with it stands beside the material, and in the correction notice."""
        form = self.read(req)
        form.need("copy", "kind")
        command = RefuseCopies(case_id=case_id, copies={form.get("copy"): form.into(CopyFault)})
        forms.act(form, command)
        forms.see(form, resp, f"/desk/cases/{case_id}/materials", "copy_is_refused", mood="warn")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The checklist."""
    app.add_route("/desk/cases/{case_id}/materials", Checklist(backend))
    app.add_route("/desk/cases/{case_id}/materials/fault", Fault(backend))
