"""What joining and looking up cost, in calls to DynamoDB."""

import os

from pynamodb.connection import Connection

from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.usecases.find_member import find_member
from chalicelib.usecases.find_subject import SubjectRef
from tests.counted import calls_of
from tests.people_world import NOW, TILL, dynamo_people_world


def test_joining_and_looking_up_take_few_calls(connection: Connection) -> None:
    world = dynamo_people_world(f"calls{os.getpid()}")
    with calls_of(connection) as calls:
        member_id = world.enrol("ada").answer.member_id
    assert calls == ["TransactWriteItems"]

    code = world.code(world.email("ada"))
    with calls_of(connection) as calls:
        world.verify(SubjectRef(member_id=member_id), code)
    assert len(calls) == 10, calls
    assert calls.count("TransactWriteItems") == 2

    identifier = Identifier(Kind.EMAIL, world.email("ada"))
    with calls_of(connection) as calls:
        find_member(world.ports, TILL, identifier, NOW)
    assert calls == ["Query", "GetItem", "GetItem", "Query"], "the last one for the tier"
