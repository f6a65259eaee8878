"""Stands where intake stands for a service that has readings of personal data recorded."""

from typing import Any

from contracts.language import Command
from contracts.readings import RecordReading


class ReadingBook:
    """Takes down what it is told to record."""

    def __init__(self) -> None:
        self.recorded: list[RecordReading] = []

    def command(self, command: Command, *, id: str = "", **_: Any) -> None:
        """Records a reading."""
        assert isinstance(command, RecordReading)
        self.recorded.append(command)
