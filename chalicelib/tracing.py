"""Traces: where the time of a traced request went, as AWS X-Ray shows it.

Lambda decides which runs are traced and tells it by the environment; of those, each request, worker
and call to AWS is told to the agent that Lambda runs beside us, in one datagram each. Nothing is
waited for, and nothing is sent where nothing is traced. By hand, because X-Ray's own library takes
100 ms of a cold start and comes to its end in 2027. Must not know what it traces: of a call, its
service and its operation alone.
"""

import json
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from secrets import token_hex
from typing import Any

_HEADER = b'{"format": "json", "version": 1}\n'
_NOT_IN_NAMES = re.compile(r"[^\w\s.:/%&#=+\\\-@]")
_parent: ContextVar[str | None] = ContextVar("parent", default=None)


@contextmanager
def span(name: str, **more: object) -> Iterator[None]:
    """What the block takes, and whether it raised, if this run is traced. more: further fields of
    X-Ray's subsegment."""
    trace = _trace()
    if trace is None:
        yield
        return
    own = token_hex(8)
    told: dict[str, object] = {
        "id": own,
        "name": _NOT_IN_NAMES.sub(":", name)[:200],
        "trace_id": trace["Root"],
        "parent_id": _parent.get() or trace["Parent"],
        "type": "subsegment",
        "start_time": time.time(),
        **more,
    }
    inside = _parent.set(own)
    try:
        yield
    except BaseException:
        told["error"] = True
        raise
    finally:
        _parent.reset(inside)
        _tell(told | {"end_time": time.time()})


def watch(client: Any) -> None:
    """Trace the calls of a client of botocore's: once for each client, when it is made."""
    client.meta.events.register("before-call", _begin)
    client.meta.events.register("after-call", _end)
    client.meta.events.register("after-call-error", _end)


def _begin(model: Any, context: dict[str, Any], **_: Any) -> None:
    if _trace() is not None:
        service, operation = str(model.service_model.service_id), str(model.name)
        block = span(service, namespace="aws", aws={"operation": operation})
        block.__enter__()
        context["stampbook_span"] = block


def _end(context: dict[str, Any], exception: BaseException | None = None, **_: Any) -> None:
    block = context.pop("stampbook_span", None)
    if block is None:
        return
    with suppress(BaseException):  # botocore raises it itself
        block.__exit__(type(exception) if exception else None, exception, None)


def _trace() -> dict[str, str] | None:
    """The trace of this run, None where it is not traced. Lambda sets it anew for every run."""
    if "AWS_XRAY_DAEMON_ADDRESS" not in os.environ:
        return None
    header = os.environ.get("_X_AMZN_TRACE_ID", "")
    parts = dict(part.split("=", 1) for part in header.split(";") if "=" in part)
    return parts if parts.get("Sampled") == "1" and {"Root", "Parent"} <= set(parts) else None


def _tell(told: dict[str, object]) -> None:
    host, _, port = os.environ["AWS_XRAY_DAEMON_ADDRESS"].rpartition(":")
    with (
        suppress(OSError),  # a trace is no reason to fail
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent,
    ):
        agent.sendto(_HEADER + json.dumps(told).encode(), (host, int(port)))
