"""The Chalice application: composition only. Routes are declared in `chalicelib/api/`."""

from chalice.app import Chalice

from chalicelib.api.blueprints import BLUEPRINTS
from chalicelib.api.shell import mount

app = Chalice(app_name="stampbook", configure_logs=False)

mount(app, BLUEPRINTS)
