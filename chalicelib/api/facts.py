"""What can be known of members, over HTTP: the words that conditions are made of."""

import msgspec

from chalicelib.api.shell import Answer, Call, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.facts import Fact, FactKind, Freshness
from chalicelib.usecases.read_facts import read_facts

routes = Routes(__name__)


class FactAnswer(msgspec.Struct, frozen=True):
    """unit: of a number; null for one without. freshness: `at_once` knows of what was just written,
    `minutes` of what happened some minutes ago. profiling: whether it is known only of members with
    a purpose of the kind profiling in force. says: how it is called, by language. values: all that
    it can be; null where that has no end."""

    name: str
    kind: FactKind
    unit: str | None
    freshness: Freshness
    profiling: bool
    says: dict[str, str]
    values: list[int | str] | None


class FactsAnswer(msgspec.Struct, frozen=True):
    items: list[FactAnswer]


@routes.get(
    "/v1/facts",
    opens=(Scope.OFFERS_READ,),
    summary="List what conditions can ask of a member",
    answers={200: FactsAnswer},
)
def get_facts(call: Call[None, None]) -> Answer:
    """The same definitions decide at the till, count audiences and stand in the documentation. The
    tiers and attributes are those of the active program. A fact that is not known makes no
    condition true."""
    return Answer(200, FactsAnswer([_answer(fact) for fact in read_facts(call.ports)]))


def _answer(fact: Fact) -> FactAnswer:
    return FactAnswer(
        name=fact.name,
        kind=fact.kind,
        unit=fact.unit,
        freshness=fact.freshness,
        profiling=fact.profiling,
        says=dict(fact.says),
        values=list(fact.values) if fact.values is not None else None,
    )
