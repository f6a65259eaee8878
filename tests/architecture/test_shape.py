"""Every service is built alike, and what the other checks are told about the house is the whole house."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = {"domain", "policies", "projections", "service"}

# Layers that a service may do without, and why it can.
WITHOUT = {
    "casefile": {
        "domain": "it decides nothing: it remembers",
        "policies": "it never answers a fact with a command",
    },
    "gateway": {
        "domain": "it lets people and programs in; what it decides about webhooks stands in a package of its own",
        "policies": "it never answers a fact with a command",
        "projections": "what it shows it asks for; the rows of webhooks stand beside them",
    },
    "insight": {"policies": "it counts; it never answers a fact with a command"},
    "outreach": {"policies": "people ask and rate; what happened in cases it only remembers"},
    "vault": {
        "projections": "nothing of a key may stand anywhere else",
    },
}


def packages(root: str) -> set[str]:
    return {folder.name for folder in (ROOT / root).iterdir() if any(folder.glob("**/*.py"))}


SERVICES = sorted(packages("services"))
LIBRARIES = sorted(packages("libs"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize("service", SERVICES)
class TestAService:
    def test_begins_with_a_paragraph_on_what_it_decides(self, service: str) -> None:
        module = ast.parse((ROOT / "services" / service / "__init__.py").read_text())

        assert ast.get_docstring(module)

    def test_has_the_layers_of_a_service_or_a_reason_to_do_without(self, service: str) -> None:
        folder = ROOT / "services" / service
        there = {
            layer for layer in LAYERS if (folder / f"{layer}.py").exists() or (folder / layer / "__init__.py").exists()
        }

        assert LAYERS - there <= WITHOUT.get(service, {}).keys()


def test_no_excuse_is_kept_for_a_service_that_is_gone() -> None:
    assert WITHOUT.keys() <= set(SERVICES)


def test_the_import_contracts_cover_every_package() -> None:
    contracts = PROJECT["tool"]["importlinter"]

    assert sorted(contracts["root_packages"]) == sorted(SERVICES + LIBRARIES)
    independent = next(contract for contract in contracts["contracts"] if contract["type"] == "independence")
    assert independent["modules"] == SERVICES


def test_names_are_said_once() -> None:
    assert not set(SERVICES) & set(LIBRARIES)
