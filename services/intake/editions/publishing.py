"""目录版本 as it is drafted, proposed, published and given up."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from eventlet import tpool

from catalogue import Catalogue
from contracts.editions import DraftEdition, InForce, MigrateCase, ProposeEdition, PublishEdition, WithdrawEdition
from contracts.language import Act
from eventing.errors import OneThingError
from eventing.paging import Order
from eventing.schema import CATALOGUES
from eventing.service import command
from eventing.store import Conflict
from eventing.tables import Bulk, Column
from eventing.views import View
from intake.batches import for_each
from intake.domain import Case, Outline
from intake.domain.bill import check_id
from intake.domain.edition import Edition, EditionChanged, Made, Published
from intake.domain.migrating import NotMigratable, rederived
from intake.domain.timing import begun_on, held_until
from intake.editions.making import Making, make
from intake.projections import standing as case_standing
from kernel.clock import local_date
from kernel.digests import canonical, digest
from kernel.workdays import WorkingCalendar


def edition_rows(edition: Edition) -> list[dict[str, Any]]:
    """One row an edition."""
    return [
        {
            "edition": edition.stream,
            "title": edition.title,
            "region": edition.made.region,
            "status": edition.standing.value,
            "version": edition.made.version,
            "base": edition.base,
            "author": edition.authors[0] if edition.authors else "",
            "publisher": edition.publisher,
            "drafted_at": edition.drafted_at,
            "effective_at": edition.effective_at,
            "document": edition.document,
            "number": edition.number,
            "warnings": edition.made.warnings,
        }
    ]


EDITIONS = View(
    "editions_v1",
    of=Edition,
    columns=(
        Column("edition", "text", key=True),
        Column("title", "text"),
        Column("region", "text"),
        Column("status", "text", index=True),
        Column("version", "text"),
        Column("base", "text"),
        Column("author", "text"),
        Column("publisher", "text"),
        Column("drafted_at", "instant", index=True),
        Column("effective_at", "instant"),
        Column("document", "text"),
        Column("number", "int"),
        Column("warnings", "int"),
    ),
    rows=edition_rows,
)
EDITIONS_NEWEST = Order(EDITIONS.c.drafted_at, EDITIONS.c.edition, newest_first=True)

SOURCE = Bulk(
    "edition_sources",
    (Column("digest", "text", key=True), Column("documents", "json", optional=False)),
)
"""The documents that editions were made of, by their digest."""
SOURCES = SOURCE.table(sa.MetaData())

PUBLICATION = Bulk(
    "edition_publications",
    (Column("region", "text", key=True), Column("number", "int", optional=False)),
)
"""How often each region's catalogue was published: what two publications at the same time meet at."""
PUBLICATIONS = PUBLICATION.table(sa.MetaData())


def schedule_of(store: Any) -> tuple[InForce, ...]:
    """What was published of the region, in the order in which it comes into force."""
    c = EDITIONS.c
    rows = store.select(
        sa.select(c.version, c.effective_at).where(c.status == "published").order_by(c.effective_at, c.number)
    )
    return tuple(InForce(row["version"], row["effective_at"]) for row in rows)


class Drafting(msgspec.Struct, frozen=True):
    """A catalogue that was made, and what was published before it."""

    made: Made
    catalogue: Catalogue
    documents: dict[str, str]
    published: Published


class Editions:
    """Commands about editions, and the one that moves a case to what is in force."""

    store: Any
    catalogues: Any
    calendar: WorkingCalendar
    outline: Any
    form_of: Any

    @command(DraftEdition, on=Edition, key="edition", creates=True, given="draftings")
    def draft_edition(self, edition: Edition, cmd: DraftEdition, act: Act, given: Drafting) -> dict[str, Any]:
        """A catalogue is drafted; its content is kept in the transaction that says so."""
        edition.draft(cmd.title, given.made, given.published, act=act)
        self.store.also(lambda connection: _keep(connection, given))
        return standing(edition)

    def draftings(self, batch: Sequence[tuple[Edition, DraftEdition, Act]]) -> list[Drafting | OneThingError]:
        """The catalogues that the documents make, checked."""
        return for_each(self._drafting, batch)

    def _drafting(self, _edition: Edition, cmd: DraftEdition, act: Act) -> Drafting:
        check_id("edition", cmd.edition)
        making = self.making(cmd.documents, cmd.bundle, local_date(act.at))
        catalogue = making.made()
        sources = digest(canonical(cmd.documents)) if cmd.documents else ""
        made = Made(catalogue.region, catalogue.version, sources, tuple(sorted(cmd.documents)), len(making.warnings))
        return Drafting(made, catalogue, cmd.documents, self.published())

    def making(self, documents: dict[str, str], bundle: str, on: date) -> Making:
        """What documents or a bundle make; in a thread of its own, as the checks try every combination of answers."""
        making: Making = tpool.execute(
            make, self.catalogues.region, self.catalogues.directories, on, documents=documents, bundle=bundle
        )
        return making

    def published(self) -> Published:
        """What was published of the region so far."""
        c = EDITIONS.c
        rows = self.store.select(
            sa.select(c.number, c.version).where(c.status == "published").order_by(c.number.desc()).limit(1)
        )
        if not rows:
            return Published(0, self.catalogues.built_in.version)
        return Published(rows[0]["number"], rows[0]["version"], schedule_of(self.store))

    @command(ProposeEdition, on=Edition, key="edition")
    def propose_edition(self, edition: Edition, cmd: ProposeEdition, act: Act) -> dict[str, Any]:
        """It is ready for a second person."""
        edition.propose(act=act)
        return standing(edition)

    @command(PublishEdition, on=Edition, key="edition", given="publications")
    def publish_edition(self, edition: Edition, cmd: PublishEdition, act: Act, given: Published) -> dict[str, Any]:
        """A second person puts it in force; of two at the same time one is decided again, and then refused."""
        number = edition.number
        edition.publish(cmd.version, cmd.effective_at, cmd.document, given, act=act)
        if edition.number != number:
            region = edition.made.region
            self.store.also(lambda connection: _take_number(connection, region, given.number))
        return standing(edition)

    def publications(self, batch: Sequence[tuple[Edition, PublishEdition, Act]]) -> list[Published]:
        """What was published before."""
        published = self.published()
        return [published] * len(batch)

    @command(WithdrawEdition, on=Edition, key="edition")
    def withdraw_edition(self, edition: Edition, cmd: WithdrawEdition, act: Act) -> dict[str, Any]:
        """A draft is given up."""
        edition.withdraw(cmd.reason, act=act)
        return standing(edition)

    # cases

    @command(MigrateCase, on=Case, given="migrations")
    def migrate_case(self, case: Case, cmd: MigrateCase, act: Act, given: "Migration") -> dict[str, Any]:
        """转版."""
        case.migrate(given.outline, held_until=given.held_until, begun=given.begun, act=act)
        return {**case_standing(case), "catalogue": case.catalogue}

    def migrations(self, batch: Sequence[tuple[Case, MigrateCase, Act]]) -> list["Migration | OneThingError"]:
        """What the cases take by the version in force."""
        return for_each(self._migration, batch)

    def _migration(self, case: Case, cmd: MigrateCase, _act: Act) -> "Migration":
        current = self.catalogues.current()
        if cmd.version and cmd.version != current.version:
            raise EditionChanged(version=current.version, seen=cmd.version)
        if current.version == case.catalogue:
            return Migration(self.outline(case))
        if case.fixed_by:
            raise NotMigratable(reason=case.fixed_by, number=case.number)
        outline = rederived(
            self.catalogues.at(case.catalogue),
            current,
            case.theme,
            case.answers,
            selected=[item for item in case.selected if item in case.open_items],
            satisfied=case.satisfied,
            underway=case.underway,
            more=cmd.answers,
        )
        values = self.form_of(case)
        return Migration(outline, held_until(outline, values, self.calendar), begun_on(outline, values))


class Migration(msgspec.Struct, frozen=True):
    """What a case takes by another version, and what the days in its form mean by that."""

    outline: Outline
    held_until: dict[str, date] = {}
    begun: dict[str, date] = {}


def _keep(connection: sa.Connection, drafting: Drafting) -> None:
    CATALOGUES.upsert(connection, [(drafting.made.version, drafting.catalogue.document())])
    if drafting.made.sources:
        SOURCE.upsert(connection, [(drafting.made.sources, drafting.documents)])


def _take_number(connection: sa.Connection, region: str, before: int) -> None:
    """Whoever else took this number meanwhile is met here."""
    connection.execute(
        sa.text(
            "INSERT INTO edition_publications (region, number) VALUES (:region, 0) ON CONFLICT (region) DO NOTHING"
        ),
        {"region": region},
    )
    taken = connection.execute(
        sa.update(PUBLICATIONS)
        .where(PUBLICATIONS.c.region == region, PUBLICATIONS.c.number == before)
        .values(number=before + 1)
    )
    if taken.rowcount != 1:
        raise Conflict(region)


def standing(edition: Edition) -> dict[str, Any]:
    """What a command answers with."""
    return {
        "edition": edition.stream,
        "title": edition.title,
        "status": edition.standing,
        "version": edition.made.version,
        "base": edition.base,
        "warnings": edition.made.warnings,
        "effective_at": edition.effective_at,
    }
