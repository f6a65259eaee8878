"""Rendering off the hot path: documents are made aside, in advance or when somebody first asks."""

from collections.abc import Iterator, Sequence
from typing import Any

from certificate.domain import Output, Result
from certificate.press import Press
from certificate.projections import queue, unprinted
from eventing.backlog import Backlog, Row
from eventing.dependency import HostDependency
from eventing.store import segment_of
from telemetry.metrics import Sample


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


class Renderer:
    """What makes documents of what was issued; the service mixes it in."""

    catalogues: Any
    keyring: Any
    contents: Any
    authorities: Any
    store: Any
    peers: Any
    clock: Any
    share: Any

    backlog: Backlog | None = None

    def started(self) -> None:
        """Makes documents in advance (eager mode): what is issued and not rendered yet, oldest first."""
        if self.share.eager:
            self.backlog = Backlog("documents", self._unrendered, self._render)
            self.backlog.run()

    def stopping(self) -> None:
        """No further document is begun."""
        if self.backlog is not None:
            self.backlog.stop()

    def samples(self) -> Iterator[Sample]:
        """ALARM: certificates whose documents do not come; none is late where they are made on demand."""
        late = self.store.select(unprinted(self.clock.now()))[0]["certificates"] if self.share.eager else 0
        yield Sample("onething_unprinted_certificates", ("certificate",), late)

    def _wake(self) -> None:
        if self.backlog is not None:
            self.backlog.nudge()

    def _unrendered(self, last: Row | None, limit: int) -> Sequence[Row]:
        rows: Sequence[Row] = self.store.select(queue(last, limit))
        return rows

    def _render(self, row: Row) -> bool:
        if not self.share.has(row["case_id"]):
            return False
        output: Output = self.store.get(Output, row["case_id"])
        certificate = output.certificates[row["certificate"]]
        if certificate.rendering is not None:
            return False
        self._make(output, certificate)
        return True

    def _make(self, output: Output, certificate: Result) -> bytes:
        catalogue = self.catalogues.at(output.catalogue)
        pdf, record = self._press().make(output, certificate, catalogue, at=self.clock.now())
        self.peers.command(record, id=f"rendering/{output.stream}/{record.certificate}/{record.digest}")
        return pdf

    def _find(self, output: Output, certificate: Result) -> bytes:
        return self._press().find(output, certificate)

    def _press(self) -> Press:
        return Press(self.peers.ask, self.keyring, self.contents, self.authorities)
