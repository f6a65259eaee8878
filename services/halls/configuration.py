"""What halls is told by its settings, and which streams are this replica's share."""

from collections.abc import Callable
from datetime import timedelta

from eventing.dependency import HostDependency
from eventing.store import segment_of


class Configuration:
    """How long a desk may be silent, how much of what screens show is kept, and what this replica looks after."""

    def __init__(
        self,
        *,
        silence: timedelta = timedelta(seconds=45),
        sample: float = 1.0,
        is_mine: Callable[[str], bool] = lambda stream: True,
    ) -> None:
        self.silence = silence
        self.sample = sample
        self.is_mine = is_mine


class Configured(HostDependency):
    """Gives the service its configuration."""

    def make(self) -> Configuration:
        host = self.host
        return Configuration(
            silence=timedelta(seconds=host.settings.window_silence_seconds),
            sample=host.settings.screen_sample,
            is_mine=lambda stream: segment_of(stream) in host.segments.mine,
        )
