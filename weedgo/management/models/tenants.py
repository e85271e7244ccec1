"""Making tenants: the template's schema under a new name, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections, transaction
from django.db.utils import IntegrityError
from django_tenants.utils import get_tenant_domain_model, get_tenant_model

from weedgo import databases, project
from weedgo.management.models import distribution, fleet, migrate, standing
from weedgo.management.models.template import TOKEN
from weedgo.management.models.way import Goal, Listen, Scope, Way, find
from weedgo.staged import many
from weedgo.staged.model import Event, Options, StagedError
from weedgo.staged.records import new_run_id
from weedgo.tenancy import isolation


@dataclass(frozen=True)
class NewTenant:
    """What a tenant is to be.

    Args:
        schema: name of its schema.
        name: what people call it.
        domain: host name that leads to it.
    """

    schema: str
    name: str
    domain: str


def create(new: NewTenant, options: Options, listen: Listen = lambda _: None) -> Any:
    """Register a tenant and make its schema; a tenant that fails leaves nothing behind.

    Only where migrations of tenants' apps write rows is the schema brought there by a staged run
    after the registration.

    Args:
        new: the tenant.
        options: names the server for scratch databases.
        listen: told of the progress.

    Returns:
        The tenant's row.

    Raises:
        StagedError: there is one of that schema or domain, the schema stands already, or the
            shared schema is not what the models want.
    """
    url = databases.url_of(project.owner())
    template = _goal(url, options, listen)
    with isolation.as_owner(), transaction.atomic(using=project.owner()):
        tenant = _make(new, template)
        if not template.cuts:
            _isolate(only=new.schema)
            distribution.spread([new.schema])
    if template.cuts:
        _migrate(url, (new.schema,), options, listen)
        distribution.spread([new.schema])
    else:
        _remember(template, (new.schema,))
    return tenant


def create_many(
    new: Sequence[NewTenant], options: Options, listen: Listen = lambda _: None
) -> list[Any]:
    """Make many tenants: each in a transaction of its own, their roles at the end.

    Args:
        new: the tenants.
        options, listen: as for `create`.

    Returns:
        Their rows.

    Raises:
        StagedError: as `create`; the tenants before that one stand.
    """
    url = databases.url_of(project.owner())
    template = _goal(url, options, listen)
    made: list[Any] = []
    try:
        for one in new:
            with isolation.as_owner(), transaction.atomic(using=project.owner()):
                made.append(_make(one, template))
            listen(Event("phase", f"making tenants: {len(made)} of {len(new)}"))
    finally:
        schemas = tuple(tenant.schema_name for tenant in made)
        with isolation.as_owner():
            _isolate()
        if template.cuts and schemas:
            _migrate(url, schemas, options, listen)
        distribution.spread(schemas)
        if not template.cuts:
            _remember(template, schemas)
    return made


def _make(new: NewTenant, template: Goal) -> Any:
    """Register a tenant, and make its schema where Django has nothing to run there."""
    tenant = register(new)
    printed = check_schema(new.schema)
    if not template.cuts:
        _replay(template, new.schema, printed)
    return tenant


def _isolate(only: str = "") -> None:
    with connections[project.owner()].cursor() as cursor:
        isolation.isolate_by(cursor, isolation.login(), only=only)


def _remember(template: Goal, schemas: Sequence[str]) -> None:
    """Keep that new tenants are what the models want, so that nobody has to read them."""
    goals = [replace(template, schema=schema) for schema in schemas]
    fleet.remember(databases.url_of(project.owner()), goals)


def check_shared(options: Options, listen: Listen = lambda _: None) -> None:
    """Refuse a database whose shared schema lacks migrations.

    Raises:
        StagedError: it does.
    """
    _goal(databases.url_of(project.owner()), options, listen)


def _goal(url: str, options: Options, listen: Listen) -> Goal:
    """What a new tenant's schema is to be."""
    way = find(url, Scope(tenants=()), options, listen, new=TOKEN)
    shared, template = way.goals
    missing = set(shared.template.migrations) - shared.applied
    if missing:
        app, name = min(missing)
        raise StagedError(
            f"the shared schema lacks migrations ({len(missing)}, among them {app}.{name}); "
            "run manage.py migrate_staged first"
        )
    return template


def register(new: NewTenant, id: int | None = None) -> Any:
    """Insert the rows of the tenant and its domain, in the transaction at hand.

    Args:
        new: the tenant.
        id: its number; None for the next one.

    Raises:
        StagedError: there is one of that schema, domain or number.
    """
    alias = project.owner()
    connections[alias].set_schema_to_public()  # type: ignore[attr-defined]
    tenant = get_tenant_model()(schema_name=new.schema, name=new.name)
    if id is not None:
        _take_number(tenant, id)
    domain = get_tenant_domain_model()(domain=new.domain.lower(), is_primary=True)
    tenant.auto_create_schema = False
    try:
        tenant.full_clean()
        tenant.save(using=alias)
        domain.tenant = tenant
        domain.full_clean()
        domain.save(using=alias)
    except ValidationError as error:
        raise StagedError(f"{new.schema} is not made: {' '.join(error.messages)}") from None
    except IntegrityError as error:
        raise StagedError(f"{new.schema} is not made: {' '.join(str(error).split())}") from None
    return tenant


def _take_number(tenant: Any, id: int) -> None:
    """Give a tenant a number that its rows bear already, and nobody after it the same."""
    alias, table = project.owner(), tenant._meta.db_table
    if type(tenant).objects.using(alias).filter(pk=id).exists():
        raise StagedError(f"there is a tenant of number {id} already, which the rows name")
    tenant.pk = id
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT setval(s, greatest(%s, (SELECT last_value FROM pg_sequences"
            " WHERE format('%%I.%%I', schemaname, sequencename)::regclass = s::regclass)))"
            " FROM pg_get_serial_sequence(%s, 'id') s",
            [id, f"public.{table}"],
        )


def check_schema(schema: str) -> str:
    """Refuse a schema that stands; return its name as definitions print it."""
    with connections[project.owner()].cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(%s), EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)",
            [schema, schema],
        )
        printed, stands = cursor.fetchone()
    if stands:
        raise StagedError(
            f"there is a schema {schema} already, of no tenant; drop it or choose another name"
        )
    return str(printed)


def _replay(goal: Goal, schema: str, printed: str) -> None:
    """Make the template's schema under another name, and record its migrations."""
    with connections[project.owner()].cursor() as cursor:
        cursor.execute("SET LOCAL check_function_bodies = off")
        cursor.execute(_named(goal.template.script, schema, printed))
        standing.insert(cursor, schema, goal.template.migrations)


def _named(script: str, schema: str, printed: str) -> str:
    """The template's script with a schema's name, in quotes only where the name needs them."""
    quoted = script.replace(f'"{TOKEN}"', printed)
    return many.renamer(TOKEN, schema, printed)(quoted)


def _migrate(url: str, schemas: Sequence[str], options: Options, listen: Listen) -> None:
    way: Way = find(url, Scope(shared=False, tenants=schemas), options, listen)
    report = migrate.migrate(
        way, url, options, run=new_run_id(), output=None, backup=False, expected=None,
        listen=listen,
    )  # fmt: skip
    if report.exit:
        raise StagedError(
            f"registered, but not complete: {', '.join(schemas)}: {report.message or report.status}"
            f"; run manage.py migrate_staged --tenants {' '.join(schemas)}"
        )
