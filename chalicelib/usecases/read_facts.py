"""Reads what can be known of members in the active program."""

from chalicelib.domain.facts import Fact, facts_declared
from chalicelib.usecases.ports import Ports


def read_facts(ports: Ports) -> tuple[Fact, ...]:
    """Every fact, in the order in which they are told. Raises Conflict without a program."""
    return tuple(facts_declared(ports.programs.active()).values())
