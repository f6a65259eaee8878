"""A gateway as a process of its own that believes whoever says who they are: for tests of everything behind that."""

import json
import sys
from typing import Any
from urllib.parse import unquote


def believe(_self: Any, req: Any, _resp: Any) -> None:
    """Takes the bearer's word for it."""
    import msgspec

    from contracts.language import Caller
    from gateway.backend import ANYBODY

    said = (req.get_header("Authorization") or "").removeprefix("Bearer ")
    until = req.get_header("Until")
    req.context.until = float(until) if until else None
    req.context.caller = msgspec.convert(json.loads(unquote(said)), Caller) if said else ANYBODY


if __name__ == "__main__":
    from eventing import green

    green.patch()

    from console.__main__ import main
    from gateway.identity import Identity

    Identity.process_request = believe  # type: ignore[method-assign]
    sys.argv[1:] = ["run", "gateway"]
    main()
