"""The Chalice application: composition only. Routes are declared in `chalicelib/api/`, workers in
`chalicelib/workers/`; a worker's own Lambda imports its module and never this one.
"""

from collections.abc import Iterable

from chalice.app import Blueprint

from chalicelib import starting
from chalicelib.api.homes import homes
from chalicelib.api.shell import Gatewayless, mount


def _blueprints() -> Iterable[Blueprint]:
    from chalicelib.api.blueprints import BLUEPRINTS

    return BLUEPRINTS


app = Gatewayless(app_name="stampbook", configure_logs=False)
mount(app, _blueprints, homes())

if starting.in_a_function():
    # What a till waits for is loaded before it asks; other routes when somebody asks for them.
    app.routes["/v1/purchases"]
    starting.load_tables()
else:
    # For whoever makes the functions of the workers, or runs them all in one process.
    from chalicelib.workers import (
        anchor,
        deliver,
        deliver_again,
        erase,
        erase_due,
        expire_points,
        expire_redemptions,
        export,
        follow,
        imports,
        keep_fresh,
        letters,
        letters_again,
        mail_events,
        occasions,
        post,
        reconcile,
        relay,
        remind,
        snapshot,
        snapshot_base,
        tell_expiring,
        together,
    )

    app.register_blueprint(relay.worker)
    app.register_blueprint(follow.worker)
    app.register_blueprint(deliver.worker)
    app.register_blueprint(deliver_again.worker)
    app.register_blueprint(snapshot.worker)
    app.register_blueprint(snapshot_base.worker)
    app.register_blueprint(expire_redemptions.worker)
    app.register_blueprint(expire_points.worker)
    app.register_blueprint(tell_expiring.worker)
    app.register_blueprint(together.worker)
    app.register_blueprint(remind.worker)
    app.register_blueprint(keep_fresh.worker)
    app.register_blueprint(occasions.worker)
    app.register_blueprint(letters.worker)
    app.register_blueprint(letters_again.worker)
    app.register_blueprint(mail_events.worker)
    app.register_blueprint(anchor.worker)
    app.register_blueprint(imports.worker)
    app.register_blueprint(post.worker)
    app.register_blueprint(erase.worker)
    app.register_blueprint(erase_due.worker)
    app.register_blueprint(export.worker)
    app.register_blueprint(reconcile.worker)
