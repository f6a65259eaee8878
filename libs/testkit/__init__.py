"""What only the tests need; never shipped in the wheel, never imported by a service."""
