"""The interface, described by the gateway itself."""

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


def test_every_operation_of_the_document_is_answered(web: Web) -> None:
    document = web("GET", "/api/openapi.json", caller=None).json
    for path, methods in document["paths"].items():
        for method in methods:
            answer = web(method.upper(), path.replace("{", "x").replace("}", ""), caller=None)

            assert answer.status != 405, (method, path)
            assert answer.status in {200, 401} or answer.json["code"] != "no-such-resource", (method, path)
