"""The package, made once for all that look at it."""

from pathlib import Path
from typing import Any

import pytest

from tests.packaged import the_package, the_template


@pytest.fixture(scope="session")
def package() -> Path:
    return the_package()


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    return the_template()
