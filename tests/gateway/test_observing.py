"""What the gateway's log says of a request: where it belongs, never whose it is."""

from typing import Any

import falcon
import pytest
from falcon.testing import TestClient
from structlog.testing import capture_logs

from contracts.language import Caller
from gateway.observing import Observing

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GIVEN = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


class Cases:
    """A resource that knows who asks."""

    kind = "query"

    def on_get(self, req: falcon.Request, _resp: falcon.Response, case_id: str = "") -> None:
        req.context.caller = Caller(by="zhang", hall="H1" if case_id else "")


@pytest.fixture
def client() -> TestClient:
    app = falcon.App(middleware=[Observing()])
    app.add_route("/cases", Cases())
    app.add_route("/cases/{case_id}", Cases())
    return TestClient(app)


def told(client: TestClient, path: str, **options: Any) -> Any:
    with capture_logs() as lines:
        client.simulate_get(path, **options)
    (line,) = [line for line in lines if line["event"] == "request"]
    return line


def test_names_trace_case_and_hall(client: TestClient) -> None:
    line = told(client, "/cases/case-7", headers=GIVEN)

    assert (line["trace"], line["case"], line["hall"]) == (TRACE, "case-7", "H1")
    assert (line["route"], line["status"]) == ("/cases/{case_id}", 200)
    assert "zhang" not in str(line)


@pytest.mark.parametrize("path", ["/cases", "/nowhere/zhang"])
def test_names_what_there_is_alone(client: TestClient, path: str) -> None:
    line = told(client, path)

    assert not {"trace", "case", "hall"} & line.keys()
    assert "zhang" not in str(line)


def test_names_no_address_from_which_somebody_asks(client: TestClient) -> None:
    line = told(client, "/cases", headers={"X-Forwarded-For": "203.0.113.9"}, remote_addr="198.51.100.7")

    assert "203.0.113.9" not in str(line)
    assert "198.51.100.7" not in str(line)
