"""What is known of members, as a page for people: `python -m infrastructure.facts` writes
docs/facts.md.

Made from the facts' own definitions, so that nobody keeps it. With `--check` it writes nothing and
fails when the page is not the current one.
"""

import sys
from pathlib import Path

from chalicelib.domain.fact_list import FACTS, Fact

PATH = Path(__file__).parents[1] / "docs" / "facts.md"

_HEAD = """\
# What is known of members

Written by `python -m infrastructure.facts` from
[the definitions](../chalicelib/domain/fact_list.py);
`make check` fails when it is not current. `GET /v1/facts` tells the same, with the program's own
tiers and attributes. One definition serves the decision at the till, the count of an audience and
this page.

- **not known** is a value of its own: a condition on what is not known is never met, and neither is
  its opposite. `known` asks for that alone.
- **consent** marks what is known only while the member has a purpose of the kind profiling in
  force. Without one it is not known, nothing of it is kept, and a withdrawal deletes it at once;
  who consents again has it counted anew from its own purchases.
- **fresh**: *at once* knows of what was just written; *minutes* of what happened some minutes ago,
  so what is being bought counts for the next purchase.
- Days are days in the program's zone; "the last 30 days" are today and the 29 before it. Of 365
  days those older than 92 count by whole weeks: a week counts while its Monday is one of the 365.
- A purchase counts on its own day, however late it comes. What comes back is taken away from that
  day; one that comes back as a whole was never made.
- In an account that several members share, nothing is known of what each buys.
- Classes go from 1 to 5, the best; the program's `rfm` says from where on. `churn_risk` sets the
  days since the last purchase against the mean interval of the last twelve days on which something
  was bought: below one and a half of it low, below three medium, else high; not known below three
  such days.
- `tier` is `none` below the lowest tier. `attribute.<name>` is there for each of the first ten
  attributes of the program, as text, unless it is longer than 60 bytes.

| fact | kind | unit | values | fresh | consent | in words | auf Deutsch |
|---|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(map(_row, FACTS.values()))


def _row(fact: Fact) -> str:
    values = ", ".join(f"`{value}`" for value in fact.values or ())
    cells = (
        f"`{fact.name}`",
        str(fact.kind),
        fact.unit or "",
        values,
        str(fact.freshness).replace("_", " "),
        "yes" if fact.profiling else "",
        fact.says["en"],
        fact.says["de"],
    )
    return f"| {' | '.join(cells)} |\n"


def main(arguments: list[str]) -> int:
    """The process's exit code."""
    current = page()
    if arguments == ["--check"]:
        if PATH.exists() and PATH.read_text(encoding="utf-8") == current:
            return 0
        sys.stderr.write("docs/facts.md is not current: run `python -m infrastructure.facts`\n")
        return 1
    PATH.write_text(current, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
