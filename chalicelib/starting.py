"""What the API's function loads when it starts. Knows no routes and builds nothing.

A function that starts has a whole processor for it; on its first request it has the share of its
memory, and somebody waits. But whoever comes first waits for the start, too: so it loads what a
till's purchase goes through and what asks the tables, and leaves the rest, such as the store of
each kind of item, to whoever asks first (docs/decisions/starting.md).
"""

import os
from importlib import import_module


def in_a_function() -> bool:
    """Whether this process is one of AWS Lambda."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def load_tables() -> None:
    """Load what every store asks the tables through: half of what a start loads."""
    import_module("chalicelib.storage.tables")
