"""The seal of a member who is kept: what opens and closes its fields. Must not know the fields."""

from chalicelib.domain.refusals import MemberErased, MemberNotFound
from chalicelib.storage import keys
from chalicelib.storage.gone import GoneItem
from chalicelib.storage.people_items import KeyItem
from chalicelib.storage.reading import get
from chalicelib.storage.sealed_fields import Seal
from chalicelib.usecases.ports import Vault


def seal_of(vault: Vault, member_id: str) -> Seal:
    """The member's own seal. Raises MemberErased where its key was destroyed, MemberNotFound where
    it never had one."""
    item = get(KeyItem, keys.member(member_id), keys.ONLY)
    if item is not None:
        return Seal(vault, member_id, item.k)
    check_here(member_id)
    raise MemberNotFound


def check_here(member_id: str) -> None:
    """Raise MemberErased where somebody has begun to erase a member."""
    if get(GoneItem, keys.member(member_id), keys.GONE) is not None:
        raise MemberErased
