"""What MiniStack's Lambdas lack to start soon: their archive unpacked once, instead of each time.

A package for two dozen functions has thousands of files; each worker of each function would get
copies of its own of all of them. Here they share one folder, which none of them writes to: on AWS
they could not.

A part of `ministack_child.py`: it must not import anything of this project.
"""

import os
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime

_guard = Lock()
_folders: dict[bytes, str] = {}  # an archive's digest -> where it lies unpacked


def install() -> None:
    """Put it in place, for MiniStack's own module of workers alone."""
    ours = {"ZipFile": _UnpackedOnce}
    lambda_runtime.zipfile = SimpleNamespace(**(vars(zipfile) | ours))


class _UnpackedOnce(zipfile.ZipFile):
    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        """Make the empty folder `path` a link to where all of the archive lies."""
        digest = sha256(Path(str(self.filename)).read_bytes()).digest()
        with _guard:
            if digest not in _folders:
                folder = tempfile.mkdtemp(prefix="ministack-code-")
                super().extractall(folder, members, pwd)
                _folders[digest] = folder
        os.rmdir(path)
        os.symlink(_folders[digest], path)
