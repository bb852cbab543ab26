"""How fresh what is known of a member is, as it lies in DynamoDB: one item beside the profile.

| attribute | what |
|---|---|
| `n`, `by` | version of what the worker wrote, and which run wrote it |
| `q`, `w`, `o` | when the member was asked, warned of its removal, told of what came back |
| `s` | the day of its account's last purchase or redemption, as the worker saw it |
| `a`, `c` | when it last changed anything, when it confirmed its details |
| `be`, `bp` | when the message was sent that came back from its e-mail address, its phone |
| `he`, `hp` | when its e-mail address, its phone was proved last |

Changed in place, attribute by attribute: whoever changes a member writes some, the worker others.
"""

from datetime import date, datetime

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.update import Action

from chalicelib.domain.freshness import Freshness, FreshnessChange
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.instants import parsed, printed
from chalicelib.storage import keys
from chalicelib.storage.tables import IntAttribute, PeopleItem
from chalicelib.storage.writing import Update


class FreshnessItem(PeopleItem, discriminator="F"):
    n = IntAttribute(null=True)
    by = UnicodeAttribute(null=True)
    q = UnicodeAttribute(null=True)
    w = UnicodeAttribute(null=True)
    o = UnicodeAttribute(null=True)
    s = UnicodeAttribute(null=True)
    a = UnicodeAttribute(null=True)
    c = UnicodeAttribute(null=True)
    be = UnicodeAttribute(null=True)
    bp = UnicodeAttribute(null=True)
    he = UnicodeAttribute(null=True)
    hp = UnicodeAttribute(null=True)

    def freshness(self) -> Freshness:
        return Freshness(
            self.pk.removeprefix(keys.member("")),
            version=self.n or 0,
            confirmed_at=_instant(self.c),
            active_at=_instant(self.a),
            seen_on=date.fromisoformat(self.s) if self.s else None,
            asked_at=_instant(self.q),
            warned_at=_instant(self.w),
            told_at=_instant(self.o),
            bounced=_by_channel(self.be, self.bp),
            healed=_by_channel(self.he, self.hp),
            by=self.by or "",
        )


BOUNCED = {Channel.EMAIL: FreshnessItem.be, Channel.PHONE: FreshnessItem.bp}
HEALED = {Channel.EMAIL: FreshnessItem.he, Channel.PHONE: FreshnessItem.hp}


def change_of(member_id: str, change: FreshnessChange) -> Update:
    """What a change of a member adds to it, whatever stands there."""
    instants = (
        (FreshnessItem.c, change.confirmed_at),
        (FreshnessItem.a, change.active_at),
        *((BOUNCED[channel], at) for channel, at in change.bounced.items()),
        *((HEALED[channel], at) for channel, at in change.healed.items()),
    )
    return Update(_item(member_id), [_kind(), *(f.set(printed(at)) for f, at in instants if at)])


def kept_by_worker(fresh: Freshness) -> Update:
    """What the worker writes, over its predecessor by version."""
    instants = (
        (FreshnessItem.q, fresh.asked_at),
        (FreshnessItem.w, fresh.warned_at),
        (FreshnessItem.o, fresh.told_at),
    )
    actions = [_kind(), FreshnessItem.n.set(fresh.version), FreshnessItem.by.set(fresh.by)]
    # One that is taken back is None again.
    actions += [f.set(printed(at)) if at else f.remove() for f, at in instants]
    if fresh.seen_on is not None:
        actions.append(FreshnessItem.s.set(fresh.seen_on.isoformat()))
    before = fresh.version - 1
    follows = FreshnessItem.n == before if before else FreshnessItem.n.does_not_exist()
    return Update(_item(fresh.member_id), actions, follows)


def _item(member_id: str) -> FreshnessItem:
    return FreshnessItem(keys.member(member_id), keys.FRESHNESS)


def _kind() -> Action:
    """An update may be the first write of the item: its kind has to be said."""
    return FreshnessItem.t.set(FreshnessItem)


def _instant(text: str | None) -> datetime | None:
    return parsed(text) if text is not None else None


def _by_channel(email: str | None, phone: str | None) -> dict[Channel, datetime]:
    both = ((Channel.EMAIL, email), (Channel.PHONE, phone))
    return {channel: parsed(text) for channel, text in both if text is not None}
