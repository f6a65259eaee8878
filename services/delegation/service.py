"""The delegation service: grants, mandates and qualifications are recorded; authority is asked for inside acts."""

from typing import Any

import msgspec

from catalogue.errors import UnknownTheme
from contracts.delegation import (
    Acceptability,
    Affected,
    AffectedBy,
    Authorise,
    AuthorityAnswer,
    CanAccept,
    CheckMandates,
    EndMandate,
    GetGrant,
    GetMandate,
    GetQualifications,
    GetTraining,
    GiveMandate,
    GrantQualification,
    HoldTraining,
    ListGrants,
    ListMandates,
    ListQualified,
    ListTrainings,
    MakeGrant,
    MandateAnswer,
    PauseMandate,
    PublishGrant,
    RecordAttendance,
    RenewGrant,
    ResumeMandate,
    RevokeGrant,
    WithdrawQualification,
)
from contracts.language import Act, Caller
from delegation.domain import (
    Grant,
    Held,
    Mandate,
    NoteRenewal,
    PrincipalInvalid,
    Qualification,
    Register,
    Training,
    acceptability,
    affected,
)
from delegation.policies import REACTIONS
from delegation.projections import (
    ATTENDANCES,
    BY_DAY_HELD,
    BY_GRANT,
    BY_LAST_DAY,
    BY_MANDATE,
    EVERY_QUALIFICATION,
    GRANTS,
    MANDATES,
    MOST,
    POSITIONS,
    QUALIFICATIONS,
    REVISION,
    TRAININGS,
    agency,
    grants_changed,
    grants_wanted,
    held,
    mandates_named,
    mandates_wanted,
    qualified,
    qualified_wanted,
    trainings_wanted,
    who_attended,
)
from eventing.catalogues import CurrentCatalogues
from eventing.errors import NotFound, OneThingError
from eventing.keyring import Keyring
from eventing.scoping import narrowed
from eventing.service import Service, command, deadline, query, reaction
from kernel.clock import local_date
from kernel.identifiers import InvalidIdentifier, check_citizen_id, check_uscc


class Given(msgspec.Struct, frozen=True):
    """What signing a grant needs from outside: the grants that stand, the rule on renewals, the grant before it."""

    grants: tuple[Held, ...]
    renewal_days: int
    old: Any = None


class Delegation(Service):
    """授权委托."""

    name = "delegation"
    aggregates = (Grant, Mandate, Training, Qualification)
    views = (GRANTS, MANDATES, TRAININGS, QUALIFICATIONS, ATTENDANCES)
    reactions = REACTIONS
    catalogues = CurrentCatalogues()
    keyring = Keyring()

    excluded_themes: tuple[str, ...] = ()
    """Themes on security or secrets, which are not left to agents; no theme of the catalogue is one."""

    revision = (0, 0)
    register = Register()
    """The grants and qualifications in memory, as they were at ``revision``."""

    # grants

    @command(MakeGrant, on=Grant, key="grant", creates=True, given="signings")
    def make_grant(self, grant: Grant, cmd: MakeGrant, act: Act, given: Given) -> None:
        """A grant is signed."""
        grant.make(cmd, given.grants, act, renewal_days=given.renewal_days)

    @command(RenewGrant, on=Grant, key="grant", creates=True, given="signings")
    def renew_grant(self, grant: Grant, cmd: RenewGrant, act: Act, given: Given) -> None:
        """A grant is signed that follows another one."""
        grant.renew(cmd, given.old, given.grants, act, renewal_days=given.renewal_days)

    def signings(self, batch: list[tuple[Grant, MakeGrant | RenewGrant, Act]]) -> list[Given | OneThingError]:
        """For each command the grants that stand, and the one that it renews."""
        grants = tuple(self._current_register())
        days = self.catalogues.current().rules.grant_renewal.days
        given: list[Given | OneThingError] = []
        for _, cmd, _ in batch:
            try:
                old = self.store.get(Grant, cmd.renews) if isinstance(cmd, RenewGrant) else None
                given.append(Given(grants, days, old))
            except NotFound as error:
                given.append(error)
        return given

    @command(PublishGrant, on=Grant, key="grant")
    def publish_grant(self, grant: Grant, cmd: PublishGrant, act: Act) -> None:
        """A second person announces it."""
        grant.publish(cmd.publication, act)

    @command(RevokeGrant, on=Grant, key="grant")
    def revoke_grant(self, grant: Grant, cmd: RevokeGrant, act: Act) -> None:
        """It ends."""
        grant.revoke(cmd.reason, act)

    # mandates

    @command(GiveMandate, on=Mandate, key="mandate", creates=True, given="principals")
    def give_mandate(self, mandate: Mandate, cmd: GiveMandate, act: Act, given: str) -> None:
        """An applicant lets an agent help or act."""
        known = self.catalogues.current().themes
        mandate.give(cmd, given, act, known=known, excluded=self.excluded_themes)

    def principals(self, batch: list[tuple[Mandate, GiveMandate, Act]]) -> list[str | OneThingError]:
        """For each command the blind index of its principal, as intake indexes the applicant."""
        given: list[str | OneThingError] = []
        for _, cmd, _ in batch:
            check = check_citizen_id if cmd.principal_kind == "natural" else check_uscc
            try:
                given.append(self.keyring.blind(check(cmd.principal)))
            except InvalidIdentifier as fault:
                given.append(PrincipalInvalid(reason=fault.reason))
        return given

    @command(PauseMandate, on=Mandate, key="mandate")
    def pause_mandate(self, mandate: Mandate, cmd: PauseMandate, act: Act) -> None:
        """The agent stops for now."""
        mandate.pause(cmd, act)

    @command(ResumeMandate, on=Mandate, key="mandate")
    def resume_mandate(self, mandate: Mandate, cmd: ResumeMandate, act: Act) -> None:
        """The agent goes on."""
        mandate.resume(cmd, act)

    @command(EndMandate, on=Mandate, key="mandate")
    def end_mandate(self, mandate: Mandate, cmd: EndMandate, act: Act) -> None:
        """It ends."""
        mandate.end(cmd, act)

    # qualifications

    @command(HoldTraining, on=Training, key="training", creates=True)
    def hold_training(self, training: Training, cmd: HoldTraining, act: Act) -> None:
        """A session took place."""
        training.hold(cmd, act)

    @command(RecordAttendance, on=Qualification, key="staff", creates=True, given="sessions")
    def record_attendance(self, staff: Qualification, cmd: RecordAttendance, act: Act, given: Training) -> None:
        """Somebody took part in it."""
        staff.attend(given, act)

    def sessions(self, batch: list[tuple[Qualification, RecordAttendance, Act]]) -> list[Training | OneThingError]:
        """For each command the session it is about."""
        given: list[Training | OneThingError] = []
        for _, cmd, _ in batch:
            try:
                given.append(self.store.get(Training, cmd.training))
            except NotFound as error:
                given.append(error)
        return given

    @command(GrantQualification, on=Qualification, key="staff", creates=True)
    def grant_qualification(self, staff: Qualification, cmd: GrantQualification, act: Act) -> None:
        """Somebody is qualified from today on."""
        staff.grant(cmd, act)

    @command(WithdrawQualification, on=Qualification, key="staff")
    def withdraw_qualification(self, staff: Qualification, cmd: WithdrawQualification, act: Act) -> None:
        """They are not any more."""
        staff.withdraw(cmd, act)

    # reactions and deadlines

    @reaction(NoteRenewal, on=Grant, key="grant")
    def note_renewal(self, grant: Grant, cmd: NoteRenewal, act: Act) -> None:
        """Another grant follows this one, or does not any more."""
        grant.note_renewal(cmd.successor, act, undone=cmd.undone)

    @deadline("renewal", on=Grant)
    def remind_of_renewal(self, grant: Grant, act: Act) -> None:
        """The last day for renewing a grant."""
        grant.remind(act)

    @deadline("expiry", on=Grant)
    def expire_grant(self, grant: Grant, act: Act) -> None:
        """A grant's term is over."""
        grant.expire(act)

    @deadline("expiry", on=Mandate)
    def expire_mandate(self, mandate: Mandate, act: Act) -> None:
        """A mandate's term is over."""
        mandate.expire(act)

    @deadline("expiry", on=Qualification)
    def expire_qualification(self, staff: Qualification, act: Act, timer: str) -> None:
        """A qualification's last day has passed."""
        staff.expire(timer.partition(":")[2], act)

    # checks inside acts

    @query(Authorise)
    def authorise(self, question: Authorise, caller: Caller) -> list[AuthorityAnswer]:
        """One answer for each request, all of the same instant and the same state of the register.

        The instant is taken before the register is looked at: whatever was recorded before it is in the answer.
        """
        now = self.clock.now()
        register = self._current_register()
        today = local_date(now)
        verdicts = [register.verdict(request, today) for request in question.requests]
        return [AuthorityAnswer(v.grant, v.position, v.in_name_of, now, v.refusal) for v in verdicts]

    @query(CheckMandates)
    def check_mandates(self, question: CheckMandates, caller: Caller) -> list[MandateAnswer]:
        """One answer for each request, by one look at all mandates asked about, after the instant was taken."""
        now = self.clock.now()
        rows = self.store.select(mandates_named({request.mandate for request in question.requests}))
        agencies = {row["mandate"]: agency(row) for row in rows}
        today = local_date(now)
        return [
            MandateAnswer(
                request.mandate,
                now,
                agencies[request.mandate].refusal(request, today, self.excluded_themes)
                if request.mandate in agencies
                else "no-mandate",
            )
            for request in question.requests
        ]

    def _current_register(self) -> Register:
        """The register, brought up to date by what has changed since it was last looked at."""
        [now] = self.store.select(REVISION)
        revision, before = (now["grants"], now["qualifications"]), self.revision
        if revision == before:
            return self.register
        register = self.register
        changed = grants_changed(register, self.store.select(POSITIONS)) if revision[0] != before[0] else None
        register = register.changed(
            map(held, self.store.select(changed)) if changed is not None else (),
            map(qualified, self.store.select(EVERY_QUALIFICATION)) if revision[1] != before[1] else None,
        )
        self.register, self.revision = register, revision
        return register

    # reading

    @query(CanAccept)
    def can_accept(self, question: CanAccept, caller: Caller) -> Acceptability:
        """What a window can accept of a theme now, item by item, with the reasons where it cannot."""
        now = self.clock.now()
        try:
            return acceptability(self._current_register(), self.catalogues.current(), question, now)
        except UnknownTheme as error:
            raise NotFound(what="theme", id=question.theme) from error

    @query(AffectedBy)
    def affected_by(self, question: AffectedBy, caller: Caller) -> list[Affected]:
        """What hangs on a grant today."""
        now = self.clock.now()
        register = self._current_register()
        found = next((each for each in register if each.grant == question.grant), None)
        if found is None:
            raise NotFound(what="grant", id=question.grant)
        return affected(register, found, self.catalogues.current(), now)

    @query(GetGrant)
    def get_grant(self, question: GetGrant, caller: Caller) -> dict[str, Any]:
        """One grant with every step of its life."""
        grant: Grant = self.store.seen(Grant, question.grant, question, caller)
        return {
            "grant": grant.stream,
            "status": grant.status,
            "position": grant.version,
            "terms": grant.terms,
            "renews": grant.renews,
            "renew_by": grant.renew_by,
            "successor": grant.successor,
            "history": grant.history,
        }

    @query(ListGrants)
    def list_grants(self, question: ListGrants, caller: Caller) -> dict[str, Any]:
        """Grants by what they say; a grant of every item of its grantor is among those of any item."""
        limit = max(1, min(question.limit, MOST))
        rows: list[Any] = []
        after = question.after
        while len(rows) < limit:
            page = self.store.select(BY_GRANT.page(grants_wanted(question), after, MOST, reverse=question.reversed))
            rows += [
                row
                for row in page
                if (not question.item or question.item in row["items"] or "*" in row["items"])
                and (not question.power or question.power in row["powers"])
            ]
            after = BY_GRANT.cursor(page, MOST)
            if not after:
                break
        return {"grants": [dict(row) for row in rows[:limit]], "after": BY_GRANT.cursor(rows[:limit], limit)}

    @query(GetMandate)
    def get_mandate(self, question: GetMandate, caller: Caller) -> dict[str, Any]:
        """One mandate with its forms."""
        mandate: Mandate = self.store.seen(Mandate, question.mandate, question, caller)
        return {
            "mandate": mandate.stream,
            "status": mandate.status,
            "scope": mandate.scope,
            "papers": mandate.papers,
        }

    @query(ListMandates)
    def list_mandates(self, question: ListMandates, caller: Caller) -> dict[str, Any]:
        """Mandates of an agent or an organisation."""
        limit = max(1, min(question.limit, MOST))
        mandates = narrowed(
            mandates_wanted(question),
            question,
            caller,
            orgs=(MANDATES.c.organisation,),
            people=(MANDATES.c.agent,),
            subjects=(MANDATES.c.principal,),
        )
        rows = self.store.select(BY_MANDATE.page(mandates, question.after, limit, reverse=question.reversed))
        return {"mandates": [dict(row) for row in rows], "after": BY_MANDATE.cursor(rows, limit)}

    @query(ListQualified)
    def list_qualified(self, question: ListQualified, caller: Caller) -> dict[str, Any]:
        """Qualifications by their last day."""
        limit = max(1, min(question.limit, MOST))
        rows = self.store.select(
            BY_LAST_DAY.page(qualified_wanted(question), question.after, limit, reverse=question.reversed)
        )
        return {"qualified": [dict(row) for row in rows], "after": BY_LAST_DAY.cursor(rows, limit)}

    @query(ListTrainings)
    def list_trainings(self, question: ListTrainings, caller: Caller) -> dict[str, Any]:
        """Training sessions, the last first."""
        limit = max(1, min(question.limit, MOST))
        rows = self.store.select(
            BY_DAY_HELD.page(trainings_wanted(question), question.after, limit, reverse=question.reversed)
        )
        return {"trainings": [dict(row) for row in rows], "after": BY_DAY_HELD.cursor(rows, limit)}

    @query(GetTraining)
    def get_training(self, question: GetTraining, caller: Caller) -> dict[str, Any]:
        """A training session and who took part in it."""
        training: Training = self.store.seen(Training, question.training, question, caller)
        if training.session is None:
            raise NotFound(what="training", id=question.training)
        staff = self.store.select(who_attended(question.training))
        return {
            "training": training.stream,
            **msgspec.structs.asdict(training.session),
            "staff": [row["staff"] for row in staff],
        }

    @query(GetQualifications)
    def get_qualifications(self, question: GetQualifications, caller: Caller) -> dict[str, Any]:
        """What a member of staff was trained in and is qualified in."""
        staff: Qualification = self.store.seen(Qualification, question.staff, question, caller)
        return {"staff": staff.stream, "attended": staff.attended, "standing": staff.standing}
