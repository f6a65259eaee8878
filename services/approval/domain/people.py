"""Who counts as one of two people."""


def is_person(by: str) -> bool:
    """Whether somebody answers for the act, and not the house or one of its services."""
    return by not in {"", "system"} and not by.startswith("service:")
