"""Everything of the service on one machine, started and stopped as one.

MiniStack with the template's resources, the doubles of the providers, the app behind a gateway,
its workers. Knows how they fit together; what runs on it (demo data, a journey) is others' affair.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from chalicelib import wiring
from chalicelib.providers import aws
from chalicelib.settings import Settings
from infrastructure.local import captcha_double, ministack, outbox, resources, stripe_double
from infrastructure.local.clock import MovableClock
from infrastructure.local.declared_workers import declared_workers
from infrastructure.local.dev_routes import Handles, dev_routes
from infrastructure.local.event_lines import EventLines
from infrastructure.local.gateway import Gateway, refusal
from infrastructure.local.issuer import Issuer
from infrastructure.local.pump import Pump
from infrastructure.local.server import Request, Response, Server
from infrastructure.local.state import CannotUse, StateFolder, fresh_secrets, signing_key
from infrastructure.local.terminal import Answer, Terminal, log_kept_in, shown

_ISSUER = "https://issuer.stampbook.localhost"
_AUDIENCE = "stampbook-local"
_ALLOWANCE_FACTOR = "30"  # how many times the usual request allowances apply here
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs. `api_url` answers after `open`; `secrets` are those of this installation."""

    folder: StateFolder
    server: Server
    services: wiring.Services
    issuer: Issuer
    clock: MovableClock
    pump: Pump
    secrets: Mapping[str, str]
    stripe_url: str
    aws_endpoint: str

    @property
    def api_url(self) -> str:
        """Such as `http://127.0.0.1:8000`."""
        return f"http://127.0.0.1:{self.server.port}"

    def open(self) -> None:
        """Answer requests and feed the workers from now on."""
        self.server.start()
        self.pump.start()


@contextmanager
def running(folder: StateFolder, port: int, terminal: Terminal) -> Iterator[Stack]:
    """Start all of it on a state folder; stop all of it at the end, in the other direction.

    port: of the API, 0 for a free one. Raises CannotUse when it is taken, StartFailed when the
    local AWS does not come up; nothing is left running then.
    """
    with ExitStack() as closing:
        answering = _LateAnswer()
        server = closing.enter_context(_listening(port, shown(answering, terminal.note)))
        cloud = ministack.start(folder.path / "aws", persist=True)
        closing.callback(cloud.stop)
        closing.enter_context(log_kept_in(folder.path / "service.log", terminal.note))
        _speak_to(cloud)
        secrets = folder.kept("secrets.json", fresh_secrets)
        created = resources.create("local", secrets)
        os.environ.update(created.environment() | _identities(server.port))
        os.environ["SNAPSHOT_FOLDER"] = str(folder.path / "snapshot")  # no Athena is here
        clock = MovableClock(folder.path / "clock.json")
        captcha = captcha_double.CaptchaDouble(secrets["turnstile_secret"], clock)
        os.environ["TURNSTILE_URL"] = closing.enter_context(captcha_double.serving(captcha))
        pump = _pump(created, clock, terminal)
        closing.callback(pump.stop)
        closing.callback(server.stop)  # before the workers stop: nothing is written after them
        cards = _cards(folder, server.port, secrets, clock)
        closing.callback(cards.close)  # first: it still delivers to the server
        os.environ["STRIPE_API_BASE"] = cards.url
        services = _services(clock)
        issuer = Issuer(_ISSUER, _AUDIENCE, clock, signing_key(folder))

        def drain() -> None:
            cards.drain()
            pump.drain()

        handles = Handles(issuer, captcha, clock, lambda: outbox.captured(cloud.endpoint), drain)
        answering.ready(_gateway(handles), pump)
        yield Stack(
            folder, server, services, issuer, clock, pump, secrets, cards.url, cloud.endpoint
        )


class _LateAnswer:
    """Answers by the gateway, once there is one: the port is taken before anything is started."""

    def __init__(self) -> None:
        self._gateway: Gateway | None = None
        self._pump: Pump | None = None

    def ready(self, gateway: Gateway, pump: Pump) -> None:
        self._gateway, self._pump = gateway, pump

    def __call__(self, request: Request) -> Response:
        if self._gateway is None or self._pump is None:
            raise AssertionError("a request before `ready`")
        try:
            return self._gateway.answer(request)
        finally:
            if request.method not in _READS:
                self._pump.wake()


@contextmanager
def _listening(port: int, answer: Answer) -> Iterator[Server]:
    try:
        server = Server(port, answer, refusal)
    except (OSError, OverflowError) as error:
        raise CannotUse(
            f"Port {port} is taken or not to be had: stop what uses it, or choose another "
            f"with `make run PORT=...`."
        ) from error
    try:
        yield server
    finally:
        server.stop()


def _speak_to(cloud: ministack.MiniStack) -> None:
    """Let every AWS client of this process speak to the local AWS, whatever the shell had set."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(cloud.environment())


def _identities(port: int) -> dict[str, str]:
    return {
        "OIDC_ISSUER": _ISSUER,
        "OIDC_AUDIENCE": _AUDIENCE,
        "OIDC_JWKS_URL": f"http://127.0.0.1:{port}/_dev/jwks.json",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ALLOWANCE_FACTOR": _ALLOWANCE_FACTOR,
        "OUTGOING_LOOPBACK": "allowed",  # so that a webhook can be tried out on this machine
    }


def _pump(created: resources.Stack, clock: MovableClock, terminal: Terminal) -> Pump:
    from app import app  # it reads the environment

    stream = resources.stream_arn(created.names["LedgerTable"])
    return Pump(
        declared_workers(app),
        stream,
        created.names["RelayDeadLetters"],
        clock,
        terminal.note,
        EventLines(created.names["EventBus"], terminal.note).show,
        queues={
            "imports": created.names["ImportQueue"],
            "post": created.names["PurchaseQueue"],
            "export": created.names["ExportQueue"],
            "mail_events": created.names["MailEventQueue"],
            "erase": created.names["EraseQueue"],
            "letters": created.names["LetterQueue"],
            "snapshot": created.names["SnapshotQueue"],
            "deliver": created.names["WebhookQueue"],
        },
    )


def _cards(
    folder: StateFolder, port: int, secrets: Mapping[str, str], clock: MovableClock
) -> stripe_double.Double:
    hook = f"http://127.0.0.1:{port}/v1/providers/stripe/events"
    return stripe_double.start(
        secrets["stripe_api_key"],
        lambda: clock().timestamp(),
        webhook=stripe_double.Endpoint(hook, secrets["stripe_webhook_secret"]),
        file=folder.path / "stripe.json",
    )


def _services(clock: MovableClock) -> wiring.Services:
    """The real services of this environment, but for the clock."""
    services = replace(wiring.build(Settings.read(os.environ)), clock=clock)
    wiring.install(services)
    outbox.stamp(aws.sns())
    outbox.note_headers(aws.ses())
    return services


def _gateway(handles: Handles) -> Gateway:
    from app import app

    app.register_blueprint(dev_routes(handles))
    return Gateway(app)
