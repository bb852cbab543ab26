"""Publishes events to EventBridge. Must not know what they mean or who listens."""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.providers.aws import code_of
from chalicelib.usecases.ports import Event

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

_log = logging.getLogger(__name__)
_AT_ONCE = 10  # PutEvents takes no more


class EventBridgeBus:
    """An EventBus. `detail` is the whole CloudEvent (structured mode, JSON)."""

    def __init__(self, bus: str, events: Callable[[], "EventBridgeClient"]) -> None:
        self._bus = bus
        self._events = events

    def publish(self, events: Sequence[Event]) -> list[int]:
        """Publish events; the indexes of those that EventBridge did not take, ascending."""
        failed: list[int] = []
        for start in range(0, len(events), _AT_ONCE):
            batch = events[start : start + _AT_ONCE]
            failed += [start + index for index in self._put(batch)]
        return failed

    def _put(self, batch: Sequence[Event]) -> list[int]:
        try:
            answer = self._events().put_events(Entries=[self._entry(event) for event in batch])
        except (ClientError, BotoCoreError) as error:
            # Not its words: AWS quotes what it refuses.
            said = code_of(error) if isinstance(error, ClientError) else type(error).__name__
            _log.warning("EventBridge took none of %d events: %s", len(batch), said)
            return list(range(len(batch)))
        refused = {
            index: entry["ErrorCode"]
            for index, entry in enumerate(answer["Entries"])
            if "ErrorCode" in entry
        }
        if refused:
            _log.warning("EventBridge refused events: %s", sorted(set(refused.values())))
        return list(refused)

    def _entry(self, event: Event) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._bus,
            "Source": event.source,
            "DetailType": event.type,
            "Time": event.time,
            "Detail": event.printed(),
        }
