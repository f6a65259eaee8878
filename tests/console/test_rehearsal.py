"""`onething rehearse`: a release does some of its work, and what came of it is reckoned up for machines to read."""

import json
import threading
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

import catalogue
from console import rehearsal
from console.history import Happened
from console.pods import Pods
from console.rehearsal import Plan, Rehearsal
from contracts.intake import CaseClosed
from eventing.errors import Unavailable

ACCOUNT = {"namespace": "hall", "token": "let-me-in", "ca.crt": ""}


def verdict_of(house, plan, **kwargs):
    said = []
    found = Rehearsal(house, catalogue.load("990102"), plan, said.append).verdict(**kwargs)
    assert len(said) >= len(found.checks)
    return found


def amiss(found):
    return {each.check for each in found.checks if not each.passed}


class Volunteers:
    """Pods of which none exists: a name for each kill."""

    def __init__(self):
        self.killed = 0

    def kill(self):
        self.killed += 1
        return f"pod-{self.killed}"


@pytest.fixture(scope="module")
def passed(house):
    """The verdict over a release that works, in which pods were killed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rehearsal, "PAUSE", 0.1)
        return verdict_of(house, Plan(theme="XSE", cases=1, concurrency=1, kills=3, ledger=True), pods=Volunteers())


def test_a_release_that_works_passes(passed):
    assert passed.passed, passed
    assert passed.cases == 1
    assert passed.facts > 50
    assert passed.requests > 10
    assert passed.repeated < passed.requests
    assert {each.check for each in passed.checks} >= {"every case is closed", "no fact is lost or doubled"}


def test_as_many_are_killed_as_was_said_however_few_the_cases(passed):
    assert passed.killed == ("pod-1", "pod-2", "pod-3")


def test_case_files_are_read_once_they_have_followed_everybody(passed):
    checks = [each.check for each in passed.checks]

    assert checks.index("nobody is behind, nothing is parked") < checks.index("every history is as it was written")


def test_who_follows_one_that_was_away_has_to_reach_its_facts_too(house, monkeypatch):
    stands = {"heads": {}, "positions": {}, "parked": 0}
    behind, there = ({**stands, "positions": {"intake/00": position}} for position in (1, 2))
    said = {
        "intake": [{"error": "unavailable"}, {**stands, "heads": {"0": 2}}],
        "casefile": [behind, behind, behind, there],
    }
    house_of_two = type("House", (), {"client": house.client, "names": tuple(said)})()
    monkeypatch.setattr(rehearsal, "LOOK", 0.01)
    monkeypatch.setattr(
        rehearsal,
        "standing",
        lambda _, names: [
            {"service": each, **(said[each].pop(0) if said[each][1:] else said[each][0])} for each in names
        ],
    )

    found = Rehearsal(house_of_two, catalogue.load("990102"), Plan(theme="XSE"), print)._caught_up({})

    assert found == "2 facts in all logs"
    assert said["casefile"] == [there]


def test_a_step_is_done_again_for_as_long_as_its_service_was_away(house, monkeypatch):
    monkeypatch.setattr(rehearsal, "LOOK", 0.01)
    rehearsed = Rehearsal(house, catalogue.load("990102"), Plan(theme="XSE"), print)
    away = [Unavailable(service="casefile")] * 3

    def facts(client, case_id):
        if away:
            raise away.pop()
        return [closed(1)]

    rehearsed._driven = [rehearsal._Driven("0")]
    monkeypatch.setattr(rehearsal, "facts_of", facts)

    assert rehearsed._reckoned() == "1 of the services that decide in each case"


def test_a_fact_that_is_on_its_way_is_not_lost(house, monkeypatch):
    monkeypatch.setattr(rehearsal, "LOOK", 0.01)
    rehearsed = Rehearsal(house, catalogue.load("990102"), Plan(theme="XSE"), print)
    rehearsed._driven = [rehearsal._Driven("0"), rehearsal._Driven("1")]
    looks = iter([[], [closed(1)]])
    monkeypatch.setattr(rehearsal, "facts_of", lambda _, case_id: next(looks) if case_id == "1" else [closed(1)])

    assert rehearsed._reckoned() == "1 of the services that decide in each case"


def test_kills_that_could_not_be_done_are_amiss(house, monkeypatch):
    monkeypatch.setattr(rehearsal, "PAUSE", 0.01)

    class Nobody:
        def kill(self):
            return ""

    found = verdict_of(house, Plan(theme="XSE", cases=0, kills=1), pods=Nobody())
    assert found.passed  # nothing was to be driven, so nothing was to be killed

    assert amiss(verdict_of(house, Plan(theme="XSE", cases=1, kills=1, concurrency=1), pods=Nobody())) == {
        "pods were killed"
    }


def test_who_does_not_answer_is_named(house, monkeypatch):
    monkeypatch.setattr(rehearsal, "PATIENCE", 0.1)
    with_a_stranger = type("House", (), {"client": house.client, "names": ("intake", "gateway")})()

    found = verdict_of(with_a_stranger, Plan(theme="XSE", cases=0))

    assert amiss(found) == {"every service answers", "nobody is behind, nothing is parked"}
    assert "gateway" in found.checks[0].detail
    assert "intake" not in found.checks[0].detail


def test_a_gateway_that_does_not_answer_is_amiss(house, monkeypatch):
    monkeypatch.setattr(rehearsal, "PATIENCE", 0.1)

    assert amiss(verdict_of(house, Plan(theme="XSE", cases=0, gateway="http://127.0.0.1:9"))) == {"the gateway answers"}


def closed(version):
    fact = msgspec.convert({"by": "x", "at": "2026-01-05T00:00:00Z", "case_id": "c", "outcome": "granted"}, CaseClosed)
    return Happened("intake", version, CaseClosed.TOPIC, "case-1", version, fact)


@pytest.mark.parametrize(
    ("histories", "says"),
    [
        ([[closed(1), closed(1)]], "twice"),
        ([[closed(1)], [closed(1), closed(2)]], "more"),
        ([[closed(1)], []], "fewer"),
    ],
)
def test_facts_that_are_doubled_or_lost_are_amiss(house, monkeypatch, histories, says):
    monkeypatch.setattr(rehearsal, "PATIENCE", 0.05)
    monkeypatch.setattr(rehearsal, "LOOK", 0.01)
    rehearsed = Rehearsal(house, catalogue.load("990102"), Plan(theme="XSE"), print)
    rehearsed._driven = [rehearsal._Driven(str(number)) for number in range(len(histories))]
    monkeypatch.setattr(rehearsal, "facts_of", lambda _, case_id: histories[int(case_id)])

    with pytest.raises(rehearsal.Amiss, match=says):
        rehearsed._reckoned()


def test_the_command_ends_with_its_verdict_as_json(typed, house, monkeypatch):
    monkeypatch.setattr("console.house.entered", lambda *_, **__: nullcontext(house))
    done = typed("rehearse", "--cases", 0, "--json", "--data-dir", house.settings.data_dir)

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["passed"] is True


def test_outside_a_cluster_nobody_is_killed(typed):
    done = typed("rehearse", "--kills", 1)

    assert isinstance(done.exception, Unavailable)
    assert done.exception.data["what"] == "kubernetes"


# pods


@contextmanager
def kubernetes(names):
    """What Kubernetes' API says of pods; yields its address and what was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(("GET", self.path, self.headers["Authorization"]))
            self._say(200, {"kind": "PodList", "items": [{"metadata": {"name": name}} for name in names]})

        def do_DELETE(self):
            asked.append(("DELETE", self.path, self.headers["Authorization"]))
            name = self.path.partition("?")[0].rpartition("/")[2]
            self._say(200 if name in names else 404, {"kind": "Status"})
            names[:] = [each for each in names if each != name]

        def _say(self, status, body):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.fixture
def account(tmp_path):
    for name, text in ACCOUNT.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_one_pod_is_killed_at_a_time_until_none_is_left(account):
    names = ["rel-intake-1", "rel-intake-2"]
    with kubernetes(names) as (api, asked):
        pods = Pods("app.kubernetes.io/instance=rel", seed=1, api=api, account=account)
        killed = {pods.kill(), pods.kill()}

        assert killed == {"rel-intake-1", "rel-intake-2"}
        assert not pods.kill()
    assert all(token == "Bearer let-me-in" for *_, token in asked)
    assert asked[0][1] == (
        "/api/v1/namespaces/hall/pods"
        "?labelSelector=app.kubernetes.io%2Finstance%3Drel&fieldSelector=status.phase%3DRunning"
    )
    assert {path.rpartition("?")[2] for verb, path, _ in asked if verb == "DELETE"} == {"gracePeriodSeconds=0"}


def test_the_same_seed_kills_the_same(account):
    def order():
        with kubernetes([f"pod-{number}" for number in range(6)]) as (api, _):
            pods = Pods("", seed=7, api=api, account=account)
            return [pods.kill() for _ in range(6)]

    assert order() == order()


def test_without_an_api_that_is_said(account):
    with pytest.raises(Unavailable):
        Pods("", seed=1, api="http://127.0.0.1:9", account=account).kill()
