"""The interface, described by the gateway itself."""

import re

import pytest

from contracts.words import titles
from gateway.api.description import parts
from gateway.pages.rendering import coded

from .conftest import Web


def test_both_documents_are_there_for_everybody(web: Web) -> None:
    for name, version in (("openapi", "3.1.0"), ("asyncapi", "3.0.0")):
        answer = web("GET", f"/api/{name}.json", caller=None)

        assert answer.status == 200
        assert answer.json[name] == version
        assert web("GET", f"/api/v1/{name}.json", caller=None, If_None_Match=answer.headers["ETag"]).status == 304


def test_what_the_document_says_is_what_the_page_says(web: Web) -> None:
    document = web("GET", "/api/openapi.json", caller=None).json
    page = web("GET", "/api?lang=en", caller=None)

    assert page.status == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for methods in document["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page.body.decode()


def test_the_page_is_chinese_first_and_shows_code_as_code(web: Web) -> None:
    text = web("GET", "/api?lang=zh", caller=None).body.decode()
    told = re.sub(r"<(pre|script)\b.*?</\1>", "", text, flags=re.DOTALL)

    assert "`" not in told
    assert "命令用 <code>POST</code> 提交" in told
    assert "A command is a <code>POST</code> to the thing" in told
    assert told.index("命令用") < told.index("A command is a")
    assert re.search(r'<h2 id="intake">受理 <code>intake</code></h2>\s*<p lang="en" class="quiet">受理: opening', told)
    assert "所需的服务暂时不可用" in told


def test_the_page_in_english_is_english_alone(web: Web) -> None:
    text = web("GET", "/api?lang=en", caller=None).body.decode()

    assert "命令用" not in text
    assert "A command is a <code>POST</code> to the thing" in text
    assert "所需的服务暂时不可用" not in text


def test_everything_of_the_interface_is_told_in_chinese_and_no_word_is_left_over() -> None:
    wanted = {"whole"}
    for part in parts():
        wanted.add(f"part.{part['name']}")
        for operation in part["operations"]:
            wanted |= {f"status.{each['status']}" for each in operation["answers"]}
            wanted |= {f"place.{each['place']}" for each in operation["parameters"]}
            wanted |= {
                f"parameter.{each['name']}"
                for each in operation["parameters"]
                if each["place"] == "header" and each["name"] not in titles("fields")
            }

    assert wanted == titles("interface").keys(), "see libs/contracts/titles/interface.yaml"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("as it is", "as it is"),
        ("a `b` c ``d`` e", "a <code>b</code> c <code>d</code> e"),
        ("`<b>` & <i>", "<code>&lt;b&gt;</code> &amp; &lt;i&gt;"),
        ("one ` alone", "one ` alone"),
    ],
)
def test_what_stands_between_backticks_is_code_and_nothing_is_raw(text: str, shown: str) -> None:
    assert coded(text) == shown


def test_every_operation_of_the_document_is_answered(web: Web) -> None:
    document = web("GET", "/api/openapi.json", caller=None).json
    for path, methods in document["paths"].items():
        for method in methods:
            answer = web(method.upper(), path.replace("{", "x").replace("}", ""), caller=None)

            assert answer.status != 405, (method, path)
            assert answer.status in {200, 401} or answer.json["code"] != "no-such-resource", (method, path)
