"""好差评 as it is given, settled, listed and counted."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from catalogue.rules import Limit
from contracts.language import Act, Caller, Command, Query, Sealed
from contracts.outreach import (
    AppealRating,
    CountRatings,
    DecideAppeal,
    FeedBackRating,
    GetRatings,
    Handled,
    ListRatings,
    RateHandling,
    RecheckRating,
    RectifyRating,
    VerifyRating,
)
from contracts.scopes import PERSONAL, Reach, is_within
from eventing.aggregate import Aggregate
from eventing.errors import Invalid, NotFound, OneThingError
from eventing.keyring import KeyRing
from eventing.printed import Codes
from eventing.readings import note_reading
from eventing.scoping import narrowed, reaches
from eventing.service import command, deadline, query
from kernel.workdays import WorkingCalendar
from outreach.consulting import PAGE, seen
from outreach.domain import Ratings, Step
from outreach.domain.refusals import NothingHandled, NotOwnCase
from outreach.projections import CASES, HANDLINGS, INDICATORS, RATINGS, RATINGS_NEWEST

UNTOLD = ("comment", "key_id", "worked_by", "appealed_by")
"""What of a rating is not told with it."""
ACCOUNTS = ("finding_account", "measures", "recheck_account", "appeal_account", "appeal_decision")
"""What of it is told to those alone who settle it or oversee that."""


class Grading(msgspec.Struct, frozen=True):
    """What a rating needs from outside: what was handled, the limit that holds, the sealed comment."""

    handled: Handled
    limit: Limit
    catalogue: str
    key_id: str
    comment: Sealed | None


class Rating:
    """Commands, deadlines and questions about ratings."""

    store: Any
    peers: Any
    catalogues: Any
    keyring: KeyRing
    codes: Codes
    calendar: WorkingCalendar

    @command(RateHandling, on=Ratings, creates=True, given="gradings")
    def rate_handling(self, ratings: Ratings, cmd: RateHandling, act: Act, given: Grading) -> dict[str, Any]:
        """好差评."""
        ratings.rate(
            given.handled,
            cmd.grade,
            channel=cmd.channel,
            indicators=cmd.indicators,
            key_id=given.key_id,
            comment=given.comment,
            catalogue=given.catalogue,
            limit=given.limit,
            calendar=self.calendar,
            act=act,
        )
        return standing(ratings, cmd.handling)

    def gradings(self, batch: Sequence[tuple[Ratings, RateHandling, Act]]) -> list[Grading | OneThingError]:
        """Whose case it is, and what was handled in it."""
        given: list[Grading | OneThingError] = []
        for _, cmd, act in batch:
            try:
                given.append(self._grading(cmd, act))
            except OneThingError as error:
                given.append(error)
        return given

    def _grading(self, cmd: RateHandling, act: Act) -> Grading:
        case = self._case(cmd.case_id)
        if case["case_id"] != cmd.case_id:
            raise NotFound(what="case", id=cmd.case_id)
        if act.caller is None or not is_within(
            reaches(RateHandling, act.caller), act.caller, self._reach(case, cmd.receipt)
        ):
            raise NotOwnCase(number=case["number"])
        handled = next((each for each in self._handled(case) if each.handling == cmd.handling), None)
        if handled is None:
            raise NothingHandled(handling=cmd.handling)
        words = cmd.comment.strip()
        return Grading(
            handled,
            self.catalogues.at(case["catalogue"]).rules.rectification,
            case["catalogue"],
            case["key_id"],
            self.keyring.seal(case["key_id"], cmd.case_id, "comment", words) if words else None,
        )

    def _case(self, name: str) -> dict[str, Any]:
        rows = self.store.select(seen(name))
        if not rows:
            raise NotFound(what="case", id=name)
        return dict(rows[0])

    def reach_of(self, aggregate: Aggregate, message: Command | Query, caller: Caller) -> Reach:
        """Whom ratings concern; whoever rates is known by their case or by its receipt, before anything was rated."""
        if isinstance(message, RateHandling):
            return self._reach(self._case(message.case_id), message.receipt)
        found: Reach = super().reach_of(aggregate, message, caller)  # type: ignore[misc]  # the service's
        return found

    def _reach(self, case: dict[str, Any], receipt: str, halls: AbstractSet[str] = frozenset()) -> Reach:
        """Whom the ratings of a case concern: its halls, its applicant, and whoever brings its receipt."""
        is_opened = bool(receipt) and self.codes.holds("receipt", case["number"], receipt)
        return Reach(halls=frozenset(halls), subjects=frozenset((case["applicant_index"],)) - {""}, is_opened=is_opened)

    def _handled(self, case: dict[str, Any]) -> list[Handled]:
        h = HANDLINGS.c
        rows = self.store.select(HANDLINGS.select().where(h.case_id == case["case_id"]).order_by(h.at, h.handling))
        return [
            Handled(
                handling=row["handling"],
                kind=row["kind"],
                hall=row["hall"] or case["hall"],
                window=row["window"] or ("" if row["hall"] else case["window"]),
                staff=row["staff"],
                on_site=bool(row["on_site"]),
                at=row["at"],
            )
            for row in rows
        ]

    @command(VerifyRating, on=Ratings)
    def verify_rating(self, ratings: Ratings, cmd: VerifyRating, act: Act) -> dict[str, Any]:
        """核实."""
        ratings.verify(cmd.handling, cmd.finding, cmd.account, act=act)
        return standing(ratings, cmd.handling)

    @command(RectifyRating, on=Ratings)
    def rectify_rating(self, ratings: Ratings, cmd: RectifyRating, act: Act) -> dict[str, Any]:
        """整改."""
        ratings.rectify(cmd.handling, cmd.measures, act=act)
        return standing(ratings, cmd.handling)

    @command(FeedBackRating, on=Ratings)
    def feed_back_rating(self, ratings: Ratings, cmd: FeedBackRating, act: Act) -> dict[str, Any]:
        """反馈, 实名回访."""
        ratings.feed_back(cmd.handling, cmd.reached, cmd.satisfied, act=act)
        return standing(ratings, cmd.handling)

    @command(RecheckRating, on=Ratings)
    def recheck_rating(self, ratings: Ratings, cmd: RecheckRating, act: Act) -> dict[str, Any]:
        """复核."""
        ratings.recheck(cmd.handling, cmd.passed, cmd.account, act=act)
        return standing(ratings, cmd.handling)

    @command(AppealRating, on=Ratings)
    def appeal_rating(self, ratings: Ratings, cmd: AppealRating, act: Act) -> dict[str, Any]:
        """申诉."""
        ratings.appeal(cmd.handling, cmd.ground, cmd.account, act=act)
        return standing(ratings, cmd.handling)

    @command(DecideAppeal, on=Ratings)
    def decide_appeal(self, ratings: Ratings, cmd: DecideAppeal, act: Act) -> dict[str, Any]:
        """申诉处理."""
        ratings.decide_appeal(cmd.handling, cmd.upheld, cmd.account, act=act)
        return standing(ratings, cmd.handling)

    @deadline("overdue", on=Ratings)
    def rectification_overdue(self, ratings: Ratings, act: Act, name: str) -> None:
        """督办."""
        ratings.lapse(name.partition(":")[2], act=act)

    @query(GetRatings)
    def get_ratings(self, query: GetRatings, caller: Caller) -> dict[str, Any]:
        """What can be rated and what was; for the applicant, the case's halls and who oversees them."""
        case = self._case(query.case_id)
        handled = self._handled(case)
        halls = {case["hall"], *(each.hall for each in handled)} - {""}
        reach = self._reach(case, query.receipt, halls)
        if not is_within(reaches(GetRatings, caller), caller, reach):
            raise NotOwnCase(number=case["number"])
        try:
            given = self.store.get(Ratings, case["case_id"]).ratings
        except NotFound:
            given = {}
        office = replace(reach, subjects=frozenset(), is_opened=False)
        untold = UNTOLD if is_within(reaches(GetRatings, caller), caller, office) else (*UNTOLD, *ACCOUNTS)
        if query.personal:
            if not is_within(PERSONAL["contact"].reaches(caller), caller, replace(reach, subjects=frozenset())):
                raise NotOwnCase(number=case["number"])
            note_reading(self.peers, caller, case["case_id"], ("contact",), purpose=query.purpose, what="ratings")
        return {
            "case_id": case["case_id"],
            "number": case["number"],
            "handlings": handled,
            "ratings": [
                {
                    **{name: value for name, value in msgspec.to_builtins(rated).items() if name not in untold},
                    "comment": self._comment(case["case_id"], rated.comment) if query.personal else None,
                }
                for rated in given.values()
            ],
        }

    def _comment(self, case_id: str, comment: Sealed | None) -> str | None:
        return self.keyring.unseal(comment, case_id, str) if comment is not None else None

    @query(ListRatings)
    def list_ratings(self, query: ListRatings, caller: Caller) -> dict[str, Any]:
        """A page of ratings, newest first."""
        c = RATINGS.c
        statement = narrowed(RATINGS.table.select(), query, caller, halls=(c.hall,))
        for column, wanted in ((c.hall, query.hall), (c.grade, query.grade), (c.step, query.step)):
            if wanted:
                statement = statement.where(column == wanted)
        if query.overdue:
            statement = statement.where(c.overdue.is_(True), c.step != Step.CLOSED.value)
        if query.appealed:
            statement = statement.where(c.appeal_open.is_(True))
        limit = max(1, min(query.limit, PAGE))
        rows = self.store.select(RATINGS_NEWEST.page(statement, query.after, limit, reverse=query.reversed))
        return {"ratings": [dict(row) for row in rows], "after": RATINGS_NEWEST.cursor(rows, limit)}

    @query(CountRatings)
    def count_ratings(self, query: CountRatings, caller: Caller) -> dict[str, Any]:
        """主动评价率 · 好评率 · 差评整改率 · 回访率, as counts; struck ratings count no longer."""
        if query.ends < query.begins:
            raise Invalid(field="ends")
        h, r = HANDLINGS.c, RATINGS.c
        hall = sa.case((h.hall != "", h.hall), else_=CASES.c.hall)
        handled = (
            sa.select(sa.func.count().label("handlings"))
            .select_from(HANDLINGS.join(CASES, CASES.c.case_id == h.case_id))
            .where(h.on.between(query.begins, query.ends))
        )
        within = [r.on.between(query.begins, query.ends), r.outcome != "struck"]
        if query.hall:
            handled = handled.where(hall == query.hall)
            within.append(r.hall == query.hall)

        def those(*conditions: Any) -> Any:
            return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0)), 0)

        with self.store.selecting() as select:  # rates are made of these: they count the same ratings
            grades = select(
                sa.select(r.grade, sa.func.count().label("ratings")).where(*within).group_by(r.grade).order_by(r.grade)
            )
            bad = select(
                sa.select(
                    sa.func.count().label("bad"),
                    those(r.step == Step.CLOSED.value).label("settled"),
                    those(r.in_time.is_(True)).label("settled_in_time"),
                    those(r.calls > 0).label("called_back"),
                    those(r.reached.is_(True)).label("reached"),
                    those(r.overdue.is_(True)).label("overdue"),
                ).where(*within, r.step != "")
            )[0]
            i = INDICATORS.c
            indicators = select(
                sa.select(i.indicator, i.grade, sa.func.count().label("ratings"))
                .select_from(
                    INDICATORS.table.join(RATINGS.table, sa.and_(r.case_id == i.case_id, r.handling == i.handling))
                )
                .where(*within)
                .group_by(i.indicator, i.grade)
                .order_by(i.indicator, i.grade)
            )
            [handlings] = select(handled)
        told: dict[str, dict[int, int]] = {}
        for row in indicators:
            told.setdefault(row["indicator"], {})[row["grade"]] = row["ratings"]
        return {
            "handlings": handlings["handlings"],
            "rated": sum(row["ratings"] for row in grades),
            "grades": {row["grade"]: row["ratings"] for row in grades},
            **dict(bad),
            "indicators": told,
        }


def standing(ratings: Ratings, handling: str) -> dict[str, Any]:
    """What a command answers with."""
    rated = ratings.ratings[handling]
    return {
        "case_id": ratings.stream,
        "handling": handling,
        "grade": rated.grade,
        "step": rated.step,
        "due_on": rated.due_on,
        "outcome": rated.outcome,
    }
