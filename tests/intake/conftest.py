"""The service's tests run on green threads, as the service does."""

from eventing import green

green.patch()
