"""Services run on green threads."""

from eventing import green

green.patch()
