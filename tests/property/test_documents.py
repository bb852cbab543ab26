"""What staff store is read as it was written, and what is read is written as the same text."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.api_keys import ApiKey
from chalicelib.domain.connections import Connection
from chalicelib.domain.program import Program
from chalicelib.domain.rewards import Reward
from chalicelib.storage.documents import SCHEMA, decoded, encoded


@given(st.from_type(Program))
def test_a_program_is_read_as_it_was_written(program: Program) -> None:
    text = encoded(program)
    assert decoded(Program, text, SCHEMA) == program
    assert encoded(decoded(Program, text, SCHEMA)) == text


@given(st.from_type(Reward))
def test_a_reward_is_read_as_it_was_written(reward: Reward) -> None:
    text = encoded(reward)
    assert decoded(Reward, text, SCHEMA) == reward
    assert encoded(decoded(Reward, text, SCHEMA)) == text


@given(st.from_type(ApiKey))
def test_a_key_is_read_as_it_was_written(key: ApiKey) -> None:
    assert decoded(ApiKey, encoded(key), SCHEMA) == key


@given(st.from_type(Connection))
def test_a_connection_is_read_as_it_was_written(connection: Connection) -> None:
    assert decoded(Connection, encoded(connection), SCHEMA) == connection
