"""An outside reader is large, and is only where `tox -e mining` brought it; nothing else collects its tests."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("pm4py") else ["test_pm4py.py"]
