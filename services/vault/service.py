"""The vault service: keys are reserved, bound, lent and destroyed."""

import os
import secrets
from typing import Any

import sqlalchemy as sa

from contracts.language import Act, Caller
from contracts.vault import BindCaseKey, DestroyCaseKey, LendKeys, LentKey, ReserveKeys
from eventing.service import Service, command, query, reaction
from vault.domain import CaseKey, PurposeMissing, ServicesOnly, TooManyKeys
from vault.keys import CASE_KEYS, TABLE
from vault.policies import REACTIONS
from vault.wrapping import KEY_BYTES, KeyEncryption

MOST = 1000
"""Keys given at a time."""


class Vault(Service):
    """密钥."""

    name = "vault"
    aggregates = (CaseKey,)
    tables = (TABLE,)
    reactions = REACTIONS
    wrapping = KeyEncryption()

    @command(DestroyCaseKey, on=CaseKey)
    def destroy_case_key(self, case_key: CaseKey, cmd: DestroyCaseKey, act: Act) -> None:
        """The key is overwritten in the transaction that records its end."""
        if case_key.destroy(cmd.reason, act):
            self.store.also(_change(case_key.key_id, wrapped=None, destroyed_at=act.at))

    @reaction(BindCaseKey, on=CaseKey)
    def bind_case_key(self, case_key: CaseKey, cmd: BindCaseKey, act: Act) -> None:
        """A reserved key becomes a case's."""
        case_key.bind(cmd.key_id, act)

    @query(ReserveKeys)
    def reserve_keys(self, question: ReserveKeys, caller: Caller) -> list[LentKey]:
        """Fresh keys. They are kept before anybody sees them: nothing is ever sealed in vain."""
        _check(caller)
        if question.count > MOST:
            raise TooManyKeys(most=MOST)
        keys = [LentKey(secrets.token_urlsafe(12), os.urandom(KEY_BYTES)) for _ in range(question.count)]
        now = self.clock.now()
        with self.store.writing() as connection:
            CASE_KEYS.insert(
                connection,
                [
                    (
                        lent.key_id,
                        self.wrapping.kek,
                        self.wrapping.wrap(lent.key_id, lent.key),
                        now,
                        None,
                    )
                    for lent in keys
                ],
            )
        return keys

    @query(LendKeys)
    def lend_keys(self, question: LendKeys, caller: Caller) -> list[LentKey]:
        """The keys in the order of the question; empty where a key was destroyed or never was."""
        _check(caller)
        if not question.purpose.strip():
            raise PurposeMissing
        if len(question.key_ids) > MOST:
            raise TooManyKeys(most=MOST)
        rows = self.store.select(
            sa.select(TABLE.c.key_id, TABLE.c.wrapped, TABLE.c.kek).where(TABLE.c.key_id.in_(question.key_ids))
        )
        keys = {
            row["key_id"]: self.wrapping.unwrap(row["key_id"], row["wrapped"], row["kek"])
            for row in rows
            if row["wrapped"] is not None
        }
        return [LentKey(key_id, keys.get(key_id, b"")) for key_id in question.key_ids]


def _check(caller: Caller) -> None:
    if "service" not in caller.roles:
        raise ServicesOnly(by=caller.by)


def _change(key_id: str, **values: Any) -> Any:
    """A statement for the transaction of the fact."""
    statement = sa.update(TABLE).where(TABLE.c.key_id == key_id).values(**values)
    return lambda connection: connection.execute(statement)
