"""A household whose owner is erased while those who share it go on, over the real stores.

Beside what must be so of any erasure (`erased.py`), nothing that they have is lost or doubled.
"""

import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from pynamodb.connection import Connection

from chalicelib.domain import causes
from chalicelib.domain.entries import EntryKind, first_broken
from chalicelib.domain.redaction import says_nothing
from chalicelib.domain.refusals import Refusal, TryAgain
from chalicelib.domain.rewards import Reward
from chalicelib.usecases.erase_member import erase_member
from chalicelib.usecases.ports import PurchaseBook
from chalicelib.usecases.post_purchase import purchase_name
from chalicelib.usecases.read_household import read_household
from chalicelib.usecases.reconcile_books import breaches_of
from chalicelib.usecases.request_erasure import request_erasure
from chalicelib.wiring import Services
from tests.at_stripe import AtStripe
from tests.erased import complaints
from tests.erasing import FORGETFUL, Scene, erase, set_scene
from tests.fakes.programs import FakePrograms
from tests.ledger_world import TILL, World
from tests.mortal import Killed, Life, mortal
from tests.neighbours import Neighbours
from tests.people_world import NOW, token

SHARED = replace(FORGETFUL, household_members=4)
_numbers = itertools.count(1)


@dataclass(slots=True)
class Home:
    """Mia's, who is being erased. Tom and then Kim have joined; Leo could, with a code. Kim has
    bought something there, and has a voucher that is open. points: of all of them."""

    scene: Scene
    name: str
    kim: str
    leo: str
    code: str = ""
    issued: str = ""
    points: int = 0

    @property
    def near(self) -> Neighbours:
        """With patience of its own, as the scene's ports."""
        world = World(self.name, self.scene.ports, lambda _: None)
        return Neighbours(world, SHARED, NOW)

    @property
    def members(self) -> tuple[str, ...]:
        return self.scene.mia, self.scene.tom, self.kim, self.leo


def set_home(services: Services, at_stripe: AtStripe) -> Home:
    """A new home, which shares nothing with any other."""
    scene = set_scene(services, at_stripe)
    scene.world.ports = replace(scene.world.ports, programs=FakePrograms(SHARED))
    name = f"home{os.getpid()}x{next(_numbers)}e"
    home = Home(scene, name, scene.world.member("kim"), scene.world.member("leo"))
    near = home.near
    near.buy("toms", scene.tom, 20)
    for member_id in (scene.tom, home.kim):
        near.join(member_id, near.invite(scene.mia, member_id))
    near.buy("kims", home.kim, 10)
    home.issued = near.redeem(home.kim, _cup(home), "kept").answer.record.redemption_id
    home.code = near.invite(scene.mia, "leo")
    home.points = near.worth(home.members)
    return home


def _cup(home: Home) -> Reward:
    return home.near.world.reward(f"cup{next(_numbers)}", points=5)


def erase_sharer(home: Home, member_id: str) -> object:
    """Somebody who shares it, or has it by then, is erased."""
    ports = home.scene.ports
    asked = request_erasure(ports, token(member_id, member_id), member_id, NOW)
    for _ in range(8):
        try:
            if erase_member(home.scene.ports, asked.erasure_id, lambda: NOW, lambda: True):
                return "done"
        except TryAgain:
            continue
    raise AssertionError("the erasure of a sharer does not come to its end")


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What else happens, and how many points it gives all of them together."""

    act: Callable[[Home], object]
    gives: int = 0


MEANWHILE: Mapping[str, Meanwhile] = {
    "a sharer buys": Meanwhile(lambda h: h.near.buy("late", h.kim, 7), 7),
    "a sharer redeems": Meanwhile(lambda h: h.near.redeem(h.kim, _cup(h), "late"), -5),
    "a sharer returns": Meanwhile(lambda h: h.near.give_back("kims", "r", 4), -4),
    "a sharer cancels": Meanwhile(lambda h: h.near.cancel(h.issued), 5),
    "the owner buys": Meanwhile(lambda h: h.near.buy("owners", h.scene.mia, 7), 7),
    "the heir leaves": Meanwhile(lambda h: h.near.leave(h.scene.tom)),
    "a sharer is sent away": Meanwhile(lambda h: h.near.remove(h.scene.mia, h.kim)),
    "another joins": Meanwhile(lambda h: h.near.join(h.leo, h.code)),
    "the heir is erased": Meanwhile(lambda h: erase_sharer(h, h.scene.tom)),
}


def acts(home: Home, name: str) -> list[Callable[[], object]]:
    """The owner's erasure, and what else happens."""
    return [partial(erase, home.scene), partial(MEANWHILE[name].act, home)]


class _Committing:
    """A ledger of whose calls writes alone cost life."""

    def __init__(self, ledger: Any, life: Life) -> None:
        self._ledger = ledger
        self._life = life

    def commit(self, *args: Any) -> Any:
        return self._life.call(self._ledger.commit, *args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


def is_killed_writing(home: Home, life: Life) -> bool:
    """Whether a worker with so many writes to live is killed before it has erased the owner."""
    doomed = mortal(home.scene.ports, life, ("eraser",))
    doomed = replace(doomed, ledger=cast(Any, _Committing(doomed.ledger, life)))
    try:
        erase_member(doomed, home.scene.erasure_id, lambda: NOW, lambda: True)
    except Killed:
        return True
    return False


def wrongs(home: Home, name: str, result: object) -> Iterator[str]:
    """What is wrong once the owner was erased. name, result: of what happened meanwhile."""
    if isinstance(result, Exception) and not isinstance(result, Refusal):
        yield f"{name} failed with {result!r}"
    done = name in MEANWHILE and not isinstance(result, Exception)
    near, gives = home.near, MEANWHILE[name].gives if done else 0
    forfeited = sum(_forfeited(home, member_id) for member_id in home.members)
    if forfeited and name != "the owner buys":
        yield f"{forfeited} points are forfeited"
    if near.worth(home.members) + forfeited != home.points + gives:
        yield f"{home.points} points and {gives} became {near.worth(home.members)}"
    yield from _household(home)
    for member_id in home.members:
        yield from _books(home, member_id)
    file = home.scene.ports.ledger.redemption(home.issued)
    ended = file.end.ended_as if file is not None and file.end is not None else None
    if ended != ("cancelled" if done and name == "a sharer cancels" else None):
        yield f"a sharer's voucher is {ended}"
    if not near.buy("kims", home.kim, 10).replayed:
        yield "what a sharer had bought is forgotten"
    if name == "a sharer buys" and done != near.buy("late", home.kim, 7).replayed:
        yield "what a sharer buys meanwhile is lost or doubled"


def still_told(home: Home, label: str) -> Iterator[str]:
    """What is wrong with a purchase whose member was erased, who shared another's account."""
    ports = home.scene.ports
    name = purchase_name(ports, TILL, home.near.world.purchase_id(label))
    book = ports.books.caused(causes.of_purchase(name, 0))
    assert isinstance(book, PurchaseBook)
    told = [one for one in (book.record, *book.happened) if not says_nothing(one)]
    yield from (f"it is not redacted: {one}" for one in told)
    yield from (f"{breach.code} in {breach.key}" for breach in breaches_of(ports, book))


def left_behind(home: Home, connection: Connection) -> Iterator[str]:
    """What is left of the owner; it looks at every item there is."""
    yield from complaints(home.scene, connection, "", None)


def _forfeited(home: Home, member_id: str) -> int:
    ports = home.scene.ports
    record = ports.ledger.operation("erase", ports.namer.name("erase", member_id))
    return int(record.answer["forfeited"] or 0) if record is not None else 0


def _household(home: Home) -> Iterator[str]:
    """All who share it are led to one who owns it, and nobody else is."""
    ports, near = home.scene.ports, home.near
    shared = [one.member_id for one in read_household(ports, home.kim).members]
    for member_id in home.members:
        account = near.own(member_id)
        if member_id in shared[1:] and account.moved_to != shared[0]:
            yield f"who shares it is led to {account.moved_to}"
        if member_id not in shared[1:] and account.moved_to is not None:
            yield "somebody is led to what it does not share"
        if account.sharers != len(account.household):
            yield f"{account.sharers} share with {account.household}"


def _books(home: Home, member_id: str) -> Iterator[str]:
    books = home.scene.ports.books
    book = books.account(member_id)
    assert book is not None
    if first_broken(book.entries, member_id) is not None:
        yield "a chain is broken"
    causes = [entry.cause for entry in book.entries if entry.kind is not EntryKind.OPEN]
    named: list[Any] = [books.caused(cause) for cause in causes]
    if None in named:
        yield "an entry has no cause"
    for one in (book, *filter(None, named)):
        yield from (
            f"{breach.code} in {breach.key}" for breach in breaches_of(home.scene.ports, one)
        )
