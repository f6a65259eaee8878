"""An S3 server of its own process on loopback: versitygw where it is installed, else the moto server."""

import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from contents import Contents
from contents.bucket import S3Contents, s3_client
from contents.folder import FolderContents
from testkit.process import LOOPBACK, Process, free_port

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "onething", "AWS_SECRET_ACCESS_KEY": "onething-tests-only"}
HOW_TO_INSTALL = (
    "no S3 server to test against. Type: pip install 'moto[s3]' flask flask-cors"
    "  (or: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0)"
)


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


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of the S3 server."""
    folder, port = tmp_path_factory.mktemp("s3"), free_port()
    argv, env = _server(folder, port)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("NO_PROXY", LOOPBACK, prepend=",")
        for name, value in CREDENTIALS.items():
            environment.setenv(name, value)
        server = Process(argv, log=folder / "log", env=env).start()
        server.wait_until(lambda: _listens(port), timeout=30)
        yield f"http://{LOOPBACK}:{port}"
        server.kill9()


@pytest.fixture(scope="session")
def bucket(s3: str) -> tuple[Any, str]:
    client = s3_client(endpoint=s3, region="us-east-1")
    client.create_bucket(Bucket="onething")
    return client, "onething"


@pytest.fixture(params=["folder", "s3"])
def contents(request: pytest.FixtureRequest, tmp_path: Path) -> Contents:
    """An empty store of each kind."""
    if request.param == "folder":
        return FolderContents(tmp_path / "contents")
    client, name = request.getfixturevalue("bucket")
    return S3Contents(client, name, prefix=f"{tmp_path.name}/")


@pytest.fixture
def damage(contents: Contents) -> Callable[[str, bytes], None]:
    """Puts other bytes where a digest lies, as a failing disk or an intruder would."""

    def overwrite(digest: str, other: bytes) -> None:
        if isinstance(contents, FolderContents):
            next(contents.root.glob(f"??/{digest}")).write_bytes(other)
        elif isinstance(contents, S3Contents):
            contents.client.put_object(Bucket=contents.bucket, Key=contents.prefix + digest, Body=other)

    return overwrite
