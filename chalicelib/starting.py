"""What the API's function loads when it starts. Knows no routes and builds nothing.

A function that starts has a whole processor for it; on its first request it has the share of its
memory, and somebody waits. But whoever comes first waits for the start, too: so what a till's
purchase goes through is loaded, and nothing else.
"""

import os
from importlib import import_module

_OF_A_PURCHASE = ("api_keys", "ledger", "offers", "people", "programs", "rewards", "tables")


def in_a_function() -> bool:
    """Whether this process is one of AWS Lambda."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def load_stores() -> None:
    """Load what a purchase is read and written by."""
    for name in _OF_A_PURCHASE:
        import_module(f"chalicelib.storage.{name}")
