"""A store in a bucket of any S3-compatible server."""

import base64
import contextlib
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from contents import ContentMissing, ContentsUnavailable, Stored
from contents.digest import CHUNK, checked, verified

SPOOL = 8 * 1024 * 1024
"""Bytes held in memory until the digest, and with it the key, is known; more go to a temporary file."""

_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})


def s3_client(endpoint: str | None = None, region: str | None = None) -> Any:
    """An S3 client with the credentials of the environment; it gives up on a silent server within seconds."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise ModuleNotFoundError("an S3 store needs boto3: pip install 'onething[s3]'") from error
    config = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 3})
    return boto3.client("s3", endpoint_url=endpoint, region_name=region, config=config)


class S3Contents:
    """Objects keyed by digest; the server checks what arrives against the digest before the object shows."""

    def __init__(self, client: Any, bucket: str, *, prefix: str = "") -> None:
        self.client = client
        self.bucket = bucket
        self.prefix = prefix

    def put(self, chunks: Iterable[bytes]) -> Stored:
        """Store the bytes as one object, which appears whole or not at all."""
        digest, size = hashlib.sha256(), 0
        with tempfile.SpooledTemporaryFile(max_size=SPOOL) as spool:
            for chunk in chunks:
                spool.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            spool.seek(0)
            with _answers():
                self.client.put_object(
                    Bucket=self.bucket,
                    Key=self._key(digest.hexdigest()),
                    Body=spool,
                    ContentLength=size,
                    ContentType="application/octet-stream",
                    ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
                )
        return Stored(digest.hexdigest(), size)

    def open(self, digest: str) -> Iterator[bytes]:
        """The bytes in chunks, checked against the digest."""
        with _answers(digest):
            body = self.client.get_object(Bucket=self.bucket, Key=self._key(digest))["Body"]
        return verified(_chunks(body), digest)

    def has(self, digest: str) -> bool:
        """Whether something is stored under the digest."""
        try:
            with _answers(digest):
                self.client.head_object(Bucket=self.bucket, Key=self._key(digest))
        except ContentMissing:
            return False
        return True

    def delete(self, digest: str) -> None:
        """Remove an orphan."""
        with _answers():
            self.client.delete_object(Bucket=self.bucket, Key=self._key(digest))

    def list(self) -> Iterator[str]:
        """The digests of everything stored."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        with _answers():
            for page in pages:
                yield from (entry["Key"].removeprefix(self.prefix) for entry in page.get("Contents", ()))

    def _key(self, digest: str) -> str:
        return self.prefix + checked(digest)


def _chunks(body: Any) -> Iterator[bytes]:
    with contextlib.closing(body), _answers():
        yield from body.iter_chunks(CHUNK)


@contextlib.contextmanager
def _answers(digest: str = "") -> Iterator[None]:
    """Say in the store's own words what the server answered: missing, or unavailable."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        if digest and error.response["Error"]["Code"] in _ABSENT:
            raise ContentMissing(digest) from None
        raise ContentsUnavailable(str(error)) from error
    except BotoCoreError as error:
        raise ContentsUnavailable(str(error)) from error
