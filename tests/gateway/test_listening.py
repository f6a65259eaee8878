"""A port that cannot be had is told in one sentence, before anybody is answered."""

import os
import socket
import sys
from pathlib import Path

import pytest

from eventing.settings import ConfigurationErrors, Settings
from gateway.edge import Server
from testkit.process import ServiceProcess


@pytest.mark.parametrize(
    ("host", "says"), [("127.0.0.1", "is in use"), ("203.0.113.7", "ONETHING_HTTP_HOST: 203.0.113.7 cannot be")]
)
def test_it_says_what_is_wrong_and_what_to_set(tmp_path: Path, host: str, says: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = Settings.load(
            {
                "ONETHING_DATA_DIR": str(tmp_path),
                "ONETHING_HTTP_HOST": host,
                "ONETHING_HTTP_PORT": str(port),
            }
        )
        with pytest.raises(ConfigurationErrors, match=says):
            Server(settings).listen()


@pytest.mark.timeout(300)
def test_a_house_whose_port_is_taken_ends_with_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(dict.fromkeys(path for path in sys.path if path)),
            "ONETHING_DATA_DIR": str(tmp_path / "data"),
            "ONETHING_HTTP_PORT": port,
        }
        process = ServiceProcess("up", log=tmp_path / "up.log", env=env)
        process.start()
        process.wait_until(lambda: not process.running, timeout=240)

    assert process.returncode == 4
    said = process.output()
    assert f"ONETHING_HTTP_PORT: port {port} of 127.0.0.1 is in use" in said
    assert "配置有误" in said
    assert "Traceback" not in said
