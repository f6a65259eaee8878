"""上传: files that came in over the edge, before the materials that name them.

The edge asks what a material may be and under which key its bytes are sealed; what it has taken in it says in a
receipt. A digital copy that brings a receipt is taken in only while its bytes are there.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from contents import Contents, ContentsError
from contents.receipts import PURPOSE, Receipt, ReceiptInvalid, read
from contents.sealing import unsealed
from contracts.intake import BroughtMaterial, GetMaterialTerms, ListKeptFiles, MaterialTerms
from contracts.language import Caller
from eventing.dependency import HostDependency
from eventing.errors import NotFound, Unavailable
from eventing.keyring import KeyRing
from eventing.service import query
from intake.domain import Case
from intake.domain.material import handling
from intake.domain.refusals import BytesMissing
from intake.scanning import NoScanner, ScanPort, Scans, scanned


class Files(msgspec.Struct, frozen=True):
    """What is known of the files that were brought, by digest: what the scanner says, and where they rest."""

    scans: Scans
    kept: Mapping[str, str]


class UploadKeys(HostDependency):
    """Gives intake the keys of the edge's receipts."""

    def make(self) -> Any:
        return self.host.settings.signing_keys(PURPOSE)


class Uploads:
    """Questions about files, and the check of those that are brought."""

    store: Any
    clock: Any
    keyring: KeyRing
    contents: Contents
    scanner: ScanPort
    upload_keys: Any

    def files_of(self, case: Case, brought: Iterable[BroughtMaterial]) -> Files:
        """Looks at the files that were brought. Raises BytesMissing, Unavailable."""
        some = list(brought)
        receipts: dict[str, Receipt] = {}
        missing: set[str] = set()
        for each in some:
            if each.medium != "digital" or not each.receipt:
                continue
            receipt = self._receipt(case, each)
            if receipt is None:
                missing.add(each.material)
            else:
                receipts[each.digest] = receipt
        if missing:
            raise BytesMissing(materials=sorted(missing))
        scans = scanned(self.scanner, self.contents, (each for each in some if not each.receipt))
        return Files(
            scans=scans | self._scanned(case, receipts), kept={each.digest: each.stored for each in receipts.values()}
        )

    def _receipt(self, case: Case, brought: BroughtMaterial) -> Receipt | None:
        """The receipt of a copy, if it is one of these very bytes, and they are there."""
        try:
            receipt = read(brought.receipt, self.upload_keys, self.clock.now())
            said = (case.stream, brought.material, brought.digest, brought.size, brought.media_type)
            is_same = said == (receipt.case_id, receipt.material, receipt.digest, receipt.size, receipt.media_type)
            return receipt if is_same and self.contents.has(receipt.stored) else None
        except ReceiptInvalid:
            return None
        except ContentsError as error:
            raise Unavailable(what="contents", error=type(error).__name__) from error

    def _scanned(self, case: Case, receipts: Mapping[str, Receipt]) -> Scans:
        if isinstance(self.scanner, NoScanner):
            return {}
        try:
            return {digest: self.scanner.scan(self._opened(case, each)) for digest, each in receipts.items()}
        except ContentsError as error:
            raise Unavailable(what="contents", error=type(error).__name__) from error

    def _opened(self, case: Case, receipt: Receipt) -> Iterator[bytes]:
        return unsealed(self.contents.open(receipt.stored), self.keyring.key(case.key_id), receipt.context)

    @query(GetMaterialTerms)
    def get_material_terms(self, query: GetMaterialTerms, caller: Caller) -> MaterialTerms:
        """What a file of a material may be, by what the items of the case ask."""
        case: Case = self._find(query.case_id)  # type: ignore[attr-defined]  # the service's
        self.store.check(case, query, caller)
        outline = self.outline(case)  # type: ignore[attr-defined]  # gathering's
        if not any(query.material == need.material for needs in outline.needs.values() for need in needs):
            raise NotFound(what="material", id=query.material)
        asked = handling(outline, query.material)
        return MaterialTerms(
            case_id=case.stream,
            material=query.material,
            largest_file=asked.largest_file,
            media_types=asked.media_types,
            key_id=case.key_id,
        )

    @query(ListKeptFiles)
    def list_kept_files(self, query: ListKeptFiles, caller: Caller) -> tuple[str, ...]:
        """Where the files of a case rest that its facts name."""
        case: Case = self._find(query.case_id)  # type: ignore[attr-defined]  # the service's
        self.store.check(case, query, caller)
        return tuple(sorted({copy.stored for copy in case.copies if copy.stored}))
