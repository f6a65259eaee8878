"""Questions over many items at once: what a window can accept now, and what hangs on one grant."""

from collections.abc import Iterator
from datetime import datetime

from catalogue.authority import EVERY_ITEM, OWN_NAME, Held, Register
from catalogue.model import Catalogue, Item
from contracts.delegation import Acceptability, AcceptableItem, Affected, AuthorityRequest, CanAccept
from kernel.clock import local_date


def handlers(catalogue: Catalogue, item: Item) -> tuple[str, ...]:
    """Whoever decides the item: its department, or all that offer its service in some area."""
    if item.service is None:
        return (item.department,)
    return tuple(each.id for each in catalogue.organisations.values() if item.service in each.serves)


def acceptability(register: Register, catalogue: Catalogue, question: CanAccept, now: datetime) -> Acceptability:
    """What this member of staff can accept of the theme at this window now, item by item and handler by handler.

    Raises UnknownTheme.
    """
    theme = catalogue.theme(question.theme)
    today = local_date(now)
    items = []
    for item in theme.items:
        if not item.adopted:
            continue
        for handler in handlers(catalogue, item):
            found = register.verdict(
                AuthorityRequest(
                    question.hall, item.id, handler, "accept", question.staff, theme.qualification, question.window
                ),
                today,
            )
            items.append(AcceptableItem(item.id, handler, found.grant, found.position, found.in_name_of, found.refusal))
    refused = sum(bool(each.refusal) for each in items)
    return Acceptability(
        theme=theme.id,
        at=now,
        catalogue=catalogue.version,
        qualification=theme.qualification,
        items=tuple(items),
        accepts="all" if not refused else "none" if refused == len(items) else "some",
    )


def affected(register: Register, grant: Held, catalogue: Catalogue, now: datetime) -> list[Affected]:
    """What the grantee can do today by this grant, and what would become of it if the grant ended.

    A grant that gives no power today affects nothing. Of a group of windows the one that is worst off is told.
    """
    today = local_date(now)
    rest = register.without(grant.grant)
    found = []
    for item, handler in _named(grant, catalogue):
        for power in grant.powers:
            if grant.lacks(power, today):
                continue
            requests = [
                AuthorityRequest(grant.grantee, item, handler, power, window=window)
                for window in grant.windows or ("",)
            ]
            verdicts = [rest.verdict(request, today) for request in requests]
            worst = next((each for each in verdicts if each.refusal), verdicts[0])
            found.append(Affected(item, handler, power, worst.grant, worst.refusal))
    return found


def _named(grant: Held, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """The items of a grant with whose they are; those of the catalogue where it says all of the grantor's."""
    known = {item.id: item for theme in catalogue.themes.values() for item in theme.items}
    for item in grant.items:
        if item == EVERY_ITEM:
            yield from (
                (each.id, grant.grantor) for each in known.values() if grant.grantor in handlers(catalogue, each)
            )
        elif grant.legal_form in OWN_NAME and item in known:
            yield from ((item, handler) for handler in handlers(catalogue, known[item]))
        else:
            yield item, grant.grantor
