"""The reference lists every kind as the code has it, and what no kind covers.

python -m tests.unit.staged.test_kinds_reference        prints the table
"""

from __future__ import annotations

import re
import sys
from importlib.resources import files
from pathlib import Path

from weedgo.staged.kinds import KINDS
from weedgo.staged.kinds.base import Kind

PAGE = Path(__file__).parent.parent.parent.parent / "docs" / "reference" / "kinds.md"
# Facts about another object, which go where that object goes.
FACTS = frozenset(
    {
        "sequence_owner", "partition", "default", "trigger_state", "row_security",
        "replica_identity", "cluster", "owner", "privileges", "member_privileges", "comment",
    }
)  # fmt: skip


def table() -> list[str]:
    """The table's lines: each kind, its stages, and whether it changes in place."""
    head = ["| object | created | altered | dropped | how |", "|---|---|---|---|---|"]
    return head + [_row(kind) for kind in KINDS.values()]


def _row(kind: Kind) -> str:
    text = " ".join((type(kind).__doc__ or "").partition("\n\n")[0].split())
    text = text.replace("``", "`").removesuffix(".")
    stage = kind.stage.value
    altered = "replaced" if type(kind).alter is Kind.alter else f"stage {stage}"
    dropped = f"stage {kind.leaves.value}"
    if kind.name in FACTS:
        dropped = f"stage {stage}, or with its object"
    name = kind.name.replace("_", " ")
    return f"| {name} | stage {stage} | {altered} | {dropped} | {text} |"


def test_the_table_of_kinds_is_the_codes() -> None:
    shown = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    assert shown[: len(table())] == table()


def test_what_is_not_modelled_is_named() -> None:
    query = (files("weedgo.staged") / "sql" / "unmodelled.sql").read_text()
    named = set(re.findall(r"SELECT '([^']+)'", query))
    named |= set(re.findall(r"(?:THEN|ELSE) '([^']+)'", query))
    text = " ".join(PAGE.read_text().split())
    assert named
    assert [name for name in sorted(named) if name not in text] == []


if __name__ == "__main__":
    sys.stdout.write("\n".join(table()) + "\n")
