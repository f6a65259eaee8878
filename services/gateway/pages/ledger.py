"""审计: what the whole ledger shows: all windows at an instant, and whether it continues what was signed before."""

from collections.abc import Mapping
from typing import Any

import falcon
import msgspec

from contracts.casefile import ConsistencyProof, ListTreeHeads, ProveConsistency, WindowsAt
from eventing.errors import Invalid, NotFound
from gateway.backend import Backend
from gateway.pages.audit import SECTIONS, Audited, instant
from gateway.pages.doors import Door
from gateway.pages.rendering import page
from kernel.notes import Checkpoint, Continuation, PublicKey, continuation

DOORS: tuple[Door, ...] = ()

HEADS = 20
"""On a page of the list."""

STATES = ("open", "paused", "closed")


class Windows(Audited):
    """All windows of a hall and those below it, or of the whole county, as they stood."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The form, and its answer where an instant was given."""
        self.auditor(req)
        hall, said, wrong, found = req.get_param("hall") or "", req.get_param("at") or "", "", None
        if said:
            try:
                asked = WindowsAt(at=instant(said), halls=(hall,) if hall else (), below=bool(hall))
                found = self.ask(req, asked)
            except ValueError:
                wrong = "field_date"
            except Invalid:
                wrong = "ledger_not_come"
            except NotFound:
                found = {"halls": [], "at": said, "state_hash": ""}
        windows = [window for each in (found or {"halls": ()})["halls"] for window in each["windows"]]
        page(
            req,
            resp,
            "audit/windows.html",
            hall=hall,
            at=said,
            wrong=wrong,
            found=found,
            totals={state: sum(each["state"] == state for each in windows) for state in STATES},
            serving=sum(each["serving"] is not None for each in windows),
            halls=[(name, node["name"]) for name, node in req.context.names.halls().items()],
            sections=SECTIONS,
        )


class Question(msgspec.Struct, frozen=True):
    """Two heads, as they stand in the address."""

    old: int
    new: int
    """0: the newest."""
    kept: str
    """The earlier head as the auditor kept it, where they did; it says what ``old`` is."""

    @classmethod
    def read(cls, req: falcon.Request) -> "Question":
        """Raises ValueError for what is no number, or no head."""
        kept = (req.get_param("kept") or "").replace("\r\n", "\n").strip()
        kept = kept and f"{kept}\n"
        said = kept.partition("\n\n")[0] + "\n"
        old = Checkpoint.read(said).size if kept else int(req.get_param("old") or 0)
        new = int(req.get_param("new") or 0)
        if old < 0 or new < 0:
            raise ValueError(old, new)
        return cls(old, new, kept)


def verdict(proof: Mapping[str, Any], key: str, kept: str) -> Continuation:
    """What there is to say of a proof, by the key that the auditor has, or else the house's own."""
    read = msgspec.convert(proof, ConsistencyProof)
    return continuation(
        PublicKey.read(key or read.public_key), read.old_head, read.new_head, read.consistency_path, kept
    )


class Ledger(Audited):
    """Signed heads, and whether one continues another."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The heads, and the verdict where two were named."""
        self.auditor(req)
        wrong, found, asked = "", None, Question(0, 0, "")
        key = (req.get_param("key") or "").strip()
        try:
            asked = Question.read(req)
            if asked.old:
                proof = self.ask(req, ProveConsistency(old_size=asked.old, new_size=asked.new))
                found = verdict(proof, key, asked.kept)
        except ValueError:
            wrong = "ledger_unreadable"
        except NotFound:
            wrong = "ledger_no_such_head"
        except Invalid:
            wrong = "ledger_backwards"
        newest = self.ask(req, ListTreeHeads(newest=True))
        listed = self.ask(req, ListTreeHeads(after=req.get_param_as_int("after") or 0, limit=HEADS))
        page(
            req,
            resp,
            "audit/ledger.html",
            asked=asked,
            key=key,
            wrong=wrong,
            found=found,
            newest=newest,
            heads=listed["tree_heads"],
            after=listed["after"] or "",
            sections=SECTIONS,
        )


class Consistency(Audited):
    """The proof that one head continues another, to be checked without asking anybody."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A file."""
        self.auditor(req)
        old, new = (req.get_param_as_int(name, min_value=0) or 0 for name in ("old", "new"))
        proof = self.ask(req, ProveConsistency(old_size=old, new_size=new))
        resp.content_type = "application/json"
        resp.set_header("Content-Disposition", f'attachment; filename="consistency-{old}.json"')
        resp.data = msgspec.json.format(msgspec.json.encode(proof), indent=1)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Beside the auditor's cases."""
    app.add_route("/audit/windows", Windows(backend))
    app.add_route("/audit/ledger", Ledger(backend))
    app.add_route("/audit/ledger/consistency", Consistency(backend))
