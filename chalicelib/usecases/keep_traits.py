"""Keeps the pseudonymous facts beside an account in step with the profile they come from."""

from dataclasses import replace
from datetime import date

from chalicelib.domain.consents import ConsentRecord, granted_purposes
from chalicelib.domain.members import Person
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.program import Program
from chalicelib.domain.traits import Traits
from chalicelib.usecases.ports import TraitsChange


def first_traits(
    person: Person, preferences: Preferences | None, last: ConsentRecord, program: Program
) -> TraitsChange:
    """The facts of a new member."""
    traits = replace(
        of_person(Traits(), person),
        interests=preferences.categories if preferences else (),
        purposes=granted_purposes(last, program.purposes),
    )
    return TraitsChange(before=None, after=traits)


def of_person(traits: Traits, person: Person) -> Traits:
    """The traits with what a profile tells of them."""
    address, born = person.postal_address, person.birth_date
    return replace(traits, country=address.country if address else None, birth_month=_month(born))


def changed_traits(before: Traits | None, after: Traits) -> TraitsChange | None:
    """What has to be written; None when nothing has."""
    return None if after == (before or Traits()) else TraitsChange(before, after)


def _month(born: date | None) -> int | None:
    return born.month if born else None
