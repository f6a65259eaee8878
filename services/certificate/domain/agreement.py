"""How results leave is agreed with the applicant, and can be agreed anew for what has not left."""

from catalogue.model import Theme
from certificate.domain.packages import Packing
from certificate.domain.refusals import AddressMissing, OutputLeft
from certificate.domain.waiting import Limits
from contracts.certificate import AgreeOutput, OutputAgreed
from contracts.language import Act, Sealed
from eventing.aggregate import applies


def leaves_early(theme: Theme, item: str, items: tuple[str, ...]) -> bool:
    """部分先出: whether no other item of the case builds on this one, so that nobody waits for its result."""
    return not any(item in edge.any_of for other in theme.items if other.id in items for edge in other.depends_on)


class Agreeing(Packing):
    """The plan of the exit."""

    def agree(
        self, command: AgreeOutput, address: Sealed | None, index: str, *, theme: Theme, limits: Limits, act: Act
    ) -> None:
        """Changes how leaves what has not left; packages that lie ready stay packages. The same again is no news."""
        self._at_the_exit(act)
        mode, method = command.mode or self.mode, command.method or self.method
        if (mode, method, index or self.address_index) == (self.mode, self.method, self.address_index):
            return
        if not self._allows("agree") and all(package.left for package in self.packages.values()):
            raise OutputLeft(number=self.number)
        if method == "post" and address is None and self.address is None:
            raise AddressMissing(package="")
        self.record(
            OutputAgreed,
            act,
            mode=mode,
            method=method,
            address=address or self.address,
            address_index=index or self.address_index,
        )
        for item in dict.fromkeys(self.certificates[name].issued.item for name in self.unpacked()):
            if self.goes_at_once(theme, item):
                ready = [name for name in self.unpacked() if self.certificates[name].issued.item == item]
                self._assemble(item or self.theme, ready, limits, act)

    @applies(OutputAgreed)
    def _agreed(self, fact: OutputAgreed) -> None:
        self.mode = fact.mode
        self.method = fact.method
        self.address = fact.address
        self.address_index = fact.address_index

    def goes_at_once(self, theme: Theme, item: str) -> bool:
        """Whether the results of an item are a package as soon as they are issued."""
        match self.mode:
            case "itemised":
                return True
            case "early":
                return leaves_early(theme, item, self.items)
            case "integrated":
                return False
