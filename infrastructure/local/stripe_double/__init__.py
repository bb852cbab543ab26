"""A stateful stand-in for the part of Stripe's API that the service uses, on loopback.

It is built to be believed by stripe-python: form-encoded requests, Stripe's objects, errors,
Idempotency-Keys and signed webhooks. Three things are its own: `POST
/v1/setup_intents/{id}/double/authenticate` answers 3-D Secure as the customer would; `confirm`
takes test cards by name (`pm_card_visa`) with any test key or none, because whoever runs this
plays the customer's browser too; and `Double.meet` puts obstacles in the way of requests.
"""

from infrastructure.local.stripe_double.obstacles import Fails, LosesReply, Waits
from infrastructure.local.stripe_double.server import Double, start
from infrastructure.local.stripe_double.webhooks import Endpoint, body_of, signature

__all__ = ["Double", "Endpoint", "Fails", "LosesReply", "Waits", "body_of", "signature", "start"]
