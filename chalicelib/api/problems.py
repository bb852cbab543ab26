"""The one table from refusals to HTTP: statuses, and problem documents by RFC 9457.

Knows what a refusal is called, never why it was given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.api import refused
from chalicelib.domain import refusals
from chalicelib.domain.refusals import FieldError, Refusal
from chalicelib.usecases.ports import StoreNewer, StoreUnavailable

MEDIA_TYPE = "application/problem+json"

STATUSES: Mapping[type[Refusal], int] = {
    refused.BodyMissing: 400,
    refused.MalformedJson: 400,
    refused.NotUtf8: 400,
    refused.LoneSurrogate: 400,
    refused.NotANumber: 400,
    refused.DuplicateKey: 400,
    refused.TooDeep: 400,
    refused.IdempotencyKeyMissing: 400,
    refused.IdempotencyKeyMalformed: 400,
    refused.BadCursor: 400,
    refusals.SignatureRefused: 400,
    refusals.NotAuthenticated: 401,
    refusals.ScopeMissing: 403,
    refusals.SecondPersonRequired: 403,
    refusals.StepUpRequired: 403,
    refused.RouteNotFound: 404,
    refusals.MemberNotFound: 404,
    refusals.PurchaseNotFound: 404,
    refusals.RewardNotFound: 404,
    refusals.RedemptionNotFound: 404,
    refusals.VoucherNotFound: 404,
    refusals.ClaimNotFound: 404,
    refusals.ReceiverNotFound: 404,
    refusals.InvitationNotFound: 404,
    refusals.NotFound: 404,
    refusals.NotInRoot: 404,
    refusals.LinkRefused: 404,
    refused.MethodNotAllowed: 405,
    refusals.ConflictingReplay: 409,
    refusals.InsufficientPoints: 409,
    refusals.RewardSoldOut: 409,
    refusals.RewardNotAvailable: 409,
    refusals.AccountFull: 409,
    refusals.MemberLimitReached: 409,
    refusals.RedemptionAlreadyEnded: 409,
    refusals.RedemptionAlreadySpent: 409,
    refusals.TooManyReturnsWaiting: 409,
    refusals.PurchaseAlreadyClaimed: 409,
    refusals.AlreadyMember: 409,
    refusals.AccountFrozen: 409,
    refusals.UseErasure: 409,
    refusals.TransferNotAllowed: 409,
    refusals.TransferLimitReached: 409,
    refusals.TransferFinal: 409,
    refusals.Conflict: 409,
    refusals.MemberErased: 410,
    refusals.VersionStale: 412,
    refused.BodyTooLarge: 413,
    refused.MediaTypeNotSupported: 415,
    refusals.ReturnExceedsPurchase: 422,
    refusals.CurrencyNotAccepted: 422,
    refusals.TooFarBack: 422,
    refusals.InTheFuture: 422,
    refusals.InvalidContent: 422,
    refusals.CardNumberRefused: 422,
    refusals.CaptchaRefused: 422,
    refusals.CodeRefused: 422,
    refusals.CardRefused: 422,
    refused.IfMatchMissing: 428,
    refusals.TooManyRequests: 429,
    refusals.NotHealthy: 503,
    refusals.TryAgain: 503,
}

_POINTERS: Mapping[type[Refusal], str] = {
    refusals.CurrencyNotAccepted: "/currency",
    refusals.TooFarBack: "/occurred_at",
    refusals.InTheFuture: "/occurred_at",
    refusals.CaptchaRefused: "/captcha_token",
    refusals.CodeRefused: "/code",
}
"""Where a 422 that is about one field points; the whole document otherwise."""

_TRY_AGAIN_SECONDS = 1
_LOOK_AGAIN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem document, ready to be sent; `members` are the refusal's own fields."""

    status: int
    code: str
    detail: str
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, request_id: str) -> dict[str, object]:
        """The JSON object; the standard members win over a refusal's field of the same name."""
        standard = {
            "type": f"urn:stampbook:problem:{self.code}",
            "title": self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
        }
        return {**standard, **self.members, **standard}


INTERNAL = Problem(500, "internal_error", "Something went wrong here; `request_id` finds it.")
"""For what nobody foresaw: it says nothing, the log says where."""


def problem_of(error: Exception) -> Problem | None:
    """The problem that an exception stands for, None when it is one that nobody foresaw."""
    match error:
        case StoreUnavailable() | StoreNewer():
            return problem_of(refusals.TryAgain(_TRY_AGAIN_SECONDS))
        case Refusal():
            return _of_refusal(error)
        case _:
            return None


def _of_refusal(refusal: Refusal) -> Problem:
    status = STATUSES[type(refusal)]
    members = refusal.extras()
    if status == 422:
        members["errors"] = _errors(refusal)
    return Problem(status, refusal.code, refusal.detail, members, _headers(refusal))


def _errors(refusal: Refusal) -> list[FieldError]:
    match refusal:
        case refusals.InvalidContent(errors) | refusals.CardNumberRefused(errors):
            return errors
        case _:
            pointer = _POINTERS.get(type(refusal), "")
            return [FieldError(pointer, refusal.code, refusal.detail)]


def _headers(refusal: Refusal) -> dict[str, str]:
    match refusal:
        case refusals.TooManyRequests(seconds) | refusals.TryAgain(seconds):
            return {"Retry-After": str(max(1, seconds))}
        case refusals.NotAuthenticated(reason):
            error = "" if reason == "missing" else ', error="invalid_token"'
            return {"WWW-Authenticate": f'Bearer realm="stampbook"{error}'}
        case refusals.NotHealthy():
            return {"Retry-After": str(_LOOK_AGAIN_SECONDS)}
        case refused.MethodNotAllowed(allowed):
            return {"Allow": ", ".join(allowed)}
        case _:
            return {}
