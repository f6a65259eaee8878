import os
import tempfile
from pathlib import Path

import pytest

from testkit.room import choose


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert tmp_path.exists(), "the place of this run is chosen before any is tried here"
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(os, "environ", os.environ.copy())


def test_memory_is_taken_where_there_is_enough(tmp_path: Path) -> None:
    choose(tmp_path, enough=1)

    assert os.environ["TMPDIR"] == str(tmp_path)


def test_it_is_left_alone_where_there_is_little_or_none(tmp_path: Path) -> None:
    choose(tmp_path, enough=2**62)
    choose(tmp_path / "never", enough=1)

    assert "TMPDIR" not in os.environ


def test_who_names_a_place_gets_it(tmp_path: Path) -> None:
    os.environ["TMPDIR"] = "elsewhere"

    choose(tmp_path, enough=1)

    assert os.environ["TMPDIR"] == "elsewhere"
