"""The service. Whoever loads any of it loads this first."""

import gc

from chalicelib import ahead

ahead.use()
# Loading makes objects that stay: to look for garbage after every 700 is a seventh of a start.
gc.set_threshold(50_000)
