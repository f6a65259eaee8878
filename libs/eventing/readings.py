"""The record of a reading of personal data, made before the answer is given."""

import uuid
from collections.abc import Sequence
from typing import Any

from contracts.language import Caller
from contracts.readings import Glance, PersonalClass, RecordReading, Thing
from contracts.scopes import SERVICE


def note_reading(
    peers: Any,
    caller: Caller,
    name: str,
    classes: Sequence[PersonalClass],
    *,
    purpose: str,
    what: str = "",
    thing: Thing = "case",
) -> None:
    """Records that somebody reads. The house's own services make documents and messages, and read for nobody.

    Raises what keeps it from being recorded: then nothing is answered.
    """
    if SERVICE in caller.roles:
        return
    glance = Glance(caller.by, caller.org, caller.hall, tuple(classes), purpose, what)
    peers.command(RecordReading(name=name, thing=thing, glance=glance), id=f"reading/{uuid.uuid4()}")
