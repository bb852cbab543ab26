"""A member with canaries who is erased while something else happens to it, over the real stores.

What must be so afterwards, `erased.py` says.
"""

import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from chalicelib.domain.exports import Export
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.import_rows import BalanceRow, Named
from chalicelib.domain.members import Name
from chalicelib.domain.notices import Told
from chalicelib.domain.profile_patch import NamePatch, ProfilePatch
from chalicelib.domain.program import ErasureRules
from chalicelib.domain.refusals import TryAgain
from chalicelib.usecases.change_member import change_member
from chalicelib.usecases.erase_member import erase_member
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.follow_cards import follow_cards
from chalicelib.usecases.hold_member import HoldMember, hold_member
from chalicelib.usecases.import_row import ImportRow, import_row
from chalicelib.usecases.merge_accounts import MergeAccounts, merge_accounts
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from chalicelib.usecases.request_erasure import request_erasure
from chalicelib.usecases.resend_code import resend_code
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.restrict_member import RestrictMember, restrict_member
from chalicelib.usecases.return_purchase import ReturnPurchase, return_purchase
from chalicelib.usecases.run_export import run_export
from chalicelib.usecases.set_consents import set_consents
from chalicelib.usecases.set_up_card import set_up_card
from chalicelib.usecases.verify_channel import VerifyChannel, verify_channel
from chalicelib.wiring import Services
from tests.at_stripe import AtStripe
from tests.fakes.outside import FakeCaptcha, FakeMessages
from tests.fakes.programs import FakePrograms
from tests.ledger_world import ANNA, line, purchase, unhurried
from tests.mortal import Killed, Life, mortal
from tests.people_world import (
    ADDRESS,
    CLUB,
    NOBODY,
    NOW,
    TERMS,
    TILL,
    PeopleWorld,
    Unlimited,
    token,
)

FORGETFUL = replace(CLUB, erasure=ErasureRules(cool_off_days=0))
_numbers = itertools.count(1)


@dataclass(slots=True)
class Scene:
    """Mia has points by a purchase, a card on file, a reward that waits for her; and may be erased
    at once. Tom is somebody else."""

    world: PeopleWorld
    at_stripe: AtStripe
    bucket: str  # where exports lie
    canary: str
    mia: str
    tom: str
    erasure_id: str = ""
    code: str = ""

    @property
    def ports(self) -> Ports:
        """Ports of its own: two operations do not share their patience."""
        return replace(self.world.ports, patience=unhurried())

    def buy(self, label: str, member: str | None) -> Any:
        """Ten euros, with a canary wherever a text goes."""
        bought = replace(
            purchase(
                f"{label}-{self.canary}",
                line(f"l-{self.canary}", 5_000, sku=f"s-{self.canary}", category=self.canary),
                line(f"m-{self.canary}", 5_000, sku=f"t-{self.canary}", brand=self.canary),
            ),
            store_id=f"st-{self.canary}",
            external=f"ex-{self.canary}",
        )
        named = MemberId(member) if member is not None else None
        return post_purchase(self.ports, TILL, PostPurchase(bought, named), NOW)

    def caller(self) -> Any:
        """Mia, who has just signed in."""
        return token(self.mia, self.mia)


def set_scene(services: Services, at_stripe: AtStripe, *, waiting: bool = False) -> Scene:
    """A new scene, which shares nothing with any other. waiting: a new address waits for its code,
    and an export for its worker."""
    canary = f"zq{os.getpid()}x{next(_numbers)}e"
    mailbox, captcha = FakeMessages(), FakeCaptcha()
    ports = replace(
        services.ports,
        programs=FakePrograms(FORGETFUL),
        cards=at_stripe.cards(),
        messages=mailbox,
        captcha=captcha,
        allowances=Unlimited(),
        patience=unhurried(),
    )
    world = PeopleWorld(canary, ports, mailbox, captcha)
    mia = world.member("mia", name=Name(f"G{canary}", f"F{canary}"))
    bucket = services.settings.export_bucket
    scene = Scene(world, at_stripe, bucket, canary, mia, world.member("tom"))
    scene.buy("start", mia)
    set_up_card(scene.ports, scene.caller(), mia, "first", NOW)
    if waiting:
        patch = ProfilePatch(email=world.email("new"))
        change_member(scene.ports, scene.caller(), mia, patch, _version(scene), NOW)
        scene.code = world.code(world.email("new"))
        assert scene.ports.exports.add(Export(mia, f"exp-{canary}", NOW, "member"))
    asked = request_erasure(scene.ports, scene.caller(), mia, NOW)
    scene.erasure_id = asked.erasure_id
    return scene


def _version(scene: Scene) -> str:
    member = scene.ports.people.member(scene.mia)
    assert member is not None
    return str(member.version)


def erase(scene: Scene) -> object:
    """The worker, as often as it is told to come again."""
    for _ in range(8):
        try:
            if erase_member(scene.ports, scene.erasure_id, lambda: NOW, lambda: True):
                return "done"
        except TryAgain:
            continue
    raise AssertionError("an erasure does not come to its end")


# --- what else happens ---------------------------------------------------------------------------


def _confirm_card(scene: Scene) -> object:
    """The member types its card into Stripe's form, and Stripe tells us."""
    wallet = scene.ports.payment_methods.wallet(scene.mia)
    if wallet.customer_id is not None and scene.at_stripe.is_there(wallet.customer_id):
        begun = scene.ports.cards.begin_setup(wallet.customer_id, f"typed-{scene.canary}")
        scene.at_stripe.confirm(begun.setup_intent_id)
    follow_cards(scene.ports, scene.mia, NOW, f"evt-{scene.erasure_id}")
    return "followed"


def _export(scene: Scene) -> object:
    ports = scene.ports
    run_export(ports, scene.mia, f"exp-{scene.canary}", lambda: NOW, last_try=False)
    return "made"


def _import(scene: Scene) -> object:
    row = BalanceRow(f"i-{scene.canary}", Named("member_id", scene.mia), 25, None, allow_debt=False)
    command = ImportRow("import", scene.canary, 1, row, scene.mia)
    return import_row(scene.ports, command, NOW, dry_run=False)


def _redeem(scene: Scene) -> object:
    reward_id = f"rwd_{scene.canary}"
    command = RedeemReward(scene.mia, reward_id, None, "k")
    return redeem_reward(scene.ports, TILL, command, NOW)


def _verify(scene: Scene) -> object:
    ref = SubjectRef(member_id=scene.mia)
    command = VerifyChannel(ref, Channel.EMAIL, scene.code, ADDRESS)
    return verify_channel(scene.ports, NOBODY, command, NOW)


def _told(scene: Scene) -> object:
    day = NOW.date()
    return scene.ports.notices.keep(Told(scene.mia, 1, {day: 7}, {day: 7}))


def _return(scene: Scene) -> object:
    command = ReturnPurchase(f"start-{scene.canary}", f"r-{scene.canary}", 1_000)
    return return_purchase(scene.ports, TILL, command, NOW)


def _merge(source: str, target: str) -> Callable[[Scene], object]:
    def act(scene: Scene) -> object:
        between = {"mia": scene.mia, "tom": scene.tom}
        command = MergeAccounts(between[target], between[source], "one person", "k")
        return merge_accounts(scene.ports, ANNA, command, NOW)

    return act


def _patch(**said: Any) -> Callable[[Scene], object]:
    def act(scene: Scene) -> object:
        version = _version(scene)
        patch = ProfilePatch(**{name: value(scene) for name, value in said.items()})
        return change_member(scene.ports, scene.caller(), scene.mia, patch, version, NOW)

    return act


MEANWHILE: Mapping[str, Callable[[Scene], object]] = {
    "purchase": lambda s: s.buy("late", s.mia),
    "return": _return,
    "redemption": _redeem,
    "imported row": _import,
    "new name": _patch(name=lambda s: NamePatch(given=f"N{s.canary}")),
    "new address": _patch(email=lambda s: s.world.email("other")),
    "code sent back": _verify,
    "code sent again": lambda s: resend_code(
        s.ports, SubjectRef(member_id=s.mia), Channel.EMAIL, ADDRESS, NOW
    ),
    "consent": lambda s: set_consents(
        s.ports, s.mia, [replace(TERMS, purpose="marketing_mail")], NOW
    ),
    "card event": _confirm_card,
    "card setup": lambda s: set_up_card(s.ports, s.caller(), s.mia, "second", NOW),
    "export": _export,
    "notice": _told,
    "hold": lambda s: hold_member(s.ports, ANNA, HoldMember(s.mia, f"court {s.canary}"), NOW),
    "restriction": lambda s: restrict_member(
        s.ports, ANNA, RestrictMember(s.mia, f"wish {s.canary}"), NOW
    ),
    "the same erasure": erase,
    "merged into another": _merge("mia", "tom"),
    "another merged in": _merge("tom", "mia"),
}
"""Whatever else happens to a member who is being erased."""

WAITS = frozenset({"code sent back", "code sent again", "export"})


def acts(scene: Scene, name: str) -> list[Callable[[], object]]:
    """The erasure, and what else happens."""
    return [partial(erase, scene), partial(MEANWHILE[name], scene)]


_CALLED = (
    "ledger",
    "people",
    "erasures",
    "eraser",
    "duplicates",
    "payment_methods",
    "cards",
    "export_files",
    "audit",
)


def is_killed(scene: Scene, life: Life) -> bool:
    """Whether a worker with so many calls to live is killed before it has erased the member."""
    doomed = mortal(scene.ports, life, _CALLED)
    try:
        erase_member(doomed, scene.erasure_id, lambda: NOW, lambda: True)
    except Killed:
        return True
    return False
