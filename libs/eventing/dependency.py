"""The base of what a service declares as its dependencies: made once, from the service's host."""

from abc import ABC, abstractmethod
from typing import Any

from nameko.extensions import DependencyProvider


class HostDependency(DependencyProvider, ABC):
    """A dependency that is made once for a service and needs the host: its settings, store or client."""

    _made: Any = None

    host: Any
    """The service's host; there when ``make`` is called."""

    @abstractmethod
    def make(self) -> Any:
        """The object that handlers see."""

    def get_dependency(self, worker_ctx: Any = None) -> Any:
        if self._made is None:
            self.host = next(ext for ext in self.container.dependencies if getattr(ext, "is_host", False))
            self._made = self.make()
        return self._made
