"""综合许可证 (一业一证): one licence that loads the permits of its parts and follows what becomes of them (2.10).

It leaves the single permits as they are. Only two granted items make one; a part that falls or is issued again gives
it its next edition, and with fewer parts than the catalogue asks for it falls itself.
"""

from msgspec.structs import replace

from catalogue.rules import Comprehensive
from certificate.domain.issuing import Issuing
from certificate.domain.sealing import Means, identifier
from certificate.domain.standing import Fallen
from certificate.domain.state import Result, Status
from contracts.certificate import CertificateRevoked
from contracts.language import Act
from eventing.aggregate import applies

FEWEST = 2
"""行业综合许可证只在两个以上单项许可获准时颁发 (S61a)."""


class Comprehending(Issuing):
    """The licence over the licences."""

    @property
    def comprehensive(self) -> Result | None:
        """The comprehensive licence that is in force."""
        return next(
            (each for each in self.certificates.values() if each.in_force and each.issued.kind == "comprehensive"),
            None,
        )

    def parts(self, licence: Comprehensive) -> tuple[str, ...]:
        """The permits in force that it would load now."""
        return tuple(
            name
            for name, each in self.certificates.items()
            if each.in_force and each.issued.kind == "certificate" and each.issued.item in licence.parts
        )

    def _load_parts(self, means: Means, act: Act) -> list[str]:
        """Issues the comprehensive licence, its next edition, or takes it back, as its parts demand.

        The first one comes with the verdict: until then more parts may be granted.
        """
        theme = means.catalogue.theme(self.theme)
        licence = theme.comprehensive
        current = self.comprehensive
        if licence is None or (current is None and self.status is Status.PLANNED):
            return []
        parts = self.parts(licence)
        if current is not None and current.issued.parts == parts:
            return []
        if len({self.certificates[part].issued.item for part in parts}) < max(licence.least, FEWEST):
            if current is not None:
                self._fall(current, "revoked", "parts", act)
            return []
        if current is not None:
            later = self._reissue(current, means, act, parts=parts)
            self._fall(current, "replaced", "parts", act, replaced_by=later)
            return [later]
        issuer = licence.issuer or theme.lead
        number = means.number(0)
        return [
            self._issue(
                f"{self.theme}.{licence.id}",
                means,
                act,
                item="",
                output=licence.id,
                kind="comprehensive",
                title=licence.name,
                number=number,
                issuer=issuer,
                identifier=identifier(means.catalogue, licence.certificate, issuer, number, 1),
                parts=parts,
            )
        ]

    def _fall(self, result: Result, status: Fallen, ground: str, act: Act, *, replaced_by: str = "") -> None:
        self.record(
            CertificateRevoked,
            act,
            certificate=result.issued.certificate,
            item=result.issued.item,
            status=status,
            ground=ground,
            replaced_by=replaced_by,
        )

    @applies(CertificateRevoked)
    def _fell(self, fact: CertificateRevoked) -> None:
        """It lost its force; where it has not left yet, it does not leave any more."""
        self.certificates[fact.certificate] = replace(
            self.certificates[fact.certificate],
            standing=fact.status,
            replaced_by=fact.replaced_by,
            called_back_at=fact.at,
            called_back_by=fact.by,
        )
        for name, package in self.packages.items():
            if fact.certificate in package.certificates and package.ready:
                kept = tuple(each for each in package.certificates if each != fact.certificate)
                self._put(name, certificates=kept)
