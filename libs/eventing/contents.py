"""The contents store for services that keep documents."""

from typing import Any

import contents
from eventing.dependency import HostDependency


class ContentsStore(HostDependency):
    """Gives a service the store of bytes that the settings name."""

    def make(self) -> Any:
        return contents.open_contents(self.host.settings.contents_url)
