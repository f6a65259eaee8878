"""An S3 server of its own process on loopback: versitygw where it is installed, else the moto server."""

import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from testkit.process import LOOPBACK, Process, free_port

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "onething", "AWS_SECRET_ACCESS_KEY": "onething-tests-only"}
HOW_TO_INSTALL = (
    "no S3 server to test against. Type: pip install 'moto[s3]' flask flask-cors"
    "  (or: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0)"
)


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """The endpoint of a server, whose credentials are in the environment as long as it runs."""
    port = free_port()
    argv, env = _server(folder, port)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("NO_PROXY", LOOPBACK, prepend=",")
        for name, value in CREDENTIALS.items():
            environment.setenv(name, value)
        server = Process(argv, log=folder / "log", env=env).start()
        try:
            server.wait_until(lambda: _listens(port), timeout=120)
            yield f"http://{LOOPBACK}:{port}"
        finally:
            server.kill9()


def _server(folder: Path, port: int) -> tuple[list[str], dict[str, str]]:
    if gateway := shutil.which("versitygw"):
        (folder / "buckets").mkdir()
        (folder / "metadata").mkdir()
        root = {
            "ROOT_ACCESS_KEY": CREDENTIALS["AWS_ACCESS_KEY_ID"],
            "ROOT_SECRET_KEY": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        }
        address, sidecar = f"{LOOPBACK}:{port}", str(folder / "metadata")
        return [gateway, "--port", address, "posix", "--sidecar", sidecar, str(folder / "buckets")], root
    if find_spec("moto") and find_spec("flask_cors"):
        return [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(port)], {}
    pytest.fail(HOW_TO_INSTALL)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
