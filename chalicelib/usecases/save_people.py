"""Writes a change of a member and finds out what became of it, whatever happens on the way."""

from chalicelib.usecases.ports import PeopleWrite, Ports, Saved, StoreUnavailable
from chalicelib.usecases.settle import Waiting


def save_people(ports: Ports, write: PeopleWrite) -> Saved:
    """What became of a write. A write whose reply was lost is written again; that it then meets
    itself is no conflict. Raises TryAgain after 3 seconds."""
    waiting = Waiting(ports.patience)
    unsure = False
    while True:
        try:
            saved = ports.people.save(write)
            landed = saved == "saved" or (unsure and _stands(ports, write))
            return "saved" if landed else saved
        except StoreUnavailable:
            unsure = True
        waiting.once_more()


def _stands(ports: Ports, write: PeopleWrite) -> bool:
    """Whether the newest state of the member is what this write makes it."""
    people, member_id = ports.people, write.member_id
    if write.member is not None:
        return people.member(member_id) == write.member
    if write.preferences is not None:
        return people.preferences(member_id) == write.preferences
    return bool(write.consents) and people.last_consent(member_id) == write.consents[-1]
