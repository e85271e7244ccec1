"""A database of one retailer becomes the first tenant: its tables move, then follow the models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connections, transaction
from django.db.utils import OperationalError
from psycopg import sql

from weedgo import databases, project
from weedgo.management.models import migrate, tenants
from weedgo.management.models.template import TOKEN
from weedgo.management.models.tenants import NewTenant
from weedgo.management.models.way import Goal, Listen, Scope, find
from weedgo.project import PUBLIC
from weedgo.staged.model import Event, ObjectId, Options, Report, StagedError
from weedgo.staged.records import new_run_id
from weedgo.tenancy import isolation

# Relations that stand by themselves; indexes and the sequences of columns go with their tables.
_RELATIONS = """
SELECT c.relname::text, c.relkind::text
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass
        AND d.objid = c.oid AND d.deptype IN ('e', 'a', 'i')
        AND (d.deptype = 'e' OR c.relkind = 'S'))
 ORDER BY c.relname
"""
_HEIRS = """
SELECT c.relname::text, p.relname::text FROM pg_catalog.pg_inherits i
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s
"""
# Foreign keys of tenant_id lead to what a tenant was before.
_KEYS = """
SELECT k.conrelid::regclass::text, quote_ident(k.conname) FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(k.conkey)
 WHERE n.nspname = %s AND c.relname = ANY(%s) AND k.contype = 'f' AND k.conparentid = 0
   AND a.attname = 'tenant_id' AND cardinality(k.conkey) = 1
"""
_OWNED = """
SELECT c.relname::text FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
 WHERE n.nspname = %s AND c.relname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND a.atttypid IN ('int8'::regtype, 'int4'::regtype, 'int2'::regtype) ORDER BY 1
"""
_NULLABLE = """
SELECT c.relname::text, a.attname::text FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attnotnull
   AND NOT a.attisdropped
"""
_WORDS = {"v": "VIEW", "m": "MATERIALIZED VIEW", "S": "SEQUENCE", "f": "FOREIGN TABLE"}


@dataclass(frozen=True)
class Adoption:
    """What adopting a schema's tables means.

    Args:
        source: the schema.
        moving: names of the relations that move, each with its kind as `pg_class` has it.
        staying: those of the shared schema.
        owned: tables whose rows say whose they are.
        lacking: those whose rows will have to.
        ids: which tenants those rows name.
        statements: SQL that moves them, to be run in one transaction.
    """

    source: str
    moving: tuple[tuple[str, str], ...]
    staying: tuple[str, ...]
    owned: tuple[str, ...]
    lacking: tuple[str, ...]
    ids: tuple[int, ...]
    statements: tuple[str, ...]


def look(
    new: NewTenant, source: str, options: Options, listen: Listen = lambda _: None
) -> Adoption:
    """Find out what adopting would do; nothing is changed.

    Args:
        new: the tenant that it would become.
        source: the schema whose tables are adopted.
        options: names the server for scratch databases.
        listen: told of the progress.

    Raises:
        StagedError: the shared schema is not what the models want, or there is nothing to adopt.
    """
    url = databases.url_of(project.owner())
    shared, wanted = find(url, Scope(tenants=()), options, listen, new=TOKEN).goals
    _check_migrated(shared)
    own = {o.id.name for o in shared.template.catalog if not o.id.target and not o.id.parent}
    with isolation.as_owner(), connections[project.owner()].cursor() as cursor:
        _check_free(cursor, source)
        cursor.execute(_RELATIONS, [source])
        found = dict(cursor.fetchall())
        cursor.execute(_HEIRS, [source])
        parents = dict(cursor.fetchall())
        stays = {name for name in found if source == PUBLIC and _root(name, parents) in own}
        moving = tuple((name, kind) for name, kind in found.items() if name not in stays)
        if not moving:
            raise StagedError(
                f"there is nothing to adopt in {source}: no table but those of the shared schema; "
                "name the schema with --from, or make a tenant with manage.py create_tenant"
            )
        names = [name for name, _ in moving]
        cursor.execute(_OWNED, [source, names])
        owned = tuple(name for (name,) in cursor.fetchall())
        ids = _ids(cursor, source, owned)
        lacking = _lacking(wanted, names, owned)
        cursor.execute(_KEYS, [source, names])
        keys = [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name in cursor.fetchall()]
    moves = (_moved(source, name, kind, new.schema) for name, kind in moving)
    return Adoption(source, moving, tuple(sorted(stays)), owned, lacking, ids, (*keys, *moves))


def _check_migrated(shared: Goal) -> None:
    missing = set(shared.template.migrations) - shared.applied
    if missing:
        raise StagedError(
            f"the shared schema lacks migrations ({len(missing)}); "
            "run manage.py migrate_staged --shared first"
        )


def _check_free(cursor: Any, source: str) -> None:
    cursor.execute(
        "SELECT EXISTS (SELECT FROM public.tenancy_tenant WHERE schema_name = %s)", [source]
    )
    if source != PUBLIC and cursor.fetchone()[0]:
        raise StagedError(f"{source} is a tenant's already; manage.py rename_tenant renames it")


def _lacking(wanted: Goal, names: Sequence[str], owned: Sequence[str]) -> tuple[str, ...]:
    columns = (o.id for o in wanted.template.catalog if o.id.kind == "column")
    tables = {id.parent for id in columns if id.name == "tenant_id"}
    return tuple(sorted(tables.intersection(names) - set(owned)))


def _root(name: str, parents: dict[str, str]) -> str:
    while name in parents:
        name = parents[name]
    return name


def _ids(cursor: Any, source: str, owned: Sequence[str]) -> tuple[int, ...]:
    if not owned:
        return ()
    parts = [
        sql.SQL("SELECT DISTINCT tenant_id::bigint FROM {}").format(sql.Identifier(source, table))
        for table in owned
    ]
    cursor.execute(
        sql.SQL("SELECT tenant_id FROM ({}) t WHERE tenant_id IS NOT NULL ORDER BY 1").format(
            sql.SQL(" UNION ").join(parts)
        )
    )
    return tuple(id for (id,) in cursor.fetchall())


def _moved(source: str, name: str, kind: str, schema: str) -> str:
    return (
        sql.SQL("ALTER {} {} SET SCHEMA {}")
        .format(
            sql.SQL(_WORDS.get(kind, "TABLE")), sql.Identifier(source, name), sql.Identifier(schema)
        )
        .as_string(None)
    )


def adopt(
    new: NewTenant, adoption: Adoption, options: Options, listen: Listen = lambda _: None
) -> tuple[Any, Report]:
    """Register the tenant, move the tables into its schema, then bring them to the models.

    The first two are one transaction; what the third cannot do is named, and `migrate_staged`
    does the rest when it is mended.

    Args:
        new: the tenant.
        adoption: what `look` found.
        options: timeouts, and the server for scratch databases.
        listen: told of the progress.

    Returns:
        The tenant's row, and the report of its migration.

    Raises:
        StagedError: nothing was changed.
    """
    listen(Event("phase", f"moving {len(adoption.moving)} tables"))
    alias = project.owner()
    with isolation.as_owner():
        for attempt in range(options.retries + 1):
            try:
                with transaction.atomic(using=alias):
                    tenant = _move(new, adoption, options)
                break
            except OperationalError as error:
                if attempt == options.retries:
                    reason = str(error).splitlines()[0]
                    raise StagedError(
                        f"the tables cannot be locked: {reason}; run again when less is going on"
                    ) from error
    url = databases.url_of(alias)
    way = find(url, Scope(shared=False, tenants=(new.schema,)), options, listen)
    with isolation.as_owner():
        given = replace(options, backfills={**_values(way.goals[0]), **options.backfills})
    report = migrate.migrate(
        way, url, given, run=new_run_id(), output=None, backup=False, expected=None,
        listen=listen,
    )  # fmt: skip
    return tenant, report


def _values(goal: Goal) -> dict[str, str]:
    """What rows get where a column that stands is not to be NULL any more: its default."""
    with connections[project.owner()].cursor() as cursor:
        cursor.execute(_NULLABLE, [goal.schema])
        standing = set(cursor.fetchall())
    made = goal.stops[-1].catalog
    return {
        f"{o.id.schema}.{o.id.parent}.{o.id.name}": str(o["expression"])
        for o in made
        if o.id.kind == "default"
        and (o.id.parent, o.id.name) in standing
        and made.objects[ObjectId("column", o.id.schema, o.id.name, o.id.parent)]["not_null"]
    }


def _move(new: NewTenant, adoption: Adoption, options: Options) -> Any:
    # Rows that name one tenant keep what they say: that is the new tenant's number.
    id = adoption.ids[0] if len(adoption.ids) == 1 else None
    tenants.check_schema(new.schema)
    tenant = tenants.register(new, id)
    with connections[project.owner()].cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)",
                       [f"{max(1, round(options.lock_timeout * 1000))}ms"])  # fmt: skip
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(new.schema)))
        for statement in adoption.statements:
            cursor.execute(statement)
        for table in adoption.lacking:
            # A constant is no rewrite; the models' default knows no tenant while it is migrated.
            cursor.execute(
                sql.SQL(
                    "ALTER TABLE {0} ADD COLUMN tenant_id bigint NOT NULL DEFAULT {1};"
                    "ALTER TABLE {0} ALTER COLUMN tenant_id"
                    " SET DEFAULT public.weedgo_current_tenant()"
                ).format(sql.Identifier(new.schema, table), sql.Literal(tenant.pk))
            )
        for table in adoption.owned:
            cursor.execute(
                sql.SQL(
                    "UPDATE {} SET tenant_id = {id} WHERE tenant_id IS DISTINCT FROM {id}"
                ).format(sql.Identifier(new.schema, table), id=sql.Literal(tenant.pk))
            )
    return tenant
