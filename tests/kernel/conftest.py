"""Properties of pure functions are judged by their answers, never by how long the machine took."""

from hypothesis import settings

settings.register_profile("untimed", parent=settings(), deadline=None)
settings.load_profile("untimed")
