"""``onething insight import``: a file's numbers come in, and rows that cannot be read are told."""

import json

import pytest


@pytest.mark.slow
def test_a_file_is_imported_and_its_wrong_rows_are_told(onething, tmp_path):
    file = tmp_path / "numbers.csv"
    file.write_text(
        "kind,begins,ends,value,theme\npopulation,2026-01-01,2026-12-31,1200,CY\nrain,2026-01-01,2026-01-31,1,CY\n"
    )
    words = ("insight", "import", file, "--source", "统计局", "--dated", "2026-01-31", "--data-dir", tmp_path / "data")

    done = onething(*words, "--json")
    again = onething(*words)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["taken"], [row["line"] for row in told["refused"]]) == (1, [3])
    assert again.returncode == 0, again.stderr
    assert "已导入 1 条" in again.stderr


@pytest.mark.slow
def test_what_is_counted_anew_is_what_stands(onething, tmp_path):
    data = ("--data-dir", tmp_path / "data")
    file = tmp_path / "numbers.csv"
    file.write_text("kind,begins,ends,value\npopulation,2026-01-01,2026-12-31,1200\n")
    onething("insight", "import", file, "--source", "s", "--dated", "2026-01-31", *data)

    done = onething("insight", "check", "--json", *data)

    assert done.returncode == 0, done.stderr
    assert all(each["is_equal"] for each in json.loads(done.stdout))

    done = onething("insight", "rebuild", "--json", *data)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["is_equal"]
    assert onething("insight", "check", *data).returncode == 0
