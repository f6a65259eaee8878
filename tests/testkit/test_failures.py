from pathlib import Path

import pytest

from testkit.failures import Running, main

REPORT = """<testsuites><testsuite>
<testcase classname="tests.rules" name="test_well"/>
<testcase classname="tests.rules" name="test_ill"><failure message="no">{lines}</failure></testcase>
<testcase classname="tests.rules" name="test_broken"><error message="no">the last word</error></testcase>
</testsuite></testsuites>"""


def test_the_end_of_every_failure_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = "\n".join(f"line {number}" for number in range(100))
    (tmp_path / "edge.xml").write_text(REPORT.format(lines=lines))

    main(str(tmp_path))

    told = capsys.readouterr().out
    assert "edge: tests.rules::test_ill" in told
    assert "line 99" in told
    assert "line 9\n" not in told
    assert "edge: tests.rules::test_broken\n    the last word" in told
    assert "test_well" not in told


def test_of_a_long_failure_the_places_and_the_assertions_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [
        "    def test_ill():",
        "&gt;       assert rule() == 1",
        "E       assert 2 == 1",
        "",
        "tests/rules.py:7: Error",
    ]
    (tmp_path / "edge.xml").write_text(REPORT.format(lines="\n".join(said)))

    main(str(tmp_path))

    told = capsys.readouterr().out
    assert "    >       assert rule() == 1\n    E       assert 2 == 1\n    tests/rules.py:7: Error" in told
    assert "def test_ill" not in told


def test_nothing_is_told_where_nothing_was_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(str(tmp_path / "never"))

    assert capsys.readouterr().out == ""


def test_a_run_that_ended_in_a_test_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended, whole = Running(str(tmp_path / "edge.xml")), Running(str(tmp_path / "tests.xml"))
    ended.pytest_runtest_logstart("tests/rules.py::test_one")
    ended.pytest_runtest_logstart("tests/rules.py::test_another")
    whole.pytest_runtest_logstart("tests/rules.py::test_well")
    whole.pytest_sessionfinish(None)

    main(str(tmp_path))

    told = capsys.readouterr().out
    assert "edge: tests/rules.py::test_another" in told
    assert "test_one" not in told
    assert "test_well" not in told
