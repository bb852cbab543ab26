"""What a function loads when it starts. Knows no routes and builds nothing.

A function that starts has a whole processor for it, and nobody waits yet who could have come to
another; on its first request it has the share of its memory, and somebody waits.
"""

import os
from importlib import import_module
from pkgutil import iter_modules


def in_a_function() -> bool:
    """Whether this process is one of AWS Lambda."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def load_stores() -> None:
    """Load all that reads and writes the tables: a partition holds items of several stores, and
    every request asks some of them."""
    from chalicelib import storage

    for file in iter_modules(storage.__path__):
        import_module(f"{storage.__name__}.{file.name}")
