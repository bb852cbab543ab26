"""Looks at what happened to accounts, entry by entry, for what somebody should look at.

Fed by the ledger's stream: each entry comes at least once, in any order. Whatever is done about it
is decided by the account as it is, so that doing it again does nothing.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.program import Abuse
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.reviews import REVIEW_FORFEITED, REVIEW_RELEASED, Suspicion
from chalicelib.usecases.give_for_bringing import give_for_bringing
from chalicelib.usecases.give_gifts import welcome
from chalicelib.usecases.open_review import suspect
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_reviews import review_of
from chalicelib.usecases.reward_referral import reward_referral

LOOKED_BACK = timedelta(days=30)
_PAGE = 100
_MOST_PAGES = 10
"""Beyond a thousand entries in 30 days nobody is a customer; what is behind them changes little."""

_MAY_BEGIN_OR_END_A_REVIEW = frozenset(
    {EntryKind.STATUS, EntryKind.ADJUST, EntryKind.BONUS, EntryKind.ERASE}
)


def watch(ports: Ports, entry: Entry, now: datetime) -> None:
    """Look at an entry that was written. Raises TryAgain, StoreUnavailable: show it again."""
    if entry.kind is EntryKind.RETURN:
        abuse = ports.programs.active().abuse
        if abuse is not None and looks_like_abuse(ports, entry, abuse):
            _suspect(ports, entry.account_id, now)
    elif entry.kind is EntryKind.EARN:
        reward_referral(ports, entry, now)
        give_for_bringing(ports, entry, now)
    elif entry.kind in _MAY_BEGIN_OR_END_A_REVIEW:
        _keep_the_list(ports, entry.account_id)
    if entry.kind in (EntryKind.OPEN, EntryKind.STATUS):
        welcome(ports, entry, now)


def looks_like_abuse(ports: Ports, entry: Entry, abuse: Abuse) -> bool:
    """Whether an account has had as many returns by now, and with as much, as the program finds
    worth a look; counted from the last review on."""
    returns = earned = undone = 0
    for one in _lately(ports, entry):
        if one.kind is EntryKind.RETURN:
            returns += 1
            undone -= sum(row.points for row in one.why if row.points < 0)
        elif one.kind is EntryKind.EARN:
            earned += one.points
    return returns >= abuse.returns and undone > 0 and undone * 100 >= abuse.percent * earned


def _lately(ports: Ports, entry: Entry) -> Iterator[Entry]:
    """The entries of the 30 days up to one, back to the last review: none where somebody has looked
    since, so that an entry that is shown again then leads to nothing."""
    before = None
    for _ in range(_MOST_PAGES):
        page = ports.ledger.entries(entry.account_id, before, _PAGE)
        for one in page:
            if one.at < entry.at - LOOKED_BACK or _ended_a_review(one):
                return
            if one.seq <= entry.seq:
                yield one
        if len(page) < _PAGE:
            return
        before = page[-1].seq


def _ended_a_review(entry: Entry) -> bool:
    return any(row.rule in (REVIEW_RELEASED, REVIEW_FORFEITED) for row in entry.why)


def _suspect(ports: Ports, account_id: str, now: datetime) -> None:
    """Put the account under review; it may be gone."""
    try:
        suspect(ports, account_id, Suspicion.REFUNDS, now)
    except MemberErased:
        return  # nobody is left to look at


def _keep_the_list(ports: Ports, account_id: str) -> None:
    """The list says what the account is now, in whatever order its entries come here."""
    try:
        if review_of(ports, account_id) is None:
            ports.reviews.drop(account_id)
        else:
            ports.reviews.note(account_id)
    except MemberErased:
        ports.reviews.drop(account_id)
