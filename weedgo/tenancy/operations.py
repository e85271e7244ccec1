"""Operations of migrations that Django has no model for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db.migrations.operations import RunSQL

from weedgo import project


class SchemaSQL(RunSQL):
    """SQL that makes database objects and touches no rows.

    What it makes stands in the catalog, so a comparison of schemas brings it to another database;
    a plain RunSQL may change rows and has to be run. Operations of one's own say so by the same
    attribute.
    """

    touches_rows = False

    @classmethod
    def from_file(cls, path: Path, undo: str, **options: Any) -> SchemaSQL:
        """Return the operation that runs a file of SQL.

        Args:
            path: the file; named after its migration and, like it, never edited once released.
            undo: what takes the objects away again.
            options: other arguments of RunSQL, such as `state_operations`.
        """
        return cls(path.read_text(encoding="utf-8"), undo, **options)

    def describe(self) -> str:
        """Return what `migrate --plan` shows."""
        return "SQL that makes database objects"


# What a role of the platform or of a tenant sees, asked once for each statement.
_PLATFORM = "(SELECT public.weedgo_is_platform())"
_CHECKED = {
    "SELECT": "USING ({0})",
    "DELETE": "USING ({0})",
    "INSERT": "WITH CHECK ({0})",
    "UPDATE": "USING ({0}) WITH CHECK ({0})",
    "ALL": "USING ({0}) WITH CHECK ({0})",
}


def share_table(
    table: str,
    rows: str,
    tenants: Sequence[str] = ("SELECT",),
    *,
    platform: Sequence[str] = ("ALL",),
    columns: Sequence[str] = (),
    readable: Sequence[str] = (),
) -> SchemaSQL:
    """Return the operation that says who may do what with a shared table's rows.

    Row-level security is forced on the table, so that its owner is bound too, by a policy that
    lets the owner do all. Functions that run with the owner's rights are the way for what a
    tenant may not do itself. See docs/concepts/isolation.md.

    Args:
        table: its name in `public`, with quotes where it needs them.
        rows: which rows are the active tenant's, one of `OWN_ID`, `OWN_SCHEMA`, `EVERY_ROW`, or
            any condition. In a project without tenants nothing is done.
        tenants: what tenants may do with them: SELECT, INSERT, UPDATE, DELETE, or nothing.
        platform: the same for operators, with all rows; ALL for everything.
        columns: the only ones that tenants may UPDATE; empty for all.
        readable: the only ones that they may SELECT; empty for all.
    """
    if not project.tenanted():
        return SchemaSQL(SchemaSQL.noop, SchemaSQL.noop)
    name = f"public.{table}"
    make = [f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"]
    policies = {"owner": ("ALL", "(SELECT public.weedgo_is_owner())")}
    policies |= {f"platform_{what.lower()}": (what, _PLATFORM) for what in platform}
    policies |= {f"tenant_{what.lower()}": (what, rows) for what in tenants}
    for policy, (what, condition) in policies.items():
        checked = _CHECKED[what].format(condition)
        make.append(f"CREATE POLICY {policy} ON {name} FOR {what} {checked}")
    for what in tenants:
        named = {"UPDATE": columns, "SELECT": readable}.get(what)
        some = f" ({', '.join(named)})" if named else ""
        make.append(f"SELECT public.weedgo_grant('{what}{some} ON {name}')")
    undo = [f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"]
    undo += [f"DROP POLICY {policy} ON {name}" for policy in policies]
    if tenants:
        undo.append(f"REVOKE ALL ON {name} FROM weedgo_tenant")
    return SchemaSQL(";\n".join(make), ";\n".join(undo))


OWN_ID = "tenant_id = (SELECT public.weedgo_active_tenant())"
OWN_SCHEMA = "tenant = (SELECT public.weedgo_active_schema())"
EVERY_ROW = "(SELECT public.weedgo_active_tenant()) IS NOT NULL"


def share_function(*signatures: str) -> SchemaSQL:
    """Return the operation that lets tenants call functions that run with their owner's rights.

    In a project without tenants it does nothing.

    Args:
        signatures: such as `public.agi_audit_record(jsonb, name)`.
    """
    if not project.tenanted():
        return SchemaSQL(SchemaSQL.noop, SchemaSQL.noop)
    named = ", ".join(signatures)
    return SchemaSQL(
        f"SELECT public.weedgo_grant('EXECUTE ON FUNCTION {named}')",
        f"REVOKE ALL ON FUNCTION {named} FROM weedgo_tenant",
    )
