"""收件: what was brought is taken in."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from contracts.intake import BroughtMaterial, MaterialCopy, MaterialsReceived
from contracts.language import Act
from eventing.aggregate import applies
from intake.domain.material import Verdict, check_files, check_provenance, handling
from intake.domain.outline import Outline
from intake.domain.refusals import ArrivedLater, UnrelatedMaterial
from intake.domain.state import counter
from intake.domain.tolerance import Tolerances
from kernel.workdays import WorkingCalendar

NO_SCANS: Mapping[str, Verdict] = MappingProxyType({})
NOTHING_KEPT: Mapping[str, str] = MappingProxyType({})


def news_in(copies: Iterable[MaterialCopy], brought: Iterable[BroughtMaterial]) -> list[BroughtMaterial]:
    """What was brought and is not here yet: another copy differs in medium, provenance or bytes.

    Paper has no bytes to tell it by; a newer one says that it is.
    """
    known = {_identity(copy) for copy in copies}
    return [each for each in dict.fromkeys(brought) if _identity(each) not in known or _is_newer(each)]


def copies_of(
    outline: Outline,
    brought: Iterable[BroughtMaterial],
    copies: Iterable[MaterialCopy],
    *,
    hall: str,
    scans: Mapping[str, Verdict],
    kept: Mapping[str, str] = NOTHING_KEPT,
) -> tuple[MaterialCopy, ...]:
    """Copies with ids of their own, `<material>-<n>`, beside those that are here.

    What comes after a copy of the same material and medium is its next edition. Bytes that are here already for
    another material are the same instance: it serves both and is stored once.
    """
    here = tuple(copies)
    counts: dict[str, int] = {}
    editions: dict[tuple[str, str], MaterialCopy] = {}
    instances: dict[str, MaterialCopy] = {}
    for copy in here:
        counts[copy.material] = counts.get(copy.material, 0) + 1
        editions[copy.material, copy.medium] = copy
        if copy.digest:
            instances.setdefault(copy.digest, copy)
    made = []
    for each in brought:
        count = counts[each.material] = counts.get(each.material, 0) + 1
        before = editions.get((each.material, each.medium))
        instance = instances.get(each.digest)
        copy = MaterialCopy(
            copy=f"{each.material}-{count}",
            material=each.material,
            medium=each.medium,
            provenance=each.provenance,
            digest=each.digest,
            size=each.size,
            media_type=each.media_type,
            hall=hall if each.medium == "paper" else "",
            edition=before.edition + 1 if before is not None else 1,
            replaces=before.copy if before is not None else "",
            same_as=instance.copy if instance is not None and instance.material != each.material else "",
            confidentiality=handling(outline, each.material).confidentiality,
            scan="clean" if each.medium == "digital" and scans.get(each.digest) == "clean" else "not_scanned",
            stored=kept.get(each.digest, "") if each.medium == "digital" else "",
        )
        if copy.digest:
            instances.setdefault(copy.digest, copy)
        made.append(copy)
    return tuple(made)


def _is_newer(brought: BroughtMaterial) -> bool:
    return brought.newer and brought.medium == "paper"


def _identity(copy: MaterialCopy | BroughtMaterial) -> tuple[str, str, str, str]:
    return copy.material, copy.medium, copy.provenance, copy.digest


class Receiving(Tolerances):
    """The one set of materials of a case."""

    def receive(
        self,
        outline: Outline,
        brought: Iterable[BroughtMaterial],
        *,
        calendar: WorkingCalendar,
        scans: Mapping[str, Verdict] = NO_SCANS,
        kept: Mapping[str, str] = NOTHING_KEPT,
        arrived_at: datetime | None = None,
        act: Act,
    ) -> None:
        """Takes in what open items of the case need, or what may still come; a copy that is here is no news.

        ``scans`` says what the scanner found in files, by digest, ``kept`` where their bytes rest. What is wrong with
        one copy keeps all out.
        """
        caller = counter(act)
        news = news_in(self.recognised, brought)
        if not news:
            return
        self._may("receive")
        arrived = arrived_at or act.at
        if arrived > act.at:
            raise ArrivedLater(arrived_at=arrived)
        asked = outline.asked(self.unsettled) | self.supplements(arrived)
        if unrelated := sorted({each.material for each in news} - asked):
            self._in_grace(unrelated, arrived)
            raise UnrelatedMaterial(materials=unrelated)
        check_provenance(news)
        check_files(outline, news, scans)
        copies = copies_of(outline, news, self.copies, hall=caller.hall, scans=scans, kept=kept)
        items, due = self._owed(outline, self.present | {copy.material for copy in copies}, calendar, act)
        self.record(
            MaterialsReceived,
            act,
            materials=copies,
            items=items,
            deemed_accepted_at=due,
        )
        self._supplement(copies, arrived, caller.hall, act)

    @applies(MaterialsReceived)
    def _received(self, fact: MaterialsReceived) -> None:
        self.copies += fact.materials
        for copy in fact.materials:
            self._at_hall(copy.hall)
        self._arrive(fact.materials)
        self._await(fact)
