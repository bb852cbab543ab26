"""Every refusal the program can give, typed. Knows no HTTP: `api/problems.py` maps them.

A refusal has a stable `code` for programs, a `detail` for people, and its own fields.
"""

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(eq=False)
class Refusal(Exception):
    """A rule of the program says no. Nothing was changed."""

    code: ClassVar[str] = "refused"
    detail: ClassVar[str] = "The request was refused."

    def extras(self) -> dict[str, object]:
        """The fields that a caller can act on, by name, without those that are None."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def __str__(self) -> str:
        return f"{self.code}: {self.extras()}"


# --- unknown, or not yours -----------------------------------------------------------------


@dataclass(eq=False)
class MemberNotFound(Refusal):
    code: ClassVar[str] = "member_not_found"
    detail: ClassVar[str] = "No such member."


@dataclass(eq=False)
class MemberErased(MemberNotFound):
    """Not found for ever: who only asks whether there is a member need not tell the two apart."""

    code: ClassVar[str] = "member_erased"
    detail: ClassVar[str] = "This member was erased."


@dataclass(eq=False)
class PurchaseNotFound(Refusal):
    code: ClassVar[str] = "purchase_not_found"
    detail: ClassVar[str] = "No such purchase."


@dataclass(eq=False)
class RewardNotFound(Refusal):
    code: ClassVar[str] = "reward_not_found"
    detail: ClassVar[str] = "No such reward."


@dataclass(eq=False)
class RedemptionNotFound(Refusal):
    code: ClassVar[str] = "redemption_not_found"
    detail: ClassVar[str] = "No such redemption."


@dataclass(eq=False)
class VoucherNotFound(Refusal):
    code: ClassVar[str] = "voucher_not_found"
    detail: ClassVar[str] = "No such voucher."


@dataclass(eq=False)
class ClaimNotFound(Refusal):
    code: ClassVar[str] = "claim_not_found"
    detail: ClassVar[str] = "No purchase waits under this claim code."


@dataclass(eq=False)
class NotFound(Refusal):
    """Any other resource (`what` names its kind) that is unknown or not the caller's."""

    what: str
    code: ClassVar[str] = "not_found"
    detail: ClassVar[str] = "There is nothing here."


@dataclass(eq=False)
class NotInRoot(Refusal):
    """The account had no entry yet when the root of `root_date` was made."""

    root_date: str
    code: ClassVar[str] = "not_in_root"
    detail: ClassVar[str] = "The account is younger than this root; ask for a later one."


# --- conflicts a caller must tell apart ----------------------------------------------------


@dataclass(eq=False)
class ConflictingReplay(Refusal):
    differing: list[str]
    code: ClassVar[str] = "conflicting_replay"
    detail: ClassVar[str] = "This id was used before with other content; `differing` names where."


@dataclass(eq=False)
class InsufficientPoints(Refusal):
    required: int
    available: int
    missing: int
    code: ClassVar[str] = "insufficient_points"
    detail: ClassVar[str] = "There are not enough available points."


@dataclass(eq=False)
class RewardSoldOut(Refusal):
    code: ClassVar[str] = "reward_sold_out"
    detail: ClassVar[str] = "The last one of this reward is gone."


@dataclass(eq=False)
class RewardNotAvailable(Refusal):
    """`reason` is one of archived, not_started, ended, tier, not_verified, account_full."""

    reason: str
    code: ClassVar[str] = "reward_not_available"
    detail: ClassVar[str] = "This reward cannot be redeemed; `reason` says why."


class AccountFull(Refusal):
    """What an account holds is bounded. Purchases, returns and whatever else must be taken have
    twice the room of what somebody chooses to do, and are never refused by it."""

    code: ClassVar[str] = "account_full"
    detail: ClassVar[str] = "The account holds more kinds of points and limits than can be kept."


@dataclass(eq=False)
class MemberLimitReached(Refusal):
    limit: int
    period: str | None
    code: ClassVar[str] = "member_limit_reached"
    detail: ClassVar[str] = "The member has redeemed this reward as often as is allowed."


@dataclass(eq=False)
class RedemptionAlreadyEnded(Refusal):
    """`ended_as` is used, cancelled, expired or erased."""

    ended_as: str
    code: ClassVar[str] = "redemption_already_ended"
    detail: ClassVar[str] = "This redemption has its end already."


@dataclass(eq=False)
class RedemptionAlreadySpent(Refusal):
    code: ClassVar[str] = "redemption_already_spent"
    detail: ClassVar[str] = "This redemption has paid for another purchase."


@dataclass(eq=False)
class TooManyReturnsWaiting(Refusal):
    limit: int
    code: ClassVar[str] = "too_many_returns_waiting"
    detail: ClassVar[str] = "As many returns as can wait for this purchase do; post it first."


@dataclass(eq=False)
class PurchaseAlreadyClaimed(Refusal):
    code: ClassVar[str] = "purchase_already_claimed"
    detail: ClassVar[str] = "This purchase belongs to a member already."


@dataclass(eq=False)
class AlreadyMember(Refusal):
    member_id: str
    code: ClassVar[str] = "already_member"
    detail: ClassVar[str] = "There is a member with one of these identifiers."


@dataclass(eq=False)
class AccountFrozen(Refusal):
    """The processing of the member's data is restricted: points come, and none go."""

    code: ClassVar[str] = "account_frozen"
    detail: ClassVar[str] = "This account is frozen: nothing is spent, sent, joined or merged."


@dataclass(eq=False)
class UseErasure(Refusal):
    code: ClassVar[str] = "use_erasure"
    detail: ClassVar[str] = "The loyalty terms end with the membership: ask for erasure instead."


@dataclass(eq=False)
class Conflict(Refusal):
    """Any other conflict with what stands; `reason` is stable and snake_case."""

    reason: str
    code: ClassVar[str] = "conflict"
    detail: ClassVar[str] = "This conflicts with what stands; `reason` says how."


# --- points between accounts ---------------------------------------------------------------


@dataclass(eq=False)
class ReceiverNotFound(Refusal):
    """Unknown, not verified, full: one answer for all, so that trying tells of nobody."""

    code: ClassVar[str] = "receiver_not_found"
    detail: ClassVar[str] = "Nobody can receive points under this id or card number."


@dataclass(eq=False)
class TransferNotAllowed(Refusal):
    """`reason` is one of off, not_verified, same_account."""

    reason: str
    code: ClassVar[str] = "transfer_not_allowed"
    detail: ClassVar[str] = "These points cannot be sent; `reason` says why."


@dataclass(eq=False)
class TransferLimitReached(Refusal):
    """limit: points of one transfer, or those of a `period`. left: how many can still be sent."""

    limit: int
    left: int
    period: str | None
    code: ClassVar[str] = "transfer_limit_reached"
    detail: ClassVar[str] = "More would be sent than the program allows."


@dataclass(eq=False)
class TransferFinal(Refusal):
    """since: the day from which on the receiver can spend the points."""

    since: str
    code: ClassVar[str] = "transfer_final"
    detail: ClassVar[str] = "The points are the receiver's by now and cannot be called back."


@dataclass(eq=False)
class InvitationNotFound(Refusal):
    """Unknown, late or used: one answer for all."""

    code: ClassVar[str] = "invitation_not_found"
    detail: ClassVar[str] = "No invitation waits under this code."


# --- content that the program does not accept ----------------------------------------------


@dataclass(eq=False)
class ReturnExceedsPurchase(Refusal):
    """`remaining`: rows of line_id, quantity, amount_minor that can still be returned."""

    remaining: list[dict[str, str | int]]
    code: ClassVar[str] = "return_exceeds_purchase"
    detail: ClassVar[str] = "More would be returned than is left of the purchase."


@dataclass(eq=False)
class CurrencyNotAccepted(Refusal):
    accepted: list[str]
    code: ClassVar[str] = "currency_not_accepted"
    detail: ClassVar[str] = "The program does not earn in this currency."


@dataclass(eq=False)
class TooFarBack(Refusal):
    oldest: str
    code: ClassVar[str] = "too_far_back"
    detail: ClassVar[str] = "This happened before the oldest instant that the program accepts."


@dataclass(eq=False)
class InTheFuture(Refusal):
    code: ClassVar[str] = "in_the_future"
    detail: ClassVar[str] = "This lies more than 5 minutes in the future."


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field: a JSON pointer, a stable code, a sentence for people."""

    pointer: str
    code: str
    detail: str


@dataclass(eq=False)
class InvalidContent(Refusal):
    """Fields that are well-formed JSON and still wrong; all of them at once."""

    errors: list[FieldError]
    code: ClassVar[str] = "invalid_content"
    detail: ClassVar[str] = "Some fields are not acceptable; `errors` lists all of them."


@dataclass(eq=False)
class CardNumberRefused(Refusal):
    """A text holds a payment card's number; `errors` says where, beside all else that is wrong."""

    errors: list[FieldError]
    code: ClassVar[str] = "card_number_refused"
    detail: ClassVar[str] = "Card numbers are never taken, in no field; `errors` says where."


# --- who asks ------------------------------------------------------------------------------


@dataclass(eq=False)
class NotAuthenticated(Refusal):
    """`reason` never says whether a key or member exists."""

    reason: str
    code: ClassVar[str] = "not_authenticated"
    detail: ClassVar[str] = "A valid key or token is needed."


@dataclass(eq=False)
class ScopeMissing(Refusal):
    scope: str
    code: ClassVar[str] = "scope_missing"
    detail: ClassVar[str] = "The key or token does not carry the scope that this needs."


@dataclass(eq=False)
class SecondPersonRequired(Refusal):
    code: ClassVar[str] = "second_person_required"
    detail: ClassVar[str] = "Somebody else must approve this."


@dataclass(eq=False)
class StepUpRequired(Refusal):
    code: ClassVar[str] = "step_up_required"
    detail: ClassVar[str] = "Sign in again: this needs a sign-in of the last 10 minutes."


@dataclass(eq=False)
class CaptchaRefused(Refusal):
    code: ClassVar[str] = "captcha_refused"
    detail: ClassVar[str] = "The captcha was not solved; fetch a new one and try again."


@dataclass(eq=False)
class CodeRefused(Refusal):
    """Wrong, used, late or tried too often: one answer for all, so that guessing learns nothing."""

    code: ClassVar[str] = "code_refused"
    detail: ClassVar[str] = "This code is not good (any more); ask for a new one."


@dataclass(eq=False)
class LinkRefused(Refusal):
    """The token of a link in a mail: not ours, too old, or overtaken by what was said since."""

    code: ClassVar[str] = "link_refused"
    detail: ClassVar[str] = "This link is not good (any more)."


@dataclass(eq=False)
class TooManyRequests(Refusal):
    retry_after_seconds: int
    code: ClassVar[str] = "too_many_requests"
    detail: ClassVar[str] = "Too many of these; wait and try again."


@dataclass(eq=False)
class SignatureRefused(Refusal):
    """Not signed by the payment provider, or not within the last minutes."""

    code: ClassVar[str] = "signature_refused"
    detail: ClassVar[str] = "This is not signed as the provider's own event of these minutes."


@dataclass(eq=False)
class CardRefused(Refusal):
    """What the payment provider said, in its own stable codes."""

    reason: str
    code: ClassVar[str] = "card_refused"
    detail: ClassVar[str] = "The payment provider refused this; `reason` is its code."


# --- versions ------------------------------------------------------------------------------


@dataclass(eq=False)
class VersionStale(Refusal):
    """The resource was changed since the caller read it (its If-Match is old)."""

    code: ClassVar[str] = "version_stale"
    detail: ClassVar[str] = "This was changed in the meantime; read it again."


# --- outcome unknown, or nothing happened --------------------------------------------------


@dataclass(eq=False)
class NotHealthy(Refusal):
    """Something that the service needs does not answer. failing: what, by our names."""

    failing: list[str]
    code: ClassVar[str] = "not_healthy"
    detail: ClassVar[str] = "What `failing` names does not answer; the log says why."


@dataclass(eq=False)
class TryAgain(Refusal):
    """Nothing is lost: the same request again tells."""

    retry_after_seconds: int
    code: ClassVar[str] = "try_again"
    detail: ClassVar[str] = "The outcome is unknown or nothing happened; repeat the same request."
