"""The list of accounts under review, over DynamoDB: an item each in one partition."""

from chalicelib.storage import keys
from chalicelib.storage.faults import store_errors
from chalicelib.storage.gone import transact_for
from chalicelib.storage.reading import oldest_of
from chalicelib.storage.tables import PeopleItem
from chalicelib.storage.writing import Put

_ANYWAY = PeopleItem.pk.does_not_exist() | PeopleItem.pk.exists()


class ReviewItem(PeopleItem, discriminator="review"):
    """That an account is on the list; what there is to tell stands in the account."""


class DynamoReviews:
    """The `Reviews` port over the bound tables."""

    def note(self, account_id: str) -> None:
        transact_for(account_id, [Put(ReviewItem(keys.REVIEWS, account_id), _ANYWAY)])

    def drop(self, account_id: str) -> None:
        with store_errors():
            ReviewItem(keys.REVIEWS, account_id).delete()

    def listed(self, after: str | None, limit: int) -> list[str]:
        return [item.sk for item in oldest_of(ReviewItem, keys.REVIEWS, limit=limit, after=after)]
