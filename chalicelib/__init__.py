"""The service. Whoever loads any of it loads this first."""

from chalicelib import ahead

ahead.use()
