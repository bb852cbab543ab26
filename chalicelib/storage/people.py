"""People over DynamoDB: the only reader and writer of members, sign-ups, codes and identifiers.

Knows how things are stored and sealed, not what they mean.
"""

from datetime import datetime

from pynamodb.exceptions import UpdateError

from chalicelib.domain.codes import MOST_TRIES, Code
from chalicelib.domain.consents import ConsentRecord
from chalicelib.domain.identifiers import Channel, Identifier, name_of
from chalicelib.domain.members import Member
from chalicelib.domain.names import Namer
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.reach import Reach
from chalicelib.domain.sign_ups import Joined, SignUp
from chalicelib.domain.traits import Traits
from chalicelib.storage import keys
from chalicelib.storage.audiences import kept_reach
from chalicelib.storage.faults import failed_condition, store_errors
from chalicelib.storage.gone import transact_for
from chalicelib.storage.ledger_items import TraitsItem
from chalicelib.storage.members_keys import check_here, seal_of
from chalicelib.storage.people_items import (
    CodeItem,
    ConsentItem,
    IdentifierItem,
    JoinedItem,
    KeyItem,
    PreferencesItem,
    ProfileItem,
    SignUpItem,
    code_item,
    identifier_key,
    key_item,
    milliseconds,
    sign_up_item,
)
from chalicelib.storage.people_writes import ANYWAY, run
from chalicelib.storage.reading import get, newest_of
from chalicelib.storage.sealed_fields import Seal
from chalicelib.storage.tables import PeopleItem
from chalicelib.storage.tombstones import is_buried
from chalicelib.storage.writing import Cancelled, Put, transact
from chalicelib.usecases.ports import KeptPreferences, PeopleWrite, Saved, Vault


class DynamoPeople:
    """The `People` port over the bound tables."""

    def __init__(self, vault: Vault, namer: Namer) -> None:
        self._vault = vault
        self._namer = namer

    # --- reading ---

    def find(self, identifier: Identifier) -> str | None:
        # A card's fingerprint leads to each member who has that card: where there are several, it
        # tells no one of them.
        leads = newest_of(IdentifierItem, identifier_key(self._namer, identifier), limit=2)
        return leads[0].m if len(leads) == 1 else None

    def is_buried(self, identifier: Identifier) -> bool:
        return is_buried(identifier.kind, name_of(self._namer, identifier))

    def member(self, member_id: str) -> Member | None:
        item = get(ProfileItem, keys.member(member_id), keys.PROFILE)
        if item is None:
            check_here(member_id)
            return None
        return item.member(self._seal(member_id))

    def preferences(self, member_id: str) -> KeptPreferences:
        item = get(PreferencesItem, keys.member(member_id), keys.PREFERENCES)
        if item is None:
            return KeptPreferences(Preferences(), version=0)
        return item.kept(self._seal(member_id))

    def last_consent(self, member_id: str) -> ConsentRecord | None:
        return next(iter(self.consents(member_id, None, 1)), None)

    def consents(self, member_id: str, before: int | None, limit: int) -> list[ConsentRecord]:
        start = keys.consent_record(before) if before is not None else keys.CONSENTS_END
        # Below the consents the partition holds codes, which a page's end may meet.
        page = newest_of(PeopleItem, keys.member(member_id), limit=limit, before=start)
        return [item.record() for item in page if isinstance(item, ConsentItem)]

    def reach(self, member_id: str) -> Reach | None:
        return kept_reach(member_id)

    def traits(self, member_id: str) -> Traits | None:
        item = get(TraitsItem, keys.account(member_id), keys.TRAITS)
        return item.traits() if item is not None else None

    def sign_up(self, signup_id: str) -> SignUp | Joined | None:
        item = get(PeopleItem, keys.sign_up(signup_id), keys.ONLY)
        match item:
            case SignUpItem():
                return item.sign_up(self._seal(item.m))
            case JoinedItem():
                return item.joined()
            case _:
                return None

    # --- writing ---

    def save(self, write: PeopleWrite) -> Saved:
        seal, key = self._sealing(write)
        return run(self._namer, write, seal, key)

    def start(self, sign_up: SignUp, code: Code) -> None:
        seal, key = self._new_seal(sign_up.member_id)
        item = sign_up_item(sign_up, seal)
        key.ttl = item.ttl
        try:
            transact([Put(item), Put(key), Put(code_item(code))])
        except Cancelled:
            # The id is random: what stands there is this very sign-up, whose reply was lost.
            return

    def keep_code(self, code: Code) -> None:
        transact_for(code.member_id, [Put(code_item(code), ANYWAY)])

    def try_code(self, member_id: str, channel: Channel, now: datetime) -> Code | None:
        item = CodeItem(keys.member(member_id), keys.code(channel))
        good = (CodeItem.u > milliseconds(now)) & (CodeItem.n < MOST_TRIES)
        try:
            with store_errors():
                item.update([CodeItem.n.add(1)], condition=good)
        except UpdateError as error:
            if failed_condition(error):
                return None
            raise
        return item.code()

    # --- keys ---

    def _seal(self, member_id: str) -> Seal:
        return seal_of(self._vault, member_id)

    def _new_seal(self, member_id: str) -> tuple[Seal, KeyItem]:
        wrapped = self._vault.create_key(member_id)
        return Seal(self._vault, member_id, wrapped), key_item(member_id, wrapped)

    def _sealing(self, write: PeopleWrite) -> tuple[Seal | None, Put | None]:
        """What seals the write, and the key where it is a member's for the first time."""
        if write.member is not None and write.member.version == 1 and write.joined is None:
            seal, key = self._new_seal(write.member_id)
            return seal, Put(key)
        if write.member is None and write.preferences is None:
            return None, None
        seal = self._seal(write.member_id)
        if write.joined is None or write.opened is None:
            return seal, None
        stays = key_item(write.member_id, seal.wrapped_key)  # a sign-up's is purged one day
        return seal, Put(stays, KeyItem.k == seal.wrapped_key)
