"""Who calls and what each kind of caller may do. Deny by default: a scope is granted here or not.

Knows nothing of tokens, keys or routes.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a route can ask for. A route names the scopes that open it; any one is enough."""

    SELF = "self"  # a member, for its own resources only
    MEMBERS_ENROL = "members:enrol"
    MEMBERS_LOOKUP = "members:lookup"
    MEMBERS_READ = "members:read"  # profiles, masked unless a reason is stated
    RECORDS_READ = "records:read"  # statements, consents and interactions
    ADJUSTMENTS = "adjustments:write"
    INTERACTIONS = "interactions:write"  # for a member; a complaint's state
    PURCHASES = "purchases:write"
    REDEMPTIONS = "redemptions:write"  # for a member who is present
    VOUCHERS = "vouchers:use"
    PROGRAM_READ = "program:read"
    PROGRAM_WRITE = "program:write"
    REWARDS_READ = "rewards:read"
    REWARDS_WRITE = "rewards:write"
    OFFERS_READ = "offers:read"  # all of an offer: its audience, what is left of its budget
    OFFERS_WRITE = "offers:write"  # and launch, pause and approve them
    SEGMENTS = "segments:write"  # and their previews: figures over members, nobody by name
    SURVEYS_READ = "surveys:read"
    SURVEYS_WRITE = "surveys:write"  # and their results
    KEYS = "keys:write"
    AUDIT_READ = "audit:read"
    PRIVACY = "privacy:write"  # what members may ask for by law: who looked, holds, the worklist
    RESTRICTIONS = "restrictions:write"  # that data is kept and not used
    ANALYTICS_READ = "analytics:read"  # sums over all members, no personal data
    RECONCILIATIONS = "reconciliations:write"
    IMPORTS = "imports:write"
    WEBHOOKS = "webhooks:write"  # who is told of events
    HEALTH = "health:read"  # what the service needs, one by one; any API key may ask for it, too
    CONNECTIONS = "connections:write"  # from which platforms and queues purchases come in


CHECKOUT_SCOPES = frozenset(
    {
        Scope.MEMBERS_ENROL,
        Scope.MEMBERS_LOOKUP,
        Scope.PURCHASES,
        Scope.REDEMPTIONS,
        Scope.VOUCHERS,
        Scope.REWARDS_READ,
    }
)
"""Everything an API key can be given; a key may have fewer."""

MEMBER_SCOPES = frozenset({Scope.SELF, Scope.REWARDS_READ, Scope.SURVEYS_READ})

GROUP_SCOPES: dict[str, frozenset[Scope]] = {
    "marketer": frozenset(
        {
            Scope.PROGRAM_READ,
            Scope.PROGRAM_WRITE,
            Scope.REWARDS_READ,
            Scope.REWARDS_WRITE,
            Scope.OFFERS_READ,
            Scope.OFFERS_WRITE,
            Scope.SEGMENTS,
            Scope.SURVEYS_READ,
            Scope.SURVEYS_WRITE,
            Scope.ANALYTICS_READ,
        }
    ),
    "support": frozenset(
        {
            Scope.MEMBERS_READ,
            Scope.MEMBERS_LOOKUP,
            Scope.RECORDS_READ,
            Scope.RESTRICTIONS,
            Scope.ADJUSTMENTS,
            Scope.INTERACTIONS,
            Scope.SURVEYS_READ,
        }
    ),
    "privacy": frozenset(
        {
            Scope.MEMBERS_LOOKUP,  # who asks by letter gives a name, not an id
            Scope.RECORDS_READ,
            Scope.AUDIT_READ,
            Scope.PRIVACY,
            Scope.RESTRICTIONS,
        }
    ),
    "admin": frozenset(
        {
            Scope.KEYS,
            Scope.AUDIT_READ,
            Scope.ANALYTICS_READ,
            Scope.RECONCILIATIONS,
            Scope.IMPORTS,
            Scope.WEBHOOKS,
            Scope.HEALTH,
            Scope.CONNECTIONS,
        }
    ),
}


class CallerKind(StrEnum):
    CHECKOUT = "checkout"
    MEMBER = "member"
    STAFF = "staff"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who has proved who it is.

    source: names the caller in idempotency and purchase keys; stable over key rotation:
      the key's source for a checkout, `member:<member_id>`, `staff:<sub>`.
    member_id: the member a member's token names; None for all others (and for a member's token
      that is not linked yet).
    subject: the token's `sub`, or the key's id.
    signed_in_at: the token's `auth_time`, None without one.
    numeric_ids: whether the source may use ids that look like card numbers.
    """

    kind: CallerKind
    source: str
    scopes: frozenset[Scope]
    subject: str
    member_id: str | None = None
    groups: frozenset[str] = frozenset()
    signed_in_at: datetime | None = None
    numeric_ids: bool = False

    @property
    def role(self) -> str:
        """As what it calls, in words that name nobody of staff and no member."""
        if self.kind is CallerKind.STAFF:
            return ", ".join(sorted(self.groups)) or "staff"
        return self.source if self.kind is CallerKind.CHECKOUT else self.kind.value
