"""A store of each kind, and ways to spoil what it holds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contents import Contents
from contents.bucket import S3Contents, s3_client
from contents.folder import FolderContents


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
