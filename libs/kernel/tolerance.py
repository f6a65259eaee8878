"""How long an applicant may take to bring a tolerated missing material (容缺受理)."""

from datetime import date

import msgspec

from kernel.workdays import Due, WorkingCalendar


class ToleranceRule(msgspec.Struct, frozen=True):
    """The limits on a tolerance deadline, in working days; the shortest one holds.

    * `cap_days`: the longest that any tolerance lasts; 20 in Shenzhen (深圳容缺办理管理办法).
    * `margin_days`: how much earlier than the item's promised limit the material must be there, so that the
      department can still decide in time; 2 in Shenzhen, 0 where the promised limit itself is the bound
      (民政容缺受理程序).
    * `item_days`: a shorter limit that the item's own guide sets, None if it sets none.
    """

    cap_days: int = 20
    margin_days: int = 2
    item_days: int | None = None

    def __post_init__(self) -> None:
        """Refuse limits that are no limits."""
        if self.cap_days < 1 or self.margin_days < 0 or (self.item_days is not None and self.item_days < 1):
            msg = f"a tolerance lasts at least one day and its margin is not negative: {self}"
            raise ValueError(msg)


def tolerance_due(calendar: WorkingCalendar, accepted_on: date, promised_days: int, rule: ToleranceRule) -> Due | None:
    """Return the day by which the missing material must arrive, None when the item cannot be tolerated.

    `promised_days` is the item's promised limit in working days (承诺办结时限). An item promised so quickly
    that no day remains before its margin is not eligible.
    """
    limits = [rule.cap_days, promised_days - rule.margin_days]
    if rule.item_days is not None:
        limits.append(rule.item_days)
    days = min(limits)
    return calendar.due(accepted_on, days) if days > 0 else None
