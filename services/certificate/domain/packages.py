"""Packages: what lies ready together, how it leaves (送达, 行政许可法 第44条), and what happens when nobody comes."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from msgspec.structs import replace

from certificate.domain.refusals import (
    AddressMissing,
    CheckUnfit,
    DispatchIncomplete,
    IdentityUnchecked,
    NothingToHandOver,
    NotOnTheWay,
    PackageAway,
    RefusalUnwitnessed,
)
from certificate.domain.state import Carriage, OutputState, Package, Place, Status
from certificate.domain.waiting import Limits, end_of
from contracts.certificate import (
    CollectionReminded,
    ConfirmDelivery,
    DeliveryOverdue,
    DispatchPackage,
    HandOver,
    HandOverPackages,
    OutputCompleted,
    PackageAssembled,
    PackageDispatched,
    PackageHandedOver,
    PackageRecalled,
    RecallPackage,
    RecordRefusal,
)
from contracts.language import Act
from eventing.aggregate import applies
from eventing.errors import NotFound
from kernel.clock import local_date

FITTING: dict[HandOver, tuple[str, ...]] = {
    "window": ("document", "mandate"),
    "post": ("signed", "document", "mandate"),
    "locker": ("code",),
    "electronic": ("account",),
}
"""Which kinds of identity check say who takes a package in which way."""

NEEDED: dict[str, tuple[str, ...]] = {"post": ("tracking",), "locker": ("cabinet", "cell")}
"""What has to be known of a package that travels."""

AT_THE_COUNTER: tuple[HandOver, ...] = ("window", "electronic")
"""Ways in which the applicant comes for the results."""


def check_fits(method: HandOver, check: str) -> None:
    """Raises CheckUnfit where this kind of check cannot tell who took a package in this way."""
    if check and check not in FITTING[method]:
        raise CheckUnfit(method=method, check=check, fitting=FITTING[method])


class Packing(OutputState):
    """Packages and the ways out."""

    def _assemble(self, name: str, certificates: Sequence[str], limits: Limits, act: Act) -> None:
        if certificates:
            self.record(
                PackageAssembled,
                act,
                package=self._free(name, self.packages),
                certificates=tuple(certificates),
                due_on=limits.delivery_of(self.certificates[each].issued.item for each in certificates),
                remind_on=limits.collection,
            )

    @applies(PackageAssembled)
    def _assembled(self, fact: PackageAssembled) -> None:
        self.packages[fact.package] = Package(
            fact.certificates, due_on=fact.due_on, remind_on=fact.remind_on, since=fact.at, by=fact.by
        )

    def unpacked(self) -> list[str]:
        """The results in force that lie in no package."""
        packed = {each for package in self.packages.values() for each in package.certificates}
        return [name for name, result in self.certificates.items() if result.in_force and name not in packed]

    # ways out

    def hand_over(self, command: HandOverPackages, *, act: Act) -> None:
        """送达: the named packages, or all that lie ready. Again is no news."""
        self._at_the_exit(act, command.method)
        ready = self._ready(command.packages)
        if not ready:
            return
        if not command.identity_check.strip():
            raise IdentityUnchecked(packages=ready)
        check_fits(command.method, command.check)
        for package in ready:
            self.record(
                PackageHandedOver,
                replace(act, acting_as=command.mandate) if command.mandate else act,
                package=package,
                method=command.method,
                identity_check=command.identity_check,
                receipt=command.receipt,
                check=command.check,
            )
        self._complete(act)

    def refuse(self, command: RecordRefusal, *, act: Act) -> None:
        """拒收 before a witness: a refusal to collect counts as transferred (S62d). Again is no news."""
        self._at_the_exit(act)
        ready = self._ready(command.packages)
        if not ready:
            return
        if not command.identity_check.strip():
            raise IdentityUnchecked(packages=ready)
        if not command.witness.strip():
            raise RefusalUnwitnessed(packages=ready)
        for package in ready:
            self.record(
                PackageHandedOver,
                act,
                package=package,
                method="window",
                identity_check=command.identity_check,
                refused=True,
                witness=command.witness,
            )
        self._complete(act)

    def dispatch(self, command: DispatchPackage, *, limits: Limits, act: Act) -> None:
        """Gives a package to the post, or puts it into a locker. The same again is no news."""
        self._at_the_exit(act)
        package = self._package(command.package)
        travels = package.carriage
        if package.place is Place.ON_THE_WAY and travels and _same_way(travels, command):
            return
        if not package.ready:
            raise PackageAway(package=command.package, place=package.place)
        if missing := [name for name in NEEDED[command.method] if not getattr(command, name).strip()]:
            raise DispatchIncomplete(package=command.package, missing=missing)
        if command.method == "post" and self.address is None:
            raise AddressMissing(package=command.package)
        self.record(
            PackageDispatched,
            act,
            package=command.package,
            method=command.method,
            carrier=command.carrier,
            tracking=command.tracking,
            cabinet=command.cabinet,
            cell=command.cell,
            recall_on=limits.locker if command.method == "locker" else None,
        )

    @applies(PackageDispatched)
    def _dispatched(self, fact: PackageDispatched) -> None:
        carriage = Carriage(fact.method, fact.carrier, fact.tracking, fact.cabinet, fact.cell, fact.recall_on)
        self._put(fact.package, place=Place.ON_THE_WAY, carriage=carriage, since=fact.at, by=fact.by)

    def confirm(self, command: ConfirmDelivery, *, act: Act) -> None:
        """What was on its way arrived. Again is no news."""
        self._at_the_exit(act)
        package = self._package(command.package)
        travels = package.carriage
        if package.place is Place.HANDED_OVER and travels is not None:
            return
        if package.place is not Place.ON_THE_WAY or travels is None:
            raise NotOnTheWay(package=command.package)
        if not command.identity_check.strip():
            raise IdentityUnchecked(packages=[command.package])
        check_fits(travels.method, command.check)
        self.record(
            PackageHandedOver,
            act,
            package=command.package,
            method=travels.method,
            identity_check=command.identity_check,
            receipt=command.receipt or travels.tracking,
            check=command.check,
        )
        self._complete(act)

    @applies(PackageHandedOver)
    def _handed_over(self, fact: PackageHandedOver) -> None:
        self._put(
            fact.package,
            place=Place.HANDED_OVER,
            method=fact.method,
            check=fact.check,
            refused=fact.refused,
            receipt=fact.receipt,
            due_on=None,
            remind_on=None,
            since=fact.at,
            by=fact.by,
        )

    def recall(self, command: RecallPackage, *, limits: Limits, act: Act) -> None:
        """What was on its way is back at the exit. Again is no news."""
        self._at_the_exit(act)
        package = self._package(command.package)
        if package.place is Place.CALLED_BACK:
            return
        if package.place is not Place.ON_THE_WAY:
            raise NotOnTheWay(package=command.package)
        self.record(PackageRecalled, act, package=command.package, reason=command.reason, remind_on=limits.collection)
        self._complete(act)

    @applies(PackageRecalled)
    def _recalled(self, fact: PackageRecalled) -> None:
        """It lies at the window again, without what lost its force while it was away."""
        kept = []
        for each in self.packages[fact.package].certificates:
            if self.certificates[each].in_force:
                kept.append(each)
            else:
                back = replace(self.certificates[each], called_back_at=fact.at, called_back_by=fact.by)
                self.certificates[each] = back
        self._put(
            fact.package,
            place=Place.CALLED_BACK,
            carriage=None,
            remind_on=fact.remind_on,
            certificates=tuple(kept),
            since=fact.at,
            by=fact.by,
        )

    # waiting

    def timers(self) -> dict[str, datetime]:
        """One deadline for the whole exit: when the first of its packages has waited too long."""
        first = end_of(day for package in self.packages.values() for day in self._days(package))
        return {"waiting": first} if first else {}

    def wait_over(self, *, limits: Limits, act: Act) -> None:
        """What waited too long is noted, reminded of, or called back from its locker."""
        today = local_date(act.at)
        for name, package in list(self.packages.items()):
            overdue, remind, recall = (day is not None and day < today for day in self._days(package))
            if overdue:
                self.record(
                    DeliveryOverdue, act, package=name, due=package.due_on, place=self.packages[name].place.value
                )
            if recall:
                self.record(PackageRecalled, act, package=name, reason="uncollected", remind_on=limits.collection)
            if remind:
                self.record(CollectionReminded, act, package=name, again_on=limits.collection)
        self._complete(act)

    def _days(self, package: Package) -> tuple[date | None, date | None, date | None]:
        """The last days of a package: for its hand-over, before a reminder, in a locker."""
        if package.left:
            return None, None, None
        at_counter = package.ready and (self.method in AT_THE_COUNTER or package.place is Place.CALLED_BACK)
        travels = package.carriage if package.place is Place.ON_THE_WAY else None
        return package.due_on, package.remind_on if at_counter else None, travels.recall_on if travels else None

    @applies(DeliveryOverdue)
    def _overdue(self, fact: DeliveryOverdue) -> None:
        self._put(fact.package, due_on=None)

    @applies(CollectionReminded)
    def _reminded(self, fact: CollectionReminded) -> None:
        self._put(fact.package, remind_on=fact.again_on)

    # the end

    def _complete(self, act: Act) -> None:
        if self.status is Status.CONCLUDED and all(package.left for package in self.packages.values()):
            self.record(OutputCompleted, act, verdict=self.verdict, items=self.covered, again=self.again)

    @applies(OutputCompleted)
    def _completed(self, fact: OutputCompleted) -> None:
        self.status = Status.COMPLETED
        self.completed = tuple(dict.fromkeys((*self.completed, *fact.items)))
        self.again = ()

    def _ready(self, names: Iterable[str]) -> list[str]:
        """The named packages that lie at the exit, or all; raises NothingToHandOver before there is any."""
        wanted = list(dict.fromkeys(names))
        for name in wanted:
            if self._package(name).place is Place.ON_THE_WAY:
                raise PackageAway(package=name, place=Place.ON_THE_WAY)
        if not self.packages:
            raise NothingToHandOver(number=self.number)
        return [name for name in wanted or self.packages if self.packages[name].ready]

    def _package(self, name: str) -> Package:
        if name not in self.packages:
            raise NotFound(what="package", id=name)
        return self.packages[name]

    def _put(self, name: str, **changes: object) -> None:
        self.packages[name] = replace(self.packages[name], **changes)


def _same_way(carriage: Carriage, command: DispatchPackage) -> bool:
    return all(getattr(carriage, name) == getattr(command, name) for name in ("method", "tracking", "cabinet", "cell"))
