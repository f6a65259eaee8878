"""A store gives back what it was given, whole and unchanged, or says that it cannot."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contents import ContentCorrupt, ContentMissing, Contents, ContentsUnavailable, Stored, open_contents
from contents.bucket import SPOOL, S3Contents, s3_client
from contents.folder import FolderContents
from testkit.process import LOOPBACK, free_port

SCAN = [b"%PDF-1.7 ", b"", "营业执照".encode(), b"x" * 200_000]
WHOLE = b"".join(SCAN)
DIGEST = hashlib.sha256(WHOLE).hexdigest()
ABSENT = hashlib.sha256(b"never stored").hexdigest()


def test_what_was_put_is_found_under_its_digest(contents: Contents):
    assert contents.put(SCAN) == Stored(DIGEST, len(WHOLE))

    assert contents.has(DIGEST)
    assert b"".join(contents.open(DIGEST)) == WHOLE


def test_the_same_bytes_are_stored_once(contents: Contents):
    contents.put(SCAN)
    contents.put([WHOLE])

    assert list(contents.list()) == [DIGEST]


def test_nothing_at_all_can_be_stored(contents: Contents):
    stored = contents.put([])

    assert stored == Stored(hashlib.sha256().hexdigest(), 0)
    assert list(contents.open(stored.digest)) == []


def test_more_than_fits_in_memory_comes_back_in_chunks(contents: Contents):
    frame = bytes(range(256)) * 256
    frames = SPOOL // len(frame) + 2
    stored = contents.put(frame for _ in range(frames))

    assert stored.size == frames * len(frame) > SPOOL
    digest, largest = hashlib.sha256(), 0
    for chunk in contents.open(stored.digest):
        digest.update(chunk)
        largest = max(largest, len(chunk))
    assert digest.hexdigest() == stored.digest
    assert largest <= 1024 * 1024


def test_what_was_never_stored_is_missing(contents: Contents):
    assert not contents.has(ABSENT)
    with pytest.raises(ContentMissing):
        contents.open(ABSENT)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", DIGEST.upper(), DIGEST[:-1], DIGEST + "\n"])
def test_only_a_digest_is_ever_looked_up(contents: Contents, digest: str):
    contents.put(SCAN)

    for look in (contents.has, contents.open, contents.delete):
        with pytest.raises(ValueError, match="SHA-256"):
            look(digest)


def test_an_orphan_can_be_deleted_and_deleting_it_again_is_no_news(contents: Contents):
    contents.put(SCAN)
    contents.put([b"kept"])

    contents.delete(DIGEST)
    contents.delete(DIGEST)

    assert not contents.has(DIGEST)
    assert list(contents.list()) == [hashlib.sha256(b"kept").hexdigest()]


@pytest.mark.parametrize("other", [WHOLE[:-1] + b"y", WHOLE[:1000], b"", WHOLE + b"x"])
def test_bytes_that_changed_on_the_disk_are_never_given_out_whole(
    contents: Contents, damage: Callable[[str, bytes], None], other: bytes
):
    contents.put(SCAN)
    damage(DIGEST, other)

    given = []
    with pytest.raises(ContentCorrupt):
        given.extend(contents.open(DIGEST))
    assert sum(map(len, given)) < max(len(other), 1)


def test_an_upload_that_breaks_off_leaves_nothing(contents: Contents):
    def broken() -> Iterator[bytes]:
        yield WHOLE
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        contents.put(broken())

    assert list(contents.list()) == []


def test_a_folder_shows_nothing_before_all_of_it_is_there(tmp_path: Path):
    store = FolderContents(tmp_path)
    seen = []

    def watched() -> Iterator[bytes]:
        for chunk in SCAN:
            yield chunk
            seen.extend(store.list())

    store.put(watched())

    assert seen == []
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [DIGEST]


def test_a_folder_that_is_opened_again_has_everything(tmp_path: Path):
    open_contents(tmp_path.as_uri()).put(SCAN)

    assert b"".join(open_contents(tmp_path.as_uri()).open(DIGEST)) == WHOLE


def test_files_of_a_folder_are_for_their_owner_alone(tmp_path: Path):
    store = FolderContents(tmp_path / "contents")
    store.put(SCAN)

    assert {path.stat().st_mode & 0o077 for path in store.root.rglob("*")} == {0}


def test_a_bucket_lists_more_than_one_page(s3: str, bucket: tuple, tmp_path: Path):
    client = s3_client(endpoint=s3, region="us-east-1")
    pages = []

    def two_keys_a_page(params: dict, **_: object) -> None:
        pages.append(params)
        params["MaxKeys"] = 2

    client.meta.events.register("provide-client-params.s3.ListObjectsV2", two_keys_a_page)
    store = S3Contents(client, bucket[1], prefix=f"{tmp_path.name}/")
    digests = {store.put([str(number).encode()]).digest for number in range(7)}

    assert sorted(store.list()) == sorted(digests)
    assert len(pages) == 4


def test_a_bucket_is_opened_by_its_address(s3: str, bucket: tuple):
    store = open_contents(f"s3://{bucket[1]}/opened/?endpoint={s3}&region=us-east-1")

    store.put(SCAN)

    assert list(store.list()) == [DIGEST]
    assert bucket[0].head_object(Bucket=bucket[1], Key=f"opened/{DIGEST}")["ContentLength"] == len(WHOLE)


def test_a_store_that_does_not_answer_is_unavailable(s3: str):
    nobody = s3_client(endpoint=f"http://{LOOPBACK}:{free_port()}", region="us-east-1")
    no_bucket = s3_client(endpoint=s3, region="us-east-1")

    for store in (S3Contents(nobody, "onething"), S3Contents(no_bucket, "no-such-bucket")):
        with pytest.raises(ContentsUnavailable):
            store.put(SCAN)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "folder",
        "/folder",
        "file:relative",
        "file://host/folder",
        "s3://",
        "s3://b?secret=x",
        "ftp://host/x",
    ],
)
def test_an_address_of_no_store_is_refused(url: str):
    with pytest.raises(ValueError, match="contents store"):
        open_contents(url)
