"""What is written down of a fault."""

from typing import Any

import falcon
from falcon import testing
from structlog.testing import capture_logs

from gateway import problems

CODE = "SECRETCODE234567"


class Broken:
    """Answers nothing."""

    def on_get(self, _req: falcon.Request, _resp: falcon.Response, code: str) -> None:
        """A fault of ours."""
        raise ZeroDivisionError


def test_a_fault_is_logged_without_what_stood_in_the_address() -> None:
    app: falcon.App[Any, Any] = falcon.App()
    problems.handle(app)
    app.add_route("/r/{code}", Broken())

    with capture_logs() as logged:
        answer = testing.TestClient(app).simulate_get(f"/r/{CODE}")

    assert answer.status_code == 503
    assert [each["route"] for each in logged if each["log_level"] == "error"] == ["/r/{code}"]
    assert CODE not in str([{**each, "exc_info": ""} for each in logged])
