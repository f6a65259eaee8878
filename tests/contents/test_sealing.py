"""What is sealed opens only with its key, in its context, whole, and in its order."""

import base64
import random
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from contents.sealing import HEADER, SEGMENT, TAG, SealBroken, sealed, unsealed

KEY = bytes(range(32))
CONTEXT = "一件事/材料"
FIRST = SEGMENT - HEADER - TAG
LATER = SEGMENT - TAG

# Made by Tink 1.16 (AES256_GCM_HKDF, SHA-256, 64 KiB segments, no output prefix) from this key and context.
TINK = [
    (b"", "KEORAYzZTUvs5M/hxefZGnGDj0ZjzYWdWmADW2m9z5GrI15p8A+DE/FlDlykRQh5VnFLWbCMInQ="),
    (
        bytes(range(15)),
        "KPyJUoCKfjff07x+7utao60FJXYEswQT3H2DvJI+0S3M0k+rvMZAAo0duPu+6J6sChLBW7XDpcvFkaWgaGSX6eT9toehw2w=",
    ),
]


def plain(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def cut(whole: bytes, size: int) -> Iterator[bytes]:
    return (whole[at : at + size] for at in range(0, len(whole), size))


def seal(whole: bytes, context: str = CONTEXT) -> bytes:
    return b"".join(sealed([whole], KEY, context))


def unseal(whole: bytes, key: bytes = KEY, context: str = CONTEXT) -> bytes:
    return b"".join(unsealed([whole], key, context))


def frames(box: bytes) -> list[bytes]:
    """Header and frames of a box, as the format has them."""
    return [box[:HEADER], box[HEADER:SEGMENT], *cut(box[SEGMENT:], SEGMENT)]


@pytest.mark.parametrize("size", [0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + LATER, FIRST + LATER + 1, 300_000])
@pytest.mark.parametrize("piece", [1_000, 70_000, 1_000_000])
def test_what_was_sealed_opens(size: int, piece: int):
    box = b"".join(sealed(cut(plain(size), piece), KEY, CONTEXT))

    assert b"".join(unsealed(cut(box, piece + 1), KEY, CONTEXT)) == plain(size)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=50), max_size=20), st.integers(1, 60))
def test_how_the_bytes_were_cut_makes_no_difference(chunks: list[bytes], piece: int):
    box = b"".join(sealed(chunks, KEY, CONTEXT))

    assert b"".join(unsealed(cut(box, piece), KEY, CONTEXT)) == b"".join(chunks)


@pytest.mark.parametrize(("content", "box"), TINK)
def test_what_tink_sealed_opens_here(content: bytes, box: str):
    assert unseal(base64.b64decode(box)) == content


@pytest.mark.parametrize("size", [0, FIRST, FIRST + 1, FIRST + LATER + 5])
def test_frames_open_by_the_letter_of_the_format(size: int):
    header, *sealed_frames = frames(seal(plain(size)))
    derived = HKDF(algorithm=SHA256(), length=32, salt=header[1:33], info=CONTEXT.encode()).derive(KEY)

    opened = b""
    for number, frame in enumerate(sealed_frames):
        last = b"\x01" if number == len(sealed_frames) - 1 else b"\x00"
        opened += AESGCM(derived).decrypt(header[33:40] + number.to_bytes(4, "big") + last, frame, b"")
    assert header[0] == len(header)
    assert opened == plain(size)


def test_the_same_bytes_never_look_the_same():
    assert seal(b"same") != seal(b"same")


@pytest.mark.parametrize("size", [0, 10, FIRST, FIRST + LATER, 200_000])
def test_a_stream_that_is_cut_off_anywhere_does_not_open(size: int):
    box = seal(plain(size))
    borders = {sum(map(len, frames(box)[:count])) for count in range(len(frames(box)))}

    for end in sorted(borders | {1, HEADER - 1, HEADER + 1, HEADER + TAG - 1, len(box) // 2, len(box) - 1}):
        with pytest.raises(SealBroken):
            unseal(box[:end])


def test_frames_in_another_order_do_not_open():
    header, first, second, third, last = frames(seal(plain(FIRST + 2 * LATER + 9)))

    swapped, left_out, doubled = [first, third, second], [first, second], [first, first, second, third]
    for shuffled in (swapped, left_out, doubled, []):
        with pytest.raises(SealBroken):
            unseal(header + b"".join(shuffled) + last)


def test_a_frame_of_another_stream_does_not_open():
    ours, theirs = (frames(seal(plain(FIRST + LATER + 9))) for _ in range(2))

    for place in range(len(ours)):
        with pytest.raises(SealBroken):
            unseal(b"".join([*ours[:place], theirs[place], *ours[place + 1 :]]))


def test_what_follows_the_end_does_not_open():
    for more in (b"\0", seal(b"another"), bytes(SEGMENT)):
        with pytest.raises(SealBroken):
            unseal(seal(b"one") + more)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_changed_bit_goes_unseen(data: st.DataObject):
    box = bytearray(seal(b"register extract, page 1"))
    bit = data.draw(st.integers(0, len(box) * 8 - 1))
    box[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SealBroken):
        unseal(bytes(box))


def test_another_key_or_another_context_does_not_open():
    box = seal(b"for case one", context="case-1/lease")

    assert unseal(box, context="case-1/lease") == b"for case one"
    for key, context in ((KEY, "case-2/lease"), (KEY, ""), (bytes(32), "case-1/lease")):
        with pytest.raises(SealBroken):
            unseal(box, key, context)


@pytest.mark.parametrize("key", [b"", bytes(16), bytes(33)])
def test_a_key_of_another_length_is_refused(key: bytes):
    with pytest.raises(ValueError, match="32"):
        b"".join(sealed([b""], key, CONTEXT))
    with pytest.raises(ValueError, match="32"):
        b"".join(unsealed([seal(b"")], key, CONTEXT))
