"""How people lie in DynamoDB. What is personal is sealed field by field; the rest are ids,
numbers, instants and what was consented to.

| class | `t` | attributes |
|---|---|---|
| ProfileItem | M | `v` schema, `n` version, `at` enrolled, `f` sealed fields, `c` verified channels, `l` linked |
| PreferencesItem | P | `v` schema, `n` version, `f` sealed fields |
| ConsentItem | C | `d` what was said, `s` what stands after it, by purpose |
| CodeItem | V | `d` digest, `u` good until (epoch milliseconds), `n` tries, `ttl` |
| IdentifierItem | I | `m` member id |
| SubjectItem | subject | none: its key says which token leads to the member |
| SignUpItem | S | `v` schema, `m` member id, `at` started, `u` good until, `f` sealed fields, `d` consents, `ttl` |
| JoinedItem | J | `m` member id, `u` good until, `ttl` |
| KeyItem (table `keys`) | K | `k` wrapped data key, `ttl` of a sign-up's |
"""  # noqa: E501  # a table reads better unbroken

from datetime import UTC, datetime, timedelta

import msgspec
from pynamodb.attributes import Attribute, BinaryAttribute, BooleanAttribute, UnicodeAttribute
from pynamodb.constants import BINARY, MAP

from chalicelib.domain.codes import Code
from chalicelib.domain.consents import Consent, ConsentRecord
from chalicelib.domain.identifiers import Channel, Identifier, name_of
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.members import Member
from chalicelib.domain.names import Namer
from chalicelib.domain.sign_ups import Joined, SignUp
from chalicelib.storage import keys
from chalicelib.storage.sealed_fields import (
    Seal,
    opened_member,
    opened_preferences,
    sealed_member,
    sealed_preferences,
)
from chalicelib.storage.tables import IntAttribute, KeysItem, PeopleItem
from chalicelib.usecases.ports import KeptPreferences, StoreNewer

SCHEMA = 1

_STAYS = timedelta(days=1)
"""What is dead stays a while before it may be purged: the purge never decides anything."""


class SealedAttribute(Attribute[dict[str, bytes]]):
    """Sealed fields by name. PynamoDB's own map is untyped."""

    attr_type = MAP

    def serialize(self, value: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
        return {name: {BINARY: sealed} for name, sealed in value.items()}

    def deserialize(self, value: dict[str, dict[str, bytes]]) -> dict[str, bytes]:
        return {name: typed[BINARY] for name, typed in value.items()}


class KeyItem(KeysItem, discriminator="K"):
    """ttl: of a sign-up's key alone, which is purged with it unless it becomes a member's."""

    k = BinaryAttribute(legacy_encoding=False)
    ttl = IntAttribute(null=True)


def key_item(member_id: str, wrapped_key: bytes, ttl: int | None = None) -> KeyItem:
    return KeyItem(keys.member(member_id), keys.ONLY, k=wrapped_key, ttl=ttl)


class ProfileItem(PeopleItem, discriminator="M"):
    v = IntAttribute()
    n = IntAttribute()
    at = UnicodeAttribute()
    f = SealedAttribute()
    c = UnicodeAttribute(null=True)
    l = BooleanAttribute(null=True)  # noqa: E741  # the stored name

    def member(self, seal: Seal) -> Member:
        _check_schema(self.v)
        return opened_member(
            self.f,
            seal,
            version=self.n,
            enrolled_at=parsed(self.at),
            verified=frozenset(Channel(channel) for channel in (self.c or "").split()),
            linked=bool(self.l),
        )


def profile_item(member: Member, seal: Seal) -> ProfileItem:
    return ProfileItem(
        keys.member(member.member_id),
        keys.PROFILE,
        v=SCHEMA,
        n=member.version,
        at=printed(member.enrolled_at),
        f=sealed_member(member, seal),
        c=" ".join(sorted(member.verified)) or None,
        l=member.linked or None,
    )


class PreferencesItem(PeopleItem, discriminator="P"):
    v = IntAttribute()
    n = IntAttribute()
    f = SealedAttribute()

    def kept(self, seal: Seal) -> KeptPreferences:
        _check_schema(self.v)
        return KeptPreferences(opened_preferences(self.f, seal), self.n)


def preferences_item(kept: KeptPreferences, seal: Seal) -> PreferencesItem:
    return PreferencesItem(
        keys.member(seal.member_id),
        keys.PREFERENCES,
        v=SCHEMA,
        n=kept.version,
        f=sealed_preferences(kept.preferences, seal),
    )


class ConsentItem(PeopleItem, discriminator="C"):
    d = UnicodeAttribute()
    s = UnicodeAttribute()

    def record(self) -> ConsentRecord:
        return ConsentRecord(
            seq=int(self.sk.removeprefix(keys.CONSENT)),
            said=msgspec.json.decode(self.d, type=Consent),
            standing=msgspec.json.decode(self.s, type=dict[str, Consent]),
        )


def consent_item(member_id: str, record: ConsentRecord) -> ConsentItem:
    return ConsentItem(
        keys.member(member_id),
        keys.consent_record(record.seq),
        d=_json(record.said),
        s=_json(record.standing),
    )


class CodeItem(PeopleItem, discriminator="V"):
    d = UnicodeAttribute()
    u = IntAttribute()
    n = IntAttribute()
    ttl = IntAttribute()

    def code(self) -> Code:
        return Code(
            member_id=self.pk.removeprefix(keys.member("")),
            channel=Channel(self.sk.removeprefix(keys.code(""))),
            digest=self.d,
            good_until=_instant(self.u),
        )


def code_item(code: Code) -> CodeItem:
    return CodeItem(
        keys.member(code.member_id),
        keys.code(code.channel),
        d=code.digest,
        u=milliseconds(code.good_until),
        n=0,
        ttl=_purged_from(code.good_until),
    )


class IdentifierItem(PeopleItem, discriminator="I"):
    m = UnicodeAttribute()


def identifier_item(namer: Namer, identifier: Identifier, member_id: str) -> IdentifierItem:
    """Where an identifier leads; its key tells neither the identifier nor the member."""
    return IdentifierItem(identifier_key(namer, identifier), keys.ONLY, m=member_id)


def identifier_key(namer: Namer, identifier: Identifier) -> str:
    return keys.identifier(identifier.kind, name_of(namer, identifier))


class SubjectItem(PeopleItem, discriminator="subject"):
    pass


def subject_item(namer: Namer, identifier: Identifier, member_id: str) -> SubjectItem:
    """Beside a member, that a token's subject leads to it."""
    return SubjectItem(keys.member(member_id), keys.subject(name_of(namer, identifier)))


class SignUpItem(PeopleItem, discriminator="S"):
    v = IntAttribute()
    m = UnicodeAttribute()
    at = UnicodeAttribute()
    u = IntAttribute()
    f = SealedAttribute()
    p = SealedAttribute(null=True)
    d = UnicodeAttribute()
    ttl = IntAttribute()

    def sign_up(self, seal: Seal) -> SignUp:
        _check_schema(self.v)
        return SignUp(
            signup_id=self.pk.removeprefix(keys.sign_up("")),
            member=opened_member(
                self.f,
                seal,
                version=1,
                enrolled_at=parsed(self.at),
                verified=frozenset(),
                linked=False,
            ),
            consents=msgspec.json.decode(self.d, type=tuple[ConsentRecord, ...]),
            preferences=opened_preferences(self.p, seal) if self.p else None,
            good_until=_instant(self.u),
        )


def sign_up_item(sign_up: SignUp, seal: Seal) -> SignUpItem:
    return SignUpItem(
        keys.sign_up(sign_up.signup_id),
        keys.ONLY,
        v=SCHEMA,
        m=sign_up.member_id,
        at=printed(sign_up.member.enrolled_at),
        u=milliseconds(sign_up.good_until),
        f=sealed_member(sign_up.member, seal),
        p=sealed_preferences(sign_up.preferences, seal) if sign_up.preferences else None,
        d=_json(sign_up.consents),
        ttl=_purged_from(sign_up.good_until),
    )


class JoinedItem(PeopleItem, discriminator="J"):
    m = UnicodeAttribute()
    u = IntAttribute()
    ttl = IntAttribute()

    def joined(self) -> Joined:
        return Joined(self.pk.removeprefix(keys.sign_up("")), self.m, _instant(self.u))


def joined_item(joined: Joined) -> JoinedItem:
    return JoinedItem(
        keys.sign_up(joined.signup_id),
        keys.ONLY,
        m=joined.member_id,
        u=milliseconds(joined.good_until),
        ttl=_purged_from(joined.good_until),
    )


def milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970, for conditions that compare instants."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _instant(since_1970_ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=since_1970_ms)


def _purged_from(dead: datetime) -> int:
    return milliseconds(dead + _STAYS) // 1000


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _check_schema(schema: int) -> None:
    if schema > SCHEMA:
        raise StoreNewer(f"people of schema {schema}, this release knows {SCHEMA}")
