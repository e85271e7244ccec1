"""The figures of a run: objects by kind, parity, sizes."""

from __future__ import annotations

from collections.abc import Mapping

from weedgo.staged import db, sources
from weedgo.staged.db import Connection
from weedgo.staged.kinds import KINDS
from weedgo.staged.model import Action, Change, Difference, Parity, Result, Status, Tally


def shown(source: sources.Source) -> str:
    """A source as it may be told: a path or a name as it is, a URL without its password."""
    said = str(source)
    return said if sources.is_file(said) else db.redact(said)


def parity(difference: Difference) -> Parity:
    """What a comparison says of parity."""
    return Parity(
        difference.equal, difference.changes, difference.unmodelled, difference.unverified
    )


def status(results: list[Result], parity: Parity) -> str:
    """The status of a run, from the results of its steps and the comparison after it."""
    ended = {r.status for r in results}
    if Status.FAILED in ended:
        return "incomplete"
    if Status.REFUSED in ended:
        return "refused"
    if Status.WAITING in ended or parity.different or parity.unmodelled:
        return "incomplete"
    return "equal"


def _label(change: Change) -> str:
    if change.action is Action.CREATE:
        return KINDS[change.id.kind].label
    return "removals" if change.action in (Action.DROP, Action.RETIRE) else "alterations"


_FIELD = {
    Status.DONE: "done",
    Status.UNDONE: "done",
    Status.FAILED: "failed",
    Status.REFUSED: "failed",
    Status.WAITING: "waiting",
    Status.SKIPPED: "skipped",
}


def tallies(results: tuple[Result, ...] | list[Result]) -> Mapping[str, Tally]:
    """Objects by the label of their kind, those altered and those removed apart."""
    labels = [*dict.fromkeys(k.label for k in KINDS.values()), "alterations", "removals"]
    found: dict[str, dict[str, int]] = {}
    for result in results:
        for change in result.step.counted:
            tally = found.setdefault(_label(change), {"planned": 0})
            tally["planned"] += 1
            if name := _FIELD.get(result.status):
                tally[name] = tally.get(name, 0) + 1
    return {label: Tally(**found[label]) for label in labels if label in found}


def storage(conn: Connection, results: list[Result]) -> dict[str, int]:
    """Bytes of what the run created: tables with their TOAST, and indexes, those of keys too."""
    done = [
        c.id
        for r in results
        if r.status is Status.DONE
        for c in r.step.changes
        if c.action is Action.CREATE
    ]
    names = {
        kind: [db.quoted(i.schema, i.name) for i in done if i.kind in members]
        for kind, members in (
            ("tables", ("table", "materialized_view")),
            ("indexes", ("index", "constraint")),
        )
    }
    query = (
        "SELECT coalesce(sum(pg_catalog.pg_table_size(pg_catalog.to_regclass(n))), 0)::bigint"
        " FROM unnest(%s::text[]) n WHERE pg_catalog.to_regclass(n) IS NOT NULL"
    )
    sizes = {}
    for kind, found in names.items():
        row = conn.execute(query.encode(), [found]).fetchone()
        sizes[f"storage_of_new_{kind}"] = int(row[0]) if row else 0
    return sizes
