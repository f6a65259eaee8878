"""Somebody signed in who reads pages and sends their forms."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode

from contracts.intake import FindCases, WithdrawCase
from contracts.language import Caller
from testkit.house import House
from testkit.lists import every

FORM = "application/x-www-form-urlencoded"


class Visitor:
    """Somebody signed in who sends forms."""

    def __init__(self, web: Any, person: str | None) -> None:
        self.web, self.person = web, person

    def get(self, path: str, status: int = 200) -> str:
        """A page."""
        answer = self.web("GET", path, caller=self.person, Accept="text/html")
        assert answer.status == status, answer.body.decode()[-2000:]
        return str(answer.body.decode())

    def hidden(self, page: str) -> dict[str, str]:
        """What makes a form of this page theirs, and sending it again harmless."""
        shown = self.get(page) if page.startswith("/") else page
        return dict(re.findall(r'name="(_csrf|_key)" value="([^"]+)"', shown))

    def send(self, page: str, path: str, status: int = 303, by_script: bool = False, **fields: str | list[str]) -> Any:
        """A form of that page; ``__`` in a field's name is a dot. A script is answered with JSON."""
        pairs = {**self.hidden(page), **{name.replace("__", "."): value for name, value in fields.items()}}
        body = urlencode(pairs, doseq=True).encode()
        kind = {"X_Form": "1", "Accept": "application/json"} if by_script else {"Accept": "text/html"}
        answer = self.web("POST", path, body, caller=self.person, Content_Type=FORM, **kind)
        assert answer.status == status, answer.body.decode()[-3000:]
        return answer

    def errors(self, page: str, path: str, status: int = 422, **fields: str | list[str]) -> dict[str, str]:
        """What the script of the page is told to say beside each field of a refused form."""
        problem = self.send(page, path, status, by_script=True, **fields).json
        return dict((problem.get("data") or {}).get("errors") or {})


def leaves(person: Any, path: str, cursor: str = "") -> Iterator[str]:
    """The pages of a list, one after the other: others fill the lists of a house, too, and what somebody looks for
    need not be on the first. ``cursor``: of which list, where a page has several."""
    while True:
        shown = person.get(path)
        yield shown
        ways = map(unescape, re.findall(r'<a rel="next" href="([^"]+)"', shown))
        onward = next((each for each in ways if re.search(rf"[?&]{cursor or '[a-z]+'}=[^&]*$", each)), "")
        if not onward:
            return
        path = path.partition("?")[0] + onward


def whole(person: Any, path: str) -> str:
    """All pages of a list."""
    return "".join(leaves(person, path))


def free(house: House, identifier: str, theme: str) -> None:
    """Takes back what other tests left open of somebody's under a theme: beside it an application is a duplicate."""
    subject = house.host("gateway").instance.backend.keyring.blind(identifier)
    themselves = house.client(Caller(by="applicant", subject=subject, roles=("applicant",)))
    for each in list(every(house.client(), FindCases(identifier=identifier, theme=theme))):
        if each["status"] != "closed":
            themselves.command(WithdrawCase(case_id=each["case_id"], reason="另有安排", channel="web"))


class Browser:
    """Speaks HTTP as ``web`` does, and keeps the cookies that it is given."""

    def __init__(self, web: Any) -> None:
        self.web = web
        self.cookies: dict[str, str] = {}

    def __call__(self, method: str, path: str, body: Any = None, **named: Any) -> Any:
        if self.cookies:
            named["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.web(method, path, body, **named)
        for each in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = each.partition(";")[0].partition("=")
            if value.strip('"'):
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer
