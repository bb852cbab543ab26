"""What a newcomer is told once the service answers: `local.json`, the addresses, three curls.

README.md shows the same three; a test pastes them.
"""

from pathlib import Path

from infrastructure.local.demo_data import Demo, DemoMember
from infrastructure.local.stack import Stack

LOCAL_JSON = "local.json"
_TEN_YEARS_SECONDS = 10 * 365 * 24 * 3600  # the clock can be moved; these tokens need not be, then
_STAFF = ("admin", "marketer", "support", "privacy")


def write_local_json(stack: Stack, demo: Demo) -> Path:
    """Write what programs on this machine need to know, for its owner alone."""
    document = {
        "api_url": stack.api_url,
        "checkout_key": demo.checkout_key,
        "tokens": {
            group: stack.issuer.token(f"demo-{group}", [group], _TEN_YEARS_SECONDS)
            for group in _STAFF
        },
        "members": [_row(stack, member) for member in demo.members],
        "stripe": {
            "webhook_secret": stack.secrets["stripe_webhook_secret"],
            "api_base": stack.stripe_url,
        },
        "aws_endpoint": stack.aws_endpoint,
    }
    return stack.folder.write(LOCAL_JSON, document)


def _row(stack: Stack, member: DemoMember) -> dict[str, str]:
    return {
        "member_id": member.member_id,
        "card_number": member.card_number,
        "email": member.email,
        "token": stack.issuer.token(member.member_id, (), _TEN_YEARS_SECONDS),
    }


def curls(api_url: str, demo: Demo) -> list[tuple[str, str]]:
    """(what it shows, the command) for each of the three users, good for pasting."""
    member = demo.members[0]
    return [
        ("A till posts a purchase", _purchase(api_url, demo.checkout_key, member)),
        ("A member reads the balance", _balance(api_url, member)),
        ("A marketer previews an audience", _audience(api_url)),
    ]


def _purchase(api_url: str, key: str, member: DemoMember) -> str:
    return f"""curl -s {api_url}/v1/purchases \\
  -H 'Authorization: Bearer {key}' \\
  -H 'Content-Type: application/json' -d '{{
    "purchase_id": "receipt-'$(date +%s)'", "member": {{"card_number": "{member.card_number}"}},
    "occurred_at": "'$(date -u +%Y-%m-%dT%H:%M:%SZ)'", "currency": "EUR",
    "lines": [
      {{"line_id": "1", "sku": "flat-white", "quantity": 2, "amount_minor": 840}},
      {{"line_id": "2", "sku": "beans-250g", "category": "beans",
       "quantity": 1, "amount_minor": 890}}
    ]}}'"""


def _balance(api_url: str, member: DemoMember) -> str:
    return f"""curl -s {api_url}/v1/members/me/account \\
  -H "Authorization: Bearer {_token(api_url, member.member_id, "")}\""""


def _audience(api_url: str) -> str:
    return f"""curl -s {api_url}/v1/segments/preview \\
  -H "Authorization: Bearer {_token(api_url, "demo-marketer", ', "groups": ["marketer"]')}" \\
  -H 'Content-Type: application/json' -d '{{"condition": {{"all": [
    {{"fact": "tier", "op": "in", "value": ["silver", "gold"]}},
    {{"fact": "purchases_last_90_days", "op": "lte", "value": 2}}]}}}}'"""


def _token(api_url: str, sub: str, groups: str) -> str:
    """A shell expression that gives a fresh token."""
    return (
        f"$(curl -s {api_url}/_dev/tokens -H 'Content-Type: application/json' \\\n"
        f'    -d \'{{"sub": "{sub}"{groups}}}\' | cut -d \'"\' -f 4)'
    )


def lines(stack: Stack, demo: Demo, local_json: Path) -> list[str]:
    """What the terminal says."""
    shown = [
        "",
        f"Stampbook answers on {stack.api_url}",
        f"  read      {stack.api_url}/v1/docs and {stack.api_url}/v1/openapi.json",
        f"  Stripe    {stack.stripe_url} (a double)",
        f"  AWS       {stack.aws_endpoint} (MiniStack)",
        f"  keys      {local_json}",
        "",
    ]
    for what, command in curls(stack.api_url, demo):
        shown += [f"# {what}", command, ""]
    return [*shown, "Ctrl-C stops it. A line for each request and event follows.", ""]
