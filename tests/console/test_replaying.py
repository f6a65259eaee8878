"""Everything that was recorded is folded in two interpreters; where they differ, the first fact is named."""

import shutil
import sys
import sysconfig
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from approval.domain import Bundle
from console import folding
from console.folding import Finish, Folding
from console.output import Exit
from console.replaying import (
    Difference,
    EnvironmentUnusable,
    Interpreter,
    Progress,
    begun,
    check,
    first_of,
    python_of,
    release,
    replay_segment,
)
from console.services import SERVICES, service
from eventing.mapper import decode
from eventing.prepare import prepare
from eventing.snapshots import shape_of, take
from eventing.store import NewEvent, Save, Store

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "streams" / "0.2.0"


@pytest.fixture(scope="module")
def urls(tmp_path_factory):
    """Databases of services that hold the golden histories of three themes."""
    directory = tmp_path_factory.mktemp("stores")
    found = {name: f"sqlite:///{directory / name}.db" for name in SERVICES}
    for name, url in found.items():
        store = Store(name, url)
        prepare(service(name), store)
        store.close()
    for story in ("tx-granted", "cy-tolerant", "xse-revoked"):
        facts = msgspec.json.decode((GOLDEN / f"{story}.json").read_bytes())["facts"]
        for name in {fact["service"] for fact in facts}:
            store = Store(name, found[name])
            events = [msgspec.convert(fact, NewEvent) for fact in facts if fact["service"] == name]
            store.save(Save(events=events))
            store.close()
    return found


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "kept.json"


class Here:
    """Folds in this process."""

    def __init__(self):
        self.tell = self.ask = Folding().answer


@contextmanager
def here(_):
    yield Here(), Here()


@pytest.fixture(scope="module")
def altered(tmp_path_factory):
    """An environment with another release: in it a review that was granted is denied."""
    root = tmp_path_factory.mktemp("other")
    for name in ("libs", "services"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("testkit"))
    changed = root / "services" / "approval" / "domain" / "deciding.py"
    text = changed.read_text(encoding="utf-8")
    assert "else Status.GRANTED," in text
    changed.write_text(text.replace("else Status.GRANTED", "else Status.DENIED"), encoding="utf-8")
    environment = root / "env"
    site = environment / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    site.mkdir(parents=True)
    (environment / "bin").mkdir()
    (environment / "bin" / "python").symlink_to(sys._base_executable)
    (environment / "pyvenv.cfg").write_text(f"home = {Path(sys._base_executable).parent}\n", encoding="utf-8")
    (site / "onething.pth").write_text(
        "\n".join([str(root / "libs"), str(root / "services"), sysconfig.get_path("purelib")]), encoding="utf-8"
    )
    return environment


@pytest.fixture(scope="module")
def whole(urls, tmp_path_factory):
    """All of it, checked; and how that was told."""
    said = []
    kept = tmp_path_factory.mktemp("whole") / "kept.json"
    found = check(urls.__getitem__, kept=kept, jobs=1, say=lambda *step: said.append(step[:2]))
    assert not kept.exists()
    return found, said


def test_all_that_was_recorded_replays_to_the_same_twice(whole):
    found, said = whole

    assert first_of(found) is None
    assert sum(each.facts for each in found) > 100
    assert {each.service for each in found} >= {"intake", "routing", "approval", "certificate", "vault"}
    assert said == [(n, len(found)) for n in range(1, len(found) + 1)]


def test_another_release_that_decides_otherwise_is_found_out_at_its_first_fact(urls, kept, altered):
    found = check(urls.__getitem__, kept=kept, against=python_of(altered), jobs=1)

    first = first_of(found)
    assert isinstance(first, Difference)
    assert (first.service, first.topic) == ("approval", "onething.review.granted.v1")
    assert {each.service for checked in found for each in checked.differences} == {"approval"}
    store = Store("approval", urls["approval"])
    granted = [fact for fact in store.stream(first.stream) if fact.topic == first.topic]
    store.close()
    assert (first.position, first.version) == (granted[0].position, granted[0].version)
    assert first.here != first.there


def test_a_check_that_was_interrupted_goes_on_where_it_was(urls, kept, whole):
    kept.write_bytes(msgspec.json.encode(Progress("", release(), whole[0][3:])))
    said = []

    again = check(urls.__getitem__, kept=kept, resume=True, folds=here, say=lambda *step: said.append(step[2]))

    assert again == whole[0]
    assert said == whole[0][:3]


def test_a_check_of_something_else_is_not_gone_on_with(kept, whole):
    kept.write_bytes(msgspec.json.encode(Progress("elsewhere", release(), whole[0])))

    assert begun(kept, "elsewhere").done == whole[0]
    assert begun(kept, "").done == []


def test_a_snapshot_that_is_not_what_its_facts_say_is_found_out(urls):
    store = Store("approval", urls["approval"])
    segment, upto = next(head for head in store.heads().items() if head[1])
    stream = store.read_log(segment, 0, 1)[0].stream
    bundle = Bundle.replay(stream, [decode(fact.topic, fact.state) for fact in store.stream(stream)[:3]])

    def snapshot():
        store.save(Save(snapshots=[(stream, "Bundle", 3, shape_of(Bundle), take(bundle))]))
        return replay_segment(store, segment, upto, Here(), Here()).differences

    sound = snapshot()
    bundle.hall = "elsewhere"
    (wrong,) = snapshot()
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM snapshots")
    store.close()

    assert sound == ()
    assert (wrong.live, wrong.stream, wrong.version) == (True, stream, 3)


def test_an_environment_without_onething_is_refused(tmp_path):
    with pytest.raises(EnvironmentUnusable):
        python_of(tmp_path)
    python = Interpreter([sys.executable, "-I", "-S", folding.__file__], {})
    with pytest.raises(EnvironmentUnusable):
        python.ask(Finish())
    python.close()


@pytest.mark.parametrize("wrong", [("replay",), ("replay", "x", "--check"), ("replay", "x", "--against", ".")])
def test_a_case_or_everything(typed, wrong):
    assert typed(*wrong).exit_code == Exit.USAGE
