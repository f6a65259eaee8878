"""Where tests write.

A house of the tests commits a few hundred times a case, and every commit waits for the disk. What the tests prove they
prove by killing processes, never machines; so where there is plenty of memory, a file system in it serves as well.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108
ENOUGH = 8 * 2**30
"""Free bytes below which tests write where everything else does."""


def choose(memory: Path = MEMORY, enough: int = ENOUGH) -> None:
    """Makes the file system in memory the place of temporary files, unless ``TMPDIR`` says otherwise."""
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < enough:
        return
    os.environ["TMPDIR"] = str(memory)
    tempfile.tempdir = None
