"""`python -m infrastructure.local.stripe_double`: the double in a process of its own."""

import argparse
import signal
import threading
import time
from pathlib import Path

from infrastructure.local.stripe_double import Endpoint, start


def main() -> None:
    """Serve until SIGINT or SIGTERM; prints the address once it listens."""
    arguments = _arguments()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    webhook = None
    if arguments.webhook_url:
        webhook = Endpoint(arguments.webhook_url, arguments.webhook_secret)
    double = start(
        arguments.api_key,
        time.time,
        webhook=webhook,
        port=arguments.port,
        file=arguments.state,
        seed=arguments.seed,
    )
    print(double.url, flush=True)
    stop.wait()
    double.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stripe_double", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (default): any free one")
    parser.add_argument("--api-key", default="sk_test_local")
    parser.add_argument("--webhook-url", help="where signed events go")
    parser.add_argument("--webhook-secret", default="whsec_local")
    parser.add_argument("--state", type=Path, help="a file that keeps the state over restarts")
    parser.add_argument("--seed", type=int, default=1, help="which webhooks come twice or late")
    return parser.parse_args()


if __name__ == "__main__":
    main()
