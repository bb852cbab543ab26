"""Which accounts are under review, and what each of them holds. For support."""

from dataclasses import dataclass

from chalicelib.usecases.open_review import UnderReview, under_review
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """after: where the next page begins; None where there is none."""

    reviews: tuple[UnderReview, ...]
    after: str | None


def read_reviews(ports: Ports, after: str | None, limit: int) -> ReviewPage:
    """A page of the accounts under review, by their ids; fewer than `limit` where the list is a
    moment behind. Raises StoreUnavailable."""
    listed = ports.reviews.listed(after, limit)
    found = (review_of(ports, account_id) for account_id in listed)
    more = len(listed) == limit
    return ReviewPage(tuple(one for one in found if one), listed[-1] if more else None)


def review_of(ports: Ports, account_id: str) -> UnderReview | None:
    """The review that an account is under, None where it is under none."""
    head = ports.ledger.head(account_id)
    account = head.entry.account() if head is not None else None
    if account is None or account.under_review is None:
        return None
    return under_review(account_id, account)
