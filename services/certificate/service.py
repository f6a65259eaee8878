"""certificate as a service: results are issued, packed and handed over; documents are made aside."""

import time
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from msgspec.structs import asdict

from certificate.domain import (
    ConcludeOutput,
    DocumentWithheld,
    IssueCertificates,
    Output,
    PlanOutput,
    RendererOnly,
    Result,
)
from certificate.policies import REACTIONS
from certificate.press import Press
from certificate.projections import CERTIFICATES, queue
from certificate.signing import Signer
from contracts.certificate import GetDocument, GetOutput, HandOverPackages, RecordRendering
from contracts.language import Act, Caller
from eventing.catalogues import Catalogues
from eventing.contents import ContentsStore
from eventing.dependency import HostDependency
from eventing.errors import NotFound, OneThingError
from eventing.keyring import Keyring
from eventing.service import Service, command, query, reaction
from eventing.store import segment_of
from kernel.clock import local_date

log = structlog.get_logger()

FICTIONAL_REGION = "99"
"""Regions that begin so do not exist (GB/T 2260 gives out no such number)."""

BATCH = 50
"""Certificates that the renderer takes from its queue at a time."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between looks at the queue: short while there is work, longer while what is left cannot be done."""


class Signing(HostDependency):
    """Gives the service its signer, with the keys in ``{data_dir}/signing``.

    A fictional region makes itself development keys; any other has its own brought, or does not start.
    """

    def make(self) -> Signer:
        folder = Path(self.host.settings.data_dir) / "signing"
        if self.host.settings.region.startswith(FICTIONAL_REGION) and not folder.exists():
            return Signer.development(folder)
        return Signer.from_files(
            seal_key=folder / "seal.key",
            pdf_key=folder / "pdf.key",
            certificate=folder / "pdf.crt",
            chain=[path for path in [folder / "ca.crt"] if path.exists()],
        )


class Share:
    """This replica's share of the documents made in advance: those of the segments it owns, or none."""

    def __init__(self, host: Any) -> None:
        self._host = host
        self.eager: bool = host.settings.rendering == "eager"

    def has(self, case_id: str) -> bool:
        """Whether the documents of this case are for this replica."""
        return segment_of(case_id) in self._host.segments.mine


class RenderingShare(HostDependency):
    """Gives the service its share of the rendering."""

    def make(self) -> Share:
        return Share(self.host)


class Certificate(Service):
    """一端口出件."""

    name = "certificate"
    aggregates = (Output,)
    views = (CERTIFICATES,)
    reactions = REACTIONS
    catalogues = Catalogues()
    keyring = Keyring()
    contents = ContentsStore()
    signer = Signing()
    share = RenderingShare()

    @command(HandOverPackages, on=Output)
    def hand_over_packages(self, output: Output, cmd: HandOverPackages, act: Act) -> dict[str, Any]:
        """送达."""
        output.hand_over(cmd, act=act)
        return {"packages": sorted(name for name, package in output.packages.items() if package.method)}

    @command(RecordRendering, on=Output)
    def record_rendering(self, output: Output, cmd: RecordRendering, act: Act) -> None:
        """A document was made; only the renderer can know."""
        if act.by != f"service:{self.name}":
            raise RendererOnly(by=act.by)
        output.render(cmd, act=act)

    @reaction(PlanOutput, on=Output)
    def plan_output(self, output: Output, cmd: PlanOutput, act: Act) -> None:
        """A case was taken up."""
        output.plan(cmd, act=act)

    @reaction(IssueCertificates, on=Output, given="serials")
    def issue_certificates(self, output: Output, cmd: IssueCertificates, act: Act, serial: int) -> None:
        """An item was granted."""
        catalogue = self.catalogues.at(output.catalogue)
        output.issue(
            catalogue.theme(output.theme).item(cmd.item),
            cmd.issuer,
            catalogue=catalogue,
            serial=serial,
            day=local_date(act.at),
            seal=self.signer.seal,
            act=act,
        )
        self.fresh = True

    @reaction(ConcludeOutput, on=Output)
    def conclude_output(self, output: Output, cmd: ConcludeOutput, act: Act) -> None:
        """Every item has come to its end."""
        output.conclude(cmd.verdict, act=act)

    def serials(self, batch: Sequence[tuple[Output, IssueCertificates, Act]]) -> Sequence[int]:
        """One number for each grant; the certificates of one grant share it."""
        first: int = self.store.reserve("certificate", len(batch))
        return range(first, first + len(batch))

    @query(GetOutput)
    def get_output(self, query: GetOutput, caller: Caller) -> dict[str, Any]:
        """Certificates and packages of a case."""
        output: Output = self.store.get(Output, query.case_id)
        return {
            "case_id": output.stream,
            "number": output.number,
            "theme": output.theme,
            "mode": output.mode,
            "hall": output.hall,
            "status": output.status.value,
            "verdict": output.verdict,
            "version": output.version,
            "certificates": [
                {"issued": asdict(certificate.issued), "rendering": certificate.rendering}
                for certificate in output.certificates.values()
            ],
            "packages": [
                {
                    "package": name,
                    "certificates": package.certificates,
                    "state": "handed_over" if package.method else "ready",
                    "method": package.method,
                }
                for name, package in output.packages.items()
            ],
        }

    @query(GetDocument)
    def get_document(self, query: GetDocument, caller: Caller) -> dict[str, Any]:
        """The document of a certificate; made now if it does not stand yet."""
        output: Output = self.store.get(Output, query.case_id)
        certificate = output.certificates.get(query.certificate)
        if certificate is None:
            raise NotFound(what="certificate", id=query.certificate)
        at_its_hall = bool(caller.hall) and caller.hall == output.hall
        if not at_its_hall and caller.org != certificate.issued.issuer:
            raise DocumentWithheld(certificate=query.certificate)
        pdf = self._make(output, certificate) if certificate.rendering is None else self._find(output, certificate)
        return {
            "certificate": query.certificate,
            "title": certificate.issued.title,
            "number": certificate.issued.number,
            "media_type": "application/pdf",
            "size": len(pdf),
            "pdf": b64encode(pdf).decode(),
        }

    # the renderer

    stopped = False
    fresh = False
    """Whether something was issued here since the last look at the queue: a hint, the queue is the truth."""

    def started(self) -> None:
        """Makes documents in advance (eager mode): what is issued and not rendered yet, oldest first.

        The queue is a view over what is recorded, so nothing is lost with a process, and what two replicas
        make at the same time is recorded once. What cannot be made is passed over and tried again later.
        """
        pause = FIRST_PAUSE
        after: tuple[Any, str, str] | None = None
        while self.share.eager and not self.stopped:
            self.fresh = False
            try:
                made, after = self.work_off(after)
            except OneThingError as error:
                log.warning("rendering waits", error=str(error))
                made, after = 0, None
            if after is None:
                pause = FIRST_PAUSE if made else min(pause * 2, LONGEST_PAUSE)
                pause = FIRST_PAUSE if self._rest(pause) else pause

    def stopping(self) -> None:
        """No further document is begun."""
        self.stopped = True

    def _rest(self, seconds: float) -> bool:
        """Waits until something was issued here, at most so long; returns whether it was."""
        for _ in range(int(seconds / FIRST_PAUSE)):
            if self.fresh or self.stopped:
                break
            time.sleep(FIRST_PAUSE)
        return self.fresh

    def work_off(self, after: tuple[Any, str, str] | None) -> tuple[int, tuple[Any, str, str] | None]:
        """Makes the documents of one page of the queue; returns how many, and where the next one begins."""
        rows = self.store.select(queue(after, BATCH))
        made = 0
        for row in rows:
            if self.stopped:
                break
            if not self.share.has(row["case_id"]):
                continue
            output: Output = self.store.get(Output, row["case_id"])
            certificate = output.certificates[row["certificate"]]
            if certificate.rendering is None:
                made += self._made(output, certificate)
        last = rows[-1] if len(rows) == BATCH else None
        return made, last and (last["issued_at"], last["case_id"], last["certificate"])

    def _made(self, output: Output, certificate: Result) -> bool:
        try:
            self._make(output, certificate)
        except Exception as error:  # noqa: BLE001  one document must not keep the others from being made
            log.warning(
                "document not made",
                case=output.stream,
                certificate=certificate.issued.certificate,
                error=error,
            )
            return False
        return True

    def _make(self, output: Output, certificate: Result) -> bytes:
        catalogue = self.catalogues.at(output.catalogue)
        pdf, record = self._press().make(output, certificate, catalogue, at=self.clock.now())
        self.peers.command(record, id=f"rendering/{output.stream}/{record.certificate}/{record.digest}")
        return pdf

    def _find(self, output: Output, certificate: Result) -> bytes:
        return self._press().find(output, certificate)

    def _press(self) -> Press:
        return Press(self.peers.ask, self.keyring, self.contents, self.signer)
