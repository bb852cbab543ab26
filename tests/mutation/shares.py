"""What became of the mutants that `make mutants` has tried: a table by file, the survivors by name,
and whether in every file enough of them were noticed.
"""

import json
import sys
from pathlib import Path

TRIED = Path("mutants")
LEAST_PERCENT = 85
# As mutmut notes them: a test failed (1, or 3 inside of pytest), or ran on without an end.
KILLED = {1, 3, 24, 36, 152, 255, -24}


def main() -> int:
    """Print, and say by the exit code whether every file has its share."""
    metas = sorted(TRIED.rglob("*.py.meta"))
    fates = {meta: json.loads(meta.read_text())["exit_code_by_key"] for meta in metas}
    short = [] if any(fates.values()) else ["no mutants at all"]
    for meta, codes in fates.items():
        survivors = [name for name, code in codes.items() if code not in KILLED]
        name = str(meta.relative_to(TRIED)).removesuffix(".meta")
        percent = 100 * (len(codes) - len(survivors)) / len(codes) if codes else 100
        print(f"{percent:6.1f} %  {len(codes):5} mutants  {len(survivors):4} survive  {name}")
        print("".join(f"            {survivor}\n" for survivor in survivors), end="")
        if percent < LEAST_PERCENT:
            short.append(f"{name}: {percent:.1f} %")
    print("To see one of them: .venv-mutants/bin/mutmut show NAME")
    if short:
        print(f"Below {LEAST_PERCENT} %: {', '.join(short)}", file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
