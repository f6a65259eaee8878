"""Tests of eventing run on green threads, as the services do."""

from eventing import green

green.patch()
