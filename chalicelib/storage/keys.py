"""Every key of every table, built here alone. The access patterns of the whole service.

| who asks | key |
|---|---|
| an account's state and traits: one Query, newest first, limit 2 | `A#<account>` |
| an account's entry by number | `A#<account>` / `E#<seq:012>` |
| a purchase and what happened to it: one Query | `P#<name>` / `0000`, `0001`, ... |
| a redemption, its end, what it paid for: one Query | `X#<redemption id>` / `0`, `1`, `2` |
| a voucher's redemption | `V#<name>` / `0` |
| the record of any other operation | `C#<kind>#<name>` / `0` |
| what falls due on a day: one Query of the index `due` | `D#<day>` / the instant |
| whose points expire next: one Query a shard | `L#<shard:02>` / `<last day>#<account>` |
| what a member was told of last days | `M#<member id>` / `TOLD` |
| a member and all that is kept of it: one Query | `M#<member id>` / ... |
| what is known of its exports: one Query | the same / `EXPORT#<export id>` |
| that it is going, or gone; its newest erasure | the same / `GONE`, `ERASURE` |
| that it may not be erased; that its data is not used | the same / `HOLD`, `RESTRICTION` |
| that a token's subject leads to it | the same / `SUB#<name>` |
| an erasure by its id | `ERASURE#<erasure id>` / `0` |
| open erasures by when they are due: one Query | `DUE#erasure` / `<instant>#<erasure id>` |
| who may not be erased: one Query | `HELD` / `<member id>` |
| which exports nobody has made yet: one Query | `OPEN#export` / `<member id>#<export id>` |
| that an identifier led to somebody who was erased | `TOMB#<kind>#<name>` / `0` |
| how fresh what is known of it is | the same / `FRESH` |
| its profile, its preferences | the same / `PROFILE`, `PREFS` |
| its consents, newest first: one Query | the same / `CONSENT#<seq:06>` |
| the code that was sent on a channel | the same / `CODE#<channel>` |
| what decides who may write to a member | the same / `REACH` |
| whom a purpose may be written to | `AUDIENCE#<purpose>#<channel>#<shard:02>` / `<member id>` |
| all members: a Scan of what is not sealed | `M#...` / `PROFILE`, `FRESH`, ... |
| a sign-up that waits for its code | `S#<signup id>` / `0` |
| a member's wrapped key (table `keys`) | `M#<member id>` / `0` |
| what was done or read on a day (table `audit`) | `D#<day>` / `<instant>#<id>` |
| what was done or read of a member: one Query of the index `by_member` | its id / the same |
| whom an identifier belongs to | `ID#<kind>#<name>` / `0` |
| who is alike in something: one Query, limit 21 | `ALIKE#<kind>#<name>` / `<member id>` |
| accounts under review, by their ids | `REVIEWS` / `<account>` |
| pairs of members who are alike | `DUPLICATES` / both ids |
| whom a member is alike | `M#<member id>` / `ALIKE#<other>` |
| who has a card of a fingerprint: one Query, limit 2 | `ID#<kind>#<name>` / `<member id>` |
| a member's cards on file: one Query | `M#<member id>` / `PM`, `PM#<payment method>` |
| which SetupIntent a request led to | the same / `SETI#<name>` |
| a member's interactions, newest first: one Query | `M#<member id>` / `INT#<instant>#<id>` |
| where one of them stands | the same / `INTID#<id>` |
| what it is to be reminded of, for who erases it | the same / `REMIND#<day>#<id>` |
| whom to remind, by day: one Query a shard | `REMIND#<shard:02>` / `<day>#<member id>#<id>` |
| a provider's event that was dealt with | `EVT#<provider>#<event id>` / `0` |
| a counter of uses in a window | `N#<kind>#<name>#<window>` / `0` |
| programs, by number and which is active | `PROGRAM` / `V#<version:06>`, `ACTIVE` |
| when each came into force: one Query | `PROGRAM_HISTORY` / `<turn:06>` |
| what somebody asked of a version | `PROGRAM_PLAN#<plan id>` / `0` |
| what is bought together: one look-up for many products, one Query | `TOGETHER` / sku |
| rewards: all in one Query; one as it was created | `REWARD` / id; `REWARD_CREATED#<id>` / `0` |
| a reward's stock: one Query, or a batch for many rewards | `STOCK#<reward>` / `<shard:02>` |
| offers: all in one Query; one as of a version | `OFFER` / id; `OFFER#<id>` / `V#<version:06>` |
| when an offer was paused: all in one Query | `OFFER_PAUSES` / id |
| the offers that tills go by: one Query | `OFFERS_LIVE` / `O#<id>` |
| how often these changed, and as of which change they are | the same / `GENERATION`, `LISTED` |
| the number that an offer was given last | the same / `NUMBER` |
| an offer's budget: one Query, or a batch for many offers | `BUDGET#<offer>` / `<shard:02>` |
| what somebody asked of offers | `SIMULATION#<id>` / `0` |
| what one of them would have given: one Query | `SIMULATION#<id>#<place>` / `<page>` |
| whom an offer was launched for, in figures | `OFFER_LAUNCH#<offer id>` / `0` |
| segments: all in one Query; one as it was created | `SEGMENT` / id; `SEGMENT_CREATED#<id>` / `0` |
| announcements; how far they are: one Query | `ANNOUNCEMENT` / id; `ANNOUNCEMENT_COURSE` / id |
| what became of an announcement's letters: one Query | `ANNOUNCEMENT_SUMS#<id>` / `<shard:02>` |
| what became of an announcement's letter to a member | `M#<member id>` / `SENT#<announcement id>` |
| surveys: all in one Query; one as it was created | `SURVEY` / id; `SURVEY_CREATED#<id>` / `0` |
| how often each answer to a survey was given: one Query | `SURVEY_SUMS#<survey>` / `<shard:02>` |
| reconciliations, newest first: one Query | `RECONCILIATION` / `<number:08>` |
| how far a pass over the ledger is | `PASS#<name>#<segments>` / `<segment:04>` |
| imports: all in one Query; one by its name | `IMPORT` / `<name>` |
| the refused rows of an import, batch by batch | `IMPORT#<name>` / `<offset:012>` |
| API keys: all in one Query; by secret; how many a source has | `KEY`; `KEYHASH#`; `KEYSOURCE#` |
| connections: all in one Query; by who sends | `CONNECTION` / id; `CONNECTION_SENDER#<sender>` |
| webhooks: all in one Query; how one is that fails | `WEBHOOK` / id; `WEBHOOK_HEALTH` / id |
| an event as it is sent, by its id | `EVENT#<event id>` / `0` |
| what happened in an hour, a shard of members at a time | `EVENTS#<hour>#<shard>` / `<place>` |
| whether a member's events wait, and which | `WAIT#<webhook>#<member>` / `0`, `<place>` |
| whose events are to be tried again: one Query | `WAITS#<webhook>#<shard>` / `<instant>#<member>` |
| what was tried on a day | `DELIVERIES#<webhook>#<day>` / `<instant>#<event id>` |
| the last tries of what was given up: one Query | `DELIVERIES#<webhook>#given_up` / the same |
| a day's signed root; all of them, newest first (table `anchors`) | `ROOT` / `<day>` |
| since when a day's root is made | `BEGUN` / `<day>` |
| heads seen on the way to it: one Query | `NOTED#<day>` / `<page:08>#<digest>` |
| the buckets of its tree: one Query | `TREE#<day>` / `<bucket:02x>` |
| the leaves of a bucket: one Query | `BUCKET#<its root>` / `<part:04>` |

`<name>` is an HMAC (`domain/names.py`): no caller's id and no person's identifier is in a key.
"""

from datetime import date

ONLY = "0"
"""The sort key of an item that is alone in its partition."""

# --- ledger ----------------------------------------------------------------------------------

TRAITS = "T"
"""Sorts after every entry on purpose: the newest entry and the traits are one Query of two."""


def account(account_id: str) -> str:
    return f"A#{account_id}"


def entry(seq: int) -> str:
    return f"E#{seq:012d}"


def purchase(name: str) -> str:
    return f"P#{name}"


def purchase_event(number: int) -> str:
    """0 is the purchase itself, unless returns came before it; then what happened to it."""
    return f"{number:04d}"


def redemption(redemption_id: str) -> str:
    return f"X#{redemption_id}"


REDEMPTION_END = "1"
REDEMPTION_SPENT = "2"
"""The purchase that it paid for."""


def voucher(name: str) -> str:
    return f"V#{name}"


def claim(kind: str, name: str) -> str:
    return f"C#{kind}#{name}"


def due(day: date) -> str:
    """The partition of the index `due` that holds what falls due on a day (UTC)."""
    return f"D#{day.isoformat()}"


def last_days(shard: int) -> str:
    """The partition of the index `due` that holds the last days of a shard's accounts."""
    return f"L#{shard:02d}"


def last_day(day: date, account_id: str) -> str:
    """By day; the account keeps those of one day apart, and its own hints of a day together."""
    return f"{day.isoformat()}#{account_id}"


def last_days_between(first: date | None, last: date) -> tuple[str, str]:
    """The ends of a range of last days, both included; from the first there is where `first` is
    None. `!`, `#` and `$` sort in this order and below everything in an id."""
    return f"{first.isoformat()}#" if first is not None else "!", f"{last.isoformat()}$"


def after_last_day(sort_key: str) -> str:
    """Where a range goes on behind one account's hints of one day."""
    return f"{sort_key}!"


# --- people and keys -------------------------------------------------------------------------


def member(member_id: str) -> str:
    return f"M#{member_id}"


PROFILE = "PROFILE"
PREFERENCES = "PREFS"
TOLD = "TOLD"
FRESHNESS = "FRESH"
"""Sorts before the profile."""

REACH = "REACH"
DUPLICATES = "DUPLICATES"
REVIEWS = "REVIEWS"
GONE = "GONE"
"""That the member is going, or gone: put once, never deleted."""

ERASURE = "ERASURE"
HOLD = "HOLD"
RESTRICTION = "RESTRICTION"
HELD = "HELD"
DUE_ERASURES = "DUE#erasure"
SUBJECT = "SUB#"


def subject(name: str) -> str:
    return f"{SUBJECT}{name}"


def erasure(erasure_id: str) -> str:
    return f"ERASURE#{erasure_id}"


def due_erasure(at: str, erasure_id: str) -> str:
    return f"{at}#{erasure_id}"


def tombstone(kind: str, name: str) -> str:
    return f"TOMB#{kind}#{name}"


CONSENT = "CONSENT#"

CONSENTS_END = "CONSENT$"
"""Sorts after every consent record."""


def consent_record(seq: int) -> str:
    return f"{CONSENT}{seq:06d}"


def code(channel: str) -> str:
    return f"CODE#{channel}"


WALLET = "PM"
"""What counts the changes of a member's cards; sorts right before the cards."""


def payment_method(payment_method_id: str) -> str:
    return f"{WALLET}#{payment_method_id}"


EXPORT = "EXPORT#"


def export(export_id: str) -> str:
    return f"{EXPORT}{export_id}"


OPEN_EXPORTS = "OPEN#export"


def open_export(member_id: str, export_id: str) -> str:
    return f"{member_id}#{export_id}"


def card_setup(name: str) -> str:
    return f"SETI#{name}"


INTERACTION = "INT#"


def interaction(at: str, interaction_id: str) -> str:
    """By when it was, as printed; the id keeps two of one instant apart."""
    return f"{INTERACTION}{at}#{interaction_id}"


def interaction_lead(interaction_id: str) -> str:
    return f"INTID#{interaction_id}"


REMIND = "REMIND#"


def own_reminder(day: date, interaction_id: str) -> str:
    return f"{REMIND}{day.isoformat()}#{interaction_id}"


def reminder_of(member_id: str, own: str) -> str:
    """The sort key of the hint that a member's own item leads to."""
    day, _, interaction_id = own.removeprefix(REMIND).partition("#")
    return reminder(date.fromisoformat(day), member_id, interaction_id)


def reminders(shard: int) -> str:
    return f"{REMIND}{shard:02d}"


def reminder(day: date, member_id: str, interaction_id: str) -> str:
    return f"{day.isoformat()}#{member_id}#{interaction_id}"


def last_reminder(until: date) -> str:
    """The end of a range of reminders; `$` sorts right behind `#`."""
    return f"{until.isoformat()}$"


def provider_event(provider: str, event_id: str) -> str:
    return f"EVT#{provider}#{event_id}"


def alike(likeness: str, name: str) -> str:
    return f"ALIKE#{likeness}#{name}"


def alike_beside(member_id: str) -> str:
    """Beside a member, one whom it is alike."""
    return f"ALIKE#{member_id}"


def pair(first: str, second: str) -> str:
    """Two members, the lesser id first."""
    return f"{first}#{second}"


def audience(purpose: str, channel: str, shard: int) -> str:
    return f"AUDIENCE#{purpose}#{channel}#{shard:02d}"


def sign_up(signup_id: str) -> str:
    return f"S#{signup_id}"


def identifier(kind: str, name: str) -> str:
    return f"ID#{kind}#{name}"


def allowance(kind: str, name: str, window: int) -> str:
    return f"N#{kind}#{name}#{window}"


# --- audit -----------------------------------------------------------------------------------


def audit_day(day: str) -> str:
    """One partition a day, as `2026-11-22`."""
    return f"D#{day}"


def audit_record(at: str, record_id: str) -> str:
    """In the order of time; the id keeps two of one instant apart."""
    return f"{at}#{record_id}"


# --- config ----------------------------------------------------------------------------------

PROGRAM = "PROGRAM"
PROGRAM_ACTIVE = "ACTIVE"
PROGRAM_HISTORY = "PROGRAM_HISTORY"
REWARD = "REWARD"
TOGETHER = "TOGETHER"
OFFER = "OFFER"
OFFERS_LIVE = "OFFERS_LIVE"
OFFER_PAUSES = "OFFER_PAUSES"
GENERATION = "GENERATION"
OFFERS_LISTED = "LISTED"
OFFER_NUMBER = "NUMBER"
SURVEY = "SURVEY"
SEGMENT = "SEGMENT"
ANNOUNCEMENT = "ANNOUNCEMENT"
ANNOUNCEMENT_COURSE = "ANNOUNCEMENT_COURSE"
API_KEY = "KEY"
CONNECTION = "CONNECTION"
IMPORT = "IMPORT"
RECONCILIATION = "RECONCILIATION"


def program_version(version: int) -> str:
    return f"V#{version:06d}"


def program_turn(turn: int) -> str:
    """1 is the first activation."""
    return f"{turn:06d}"


def program_plan(plan_id: str) -> str:
    return f"PROGRAM_PLAN#{plan_id}"


def reward_created(reward_id: str) -> str:
    return f"REWARD_CREATED#{reward_id}"


def announcement_sums(announcement_id: str) -> str:
    return f"ANNOUNCEMENT_SUMS#{announcement_id}"


def announcement_shard(number: int) -> str:
    return f"{number:02d}"


def sending(announcement_id: str) -> str:
    """The sort key, beside a member's other items."""
    return f"SENT#{announcement_id}"


def segment_created(segment_id: str) -> str:
    return f"SEGMENT_CREATED#{segment_id}"


def survey_created(survey_id: str) -> str:
    return f"SURVEY_CREATED#{survey_id}"


def survey_sums(survey_id: str) -> str:
    return f"SURVEY_SUMS#{survey_id}"


def survey_shard(number: int) -> str:
    return f"{number:02d}"


def stock(reward_id: str) -> str:
    return f"STOCK#{reward_id}"


def stock_shard(number: int) -> str:
    return f"{number:02d}"


def offer_versions(offer_id: str) -> str:
    return f"{OFFER}#{offer_id}"


def live_offer(offer_id: str) -> str:
    return f"O#{offer_id}"


def offer_version(version: int) -> str:
    return f"V#{version:06d}"


def budget(offer_id: str) -> str:
    return f"BUDGET#{offer_id}"


def budget_shard(number: int) -> str:
    return f"{number:02d}"


def offer_simulation(simulation_id: str) -> str:
    return f"SIMULATION#{simulation_id}"


def simulated_pages(simulation_id: str, place: int) -> str:
    """place: of the offer among those of the simulation."""
    return f"SIMULATION#{simulation_id}#{place}"


def offer_launch(offer_id: str) -> str:
    return f"OFFER_LAUNCH#{offer_id}"


def import_refused(name: str) -> str:
    return f"{IMPORT}#{name}"


def import_batch(offset: int) -> str:
    """By where in the file the batch begins."""
    return f"{offset:012d}"


def api_key_hash(secret_hash: str) -> str:
    return f"KEYHASH#{secret_hash}"


def api_key_source(source: str) -> str:
    return f"KEYSOURCE#{source}"


def connection_sender(sender: str) -> str:
    return f"CONNECTION_SENDER#{sender}"


def reconciliation(number: int) -> str:
    return f"{number:08d}"


def ledger_pass(name: str, segments: int) -> str:
    return f"PASS#{name}#{segments}"


def segment(number: int) -> str:
    return f"{number:04d}"


# --- webhooks, in config too -----------------------------------------------------------------

WEBHOOK = "WEBHOOK"
WEBHOOK_HEALTH = "WEBHOOK_HEALTH"


def event(event_id: str) -> str:
    return f"EVENT#{event_id}"


def events(hour: str, shard: int) -> str:
    """hour: as `2026-11-22T09`."""
    return f"EVENTS#{hour}#{shard}"


def waiting(hook_id: str, group: str) -> str:
    """Its head is `0`, which sorts before every place."""
    return f"WAIT#{hook_id}#{group}"


def waiting_due(hook_id: str, shard: int) -> str:
    return f"WAITS#{hook_id}#{shard}"


def due_group(at: str, group: str) -> str:
    return f"{at}#{group}"


def deliveries(hook_id: str, day: str) -> str:
    """day: as `2026-11-22`."""
    return f"DELIVERIES#{hook_id}#{day}"


def given_up(hook_id: str) -> str:
    return f"DELIVERIES#{hook_id}#given_up"


def delivery(at: str, event_id: str, attempt: int) -> str:
    return f"{at}#{event_id}#{attempt:02d}"


# --- anchors ---------------------------------------------------------------------------------

ROOT = "ROOT"
ROOT_BEGUN = "BEGUN"


def root_day(day: date) -> str:
    return day.isoformat()


def noted_heads(day: date) -> str:
    return f"NOTED#{day.isoformat()}"


def noted_page(page: int, digest: str) -> str:
    """The digest is of what was noted: a page that was seen twice and differently is kept twice."""
    return f"{page:08d}#{digest}"


def root_tree(day: date) -> str:
    return f"TREE#{day.isoformat()}"


def tree_bucket(number: int) -> str:
    return f"{number:02x}"


def bucket(root: bytes) -> str:
    """By what is in it: a bucket in which nothing happened is the same the next day."""
    return f"BUCKET#{root.hex()}"


def bucket_part(number: int) -> str:
    return f"{number:04d}"
