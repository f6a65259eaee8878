"""Tests of eventing run on green threads, as the services do."""

from eventing import green

green.patch()

import uuid

import pytest
from kombu import Connection
from kombu import pools as kombu_pools

from eventing import inproc


@pytest.fixture(scope="module", params=["inproc", pytest.param("rabbitmq", marks=pytest.mark.cluster)])
def broker_uri(request):
    """Every scenario holds in the process and on a real RabbitMQ alike."""
    if request.param == "rabbitmq":
        yield request.getfixturevalue("rabbitmq").uri
    else:
        inproc.install()
        yield "inproc://"
        inproc.reset()
    kombu_pools.reset()


@pytest.fixture
def connect(broker_uri):
    """Opens connections that are closed with the test."""
    opened = []

    def connect(**options):
        connection = Connection(broker_uri, **options)
        opened.append(connection)
        return connection.connect() and connection

    yield connect
    for connection in opened:
        connection.release()


@pytest.fixture
def name():
    """A name that no other test has used: RabbitMQ remembers."""
    return f"test-{uuid.uuid4()}"
