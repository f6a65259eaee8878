"""The table of services: it names what is there, and nothing is left out."""

from pathlib import Path

import pytest

from console.services import SERVICES, service

FOLDERS = {each.name for each in (Path(__file__).parents[2] / "services").iterdir() if (each / "service.py").exists()}


def test_every_service_is_in_the_table():
    assert SERVICES.keys() == FOLDERS


@pytest.mark.parametrize("name", SERVICES)
def test_a_class_bears_the_name_under_which_it_is_listed(name):
    assert service(name).name == name
