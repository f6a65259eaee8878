"""A cluster whose issuer nobody has set says what is missing."""

from pathlib import Path
from typing import Any

import falcon
import falcon.testing
import pytest

from eventing.settings import Settings
from gateway.backend import Backend
from gateway.identity import Identity
from gateway.identity.login import SignIn, SignInNotSetUp


def door(tmp_path: Path, **settings: Any) -> SignIn:
    set_so = Settings(profile="cluster", data_dir=str(tmp_path), **settings)
    nobody: Any = None
    backend = Backend(
        client=nobody, settings=set_so, now=nobody, contents=nobody, catalogues=nobody, keyring=nobody, store=nobody,
        signing_keys=lambda _: (b"k" * 32,), address="http://pod:8080",
    )  # fmt: skip
    return SignIn(Identity(backend))


@pytest.mark.parametrize(
    ("settings", "missing"),
    [({}, "OIDC_ISSUERS"), ({"oidc_issuers": ("https://id.example",)}, "ONETHING_PUBLIC_URL")],
)
def test_signing_in_names_the_setting_that_is_missing(tmp_path: Path, settings: dict[str, Any], missing: str) -> None:
    req = falcon.Request(falcon.testing.create_environ("/sign-in"))

    with pytest.raises(SignInNotSetUp) as told:
        door(tmp_path, **settings).on_get(req, falcon.Response())

    assert (told.value.data["setting"], told.value.status) == (missing, 503)


def test_outside_the_embedded_profile_cookies_are_for_tls_alone(tmp_path: Path) -> None:
    assert door(tmp_path).identity.jar.secure
