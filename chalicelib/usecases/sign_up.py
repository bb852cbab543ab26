"""Somebody without an integration asks to become a member.

Whether the address is known, neither the answer nor the calls behind it tell: a sign-up is kept,
and a code is sent, in either case; only the letter's words differ. Nothing of it is a member, and
it keeps the address from nobody, before its code came back.
"""

from datetime import datetime

from chalicelib.domain.allowances import SIGN_UP_CODES, SIGN_UPS
from chalicelib.domain.consents import Evidence, How, recorded
from chalicelib.domain.identifiers import card_number
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.letters import known_letter
from chalicelib.domain.members import Member
from chalicelib.domain.names import new_id
from chalicelib.domain.program import Program
from chalicelib.domain.refusals import CaptchaRefused, FieldError
from chalicelib.domain.sign_ups import WAITS_FOR, SignUp
from chalicelib.usecases.identify import identify
from chalicelib.usecases.ports import Ports, StoreUnavailable
from chalicelib.usecases.read_newcomer import JoinRequest, Newcomer, read_newcomer
from chalicelib.usecases.send_letter import (
    NewCode,
    letter_with_code,
    new_code,
    send_letter,
    take_code_of_address,
)
from chalicelib.usecases.settle import Waiting
from chalicelib.usecases.take_allowance import take_allowance_of_network

_SOURCE = "sign_up"


def sign_up(
    ports: Ports,
    request: JoinRequest,
    captcha_token: str | None,
    address: str,
    now: datetime,
    request_id: str = "",
) -> str:
    """Keep a sign-up and send its code; the sign-up's id. address: the caller's on the network.
    request_id: the evidence of what is consented to.

    Raises TooManyRequests, InvalidContent, CaptchaRefused, TryAgain, StoreUnavailable.
    """
    take_allowance_of_network(ports, SIGN_UPS, address, now)
    program = ports.programs.active()
    newcomer = read_newcomer(request, program, now, _also_wrong(request, captcha_token))
    if not ports.captcha.solved(captcha_token or "", address):
        raise CaptchaRefused
    channel, written = newcomer.first_channel
    take_code_of_address(ports, SIGN_UP_CODES, channel, written, now)
    asked = _sign_up(ports, newcomer, program, Evidence(How.SIGN_UP, request_id), now)
    code = new_code(ports, asked.member_id, channel, written, now)
    known = ports.people.find(identify(channel.kind, written)) is not None
    _start(ports, asked, code)
    letter = letter_with_code(program, code.digits, asked.consents[-1], channel)
    if known:
        letter = known_letter(program.name, code.digits)
    send_letter(ports, channel, written, letter)
    return asked.signup_id


def _also_wrong(request: JoinRequest, captcha_token: str | None) -> list[FieldError]:
    wrong = []
    if not captcha_token:
        detail = "Solve the captcha first."
        wrong.append(FieldError("/captcha_token", "missing", detail))
    if request.person.external_id is not None:
        # A till would find the member by it: only who knows whose it is may say so.
        detail = "Leave this out: an external id is set by the integration that it belongs to."
        wrong.append(FieldError("/external_id", "not_allowed", detail))
    return wrong


def _sign_up(
    ports: Ports, newcomer: Newcomer, program: Program, evidence: Evidence, now: datetime
) -> SignUp:
    at = whole_milliseconds(now)
    member = Member(
        member_id=new_id("mem", ports.entropy(16)),
        card_number=card_number(ports.entropy(8)),
        version=1,
        person=newcomer.person,
        enrolled_at=at,
    )
    return SignUp(
        signup_id=new_id("sgn", ports.entropy(16)),
        member=member,
        consents=recorded(
            None,
            newcomer.statements,
            _SOURCE,
            at,
            asked=program.asks_for,
            evidence=evidence,
        ),
        preferences=newcomer.preferences,
        good_until=at + WAITS_FOR,
    )


def _start(ports: Ports, asked: SignUp, code: NewCode) -> None:
    waiting = Waiting(ports.patience)
    while True:
        try:
            ports.people.start(asked, code.kept)
            return
        except StoreUnavailable:
            waiting.once_more()
