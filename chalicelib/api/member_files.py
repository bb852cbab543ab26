"""A member's whole file over HTTP: the one view for support."""

import msgspec

from chalicelib.api.access_reasons import ACCESS_REASON
from chalicelib.api.accounts import AccountAnswer, EntryAnswer, account_answer, entry_answer
from chalicelib.api.announcement_models import LetterAnswer, letter_answer
from chalicelib.api.consents import ConsentAnswer, consent_answer
from chalicelib.api.duplicates import DuplicateAnswer, duplicate_answer
from chalicelib.api.interaction_models import InteractionAnswer, interaction_answer
from chalicelib.api.member_models import PreferencesBody, preferences_answer
from chalicelib.api.payment_methods import PaymentMethodAnswer, card_answer
from chalicelib.api.points import member_exists
from chalicelib.api.profiles import ProfileAnswer, profile_answer
from chalicelib.api.purchase_history import shown_purchase
from chalicelib.api.purchase_models import KeptPurchase
from chalicelib.api.redemptions import RedemptionAnswer, redemption_answer
from chalicelib.api.reviews import ReviewAnswer, review_answer
from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.usecases.read_member_file import MemberFile, Rights, read_member_file

routes = Routes(__name__)


class AskedErasure(msgspec.Struct, frozen=True):
    """An erasure that was asked for and is not done."""

    erasure_id: str
    requested_at: Instant
    erase_after: Instant


class InForce(msgspec.Struct, frozen=True):
    """reason: null where the file is masked."""

    since: Instant
    reason: str | None


class RightsAnswer(msgspec.Struct, frozen=True):
    """What the member, or the law, asked for; each null where nobody did. hold: it may not be
    erased. restriction: its data is kept and not used."""

    erasure: AskedErasure | None
    hold: InForce | None
    restriction: InForce | None


class FileAnswer(msgspec.Struct, frozen=True):
    """Everything in one view. Of each list the newest ten: the member's own routes have the rest.
    redemptions: those that can still be used. review: null unless the account is held. masked: the
    profile is, and where things were bought is left out; say why in X-Access-Reason to see it."""

    masked: bool
    profile: ProfileAnswer
    account: AccountAnswer
    preferences: PreferencesBody
    consents: list[ConsentAnswer]
    entries: list[EntryAnswer]
    redemptions: list[RedemptionAnswer]
    purchases: list[KeptPurchase]
    payment_methods: list[PaymentMethodAnswer]
    interactions: list[InteractionAnswer]
    announcements: list[LetterAnswer]
    duplicates: list[DuplicateAnswer]
    review: ReviewAnswer | None
    rights: RightsAnswer


@routes.get(
    "/v1/members/{member_id}/file",
    opens=(Scope.RECORDS_READ,),
    summary="Read all that is known of a member in one view, masked unless a reason is stated",
    audited="member.file.read",
    answers={200: FileAnswer},
    refuses=(MemberNotFound,),
    headers={ACCESS_REASON: "Why staff need to see all of it; it is recorded."},
    exists=member_exists,
)
def get_file(call: Call[None, None], member_id: str) -> Answer:
    file = read_member_file(call.ports, call.caller, member_id, call.reason, call.now)
    return Answer(200, _file(call, file), unmasked=file.in_full)


def _file(call: Call[None, None], file: MemberFile) -> FileAnswer:
    kind, in_full = call.caller.kind, file.in_full
    return FileAnswer(
        masked=not in_full,
        profile=profile_answer(file.profile, file.fresh),
        account=account_answer(file.account),
        preferences=preferences_answer(file.preferences),
        consents=[consent_answer(consent) for consent in file.consents],
        entries=[entry_answer(row, with_proof=False) for row in file.entries],
        redemptions=[redemption_answer(one, call.now) for one in file.redemptions],
        purchases=[shown_purchase(one, in_full=in_full) for one in file.purchases],
        payment_methods=[card_answer(card) for card in file.cards],
        interactions=[interaction_answer(one, kind) for one in file.interactions],
        announcements=[letter_answer(one) for one in file.announcements],
        duplicates=[duplicate_answer(pair) for pair in file.duplicates],
        review=review_answer(file.review) if file.review else None,
        rights=_rights(file.rights, in_full),
    )


def _rights(rights: Rights, in_full: bool) -> RightsAnswer:
    erasure, hold, restriction = rights.erasure, rights.hold, rights.restriction
    return RightsAnswer(
        erasure=(
            AskedErasure(
                erasure.erasure_id, printed(erasure.requested_at), printed(erasure.erase_after)
            )
            if erasure
            else None
        ),
        hold=InForce(printed(hold.at), hold.reason if in_full else None) if hold else None,
        restriction=(
            InForce(printed(restriction.at), restriction.reason if in_full else None)
            if restriction
            else None
        ),
    )
