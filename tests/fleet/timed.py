"""``python -m tests.fleet.timed WHAT [NAME [COUNT]]``: seconds of one thing, Django being loaded.

WHAT is one of the functions below; NAME is what it is about; COUNT is how many tenants Django's own
way is measured on.
"""

import json
import sys
import time
import uuid

import django


def ours(_):
    """Bring all tenants to the models, over two connections."""
    from django.conf import settings

    from weedgo import databases
    from weedgo.management.models import migrate, way
    from weedgo.staged.model import Options
    from weedgo.staged.records import new_run_id

    url = databases.url_of(settings.MIGRATION_ALIAS)
    found = way.find(url, way.Scope(), Options(), _deaf, look=True)
    report = migrate.migrate(
        found, url, Options(), run=new_run_id(), output=None, backup=False, expected=None,
        listen=_deaf, jobs=2,
    )  # fmt: skip
    assert report.exit == 0, report.message


def template(_):
    """Have the template of these models; made if it is not kept."""
    from django.conf import settings

    from weedgo import databases
    from weedgo.management.models import way
    from weedgo.staged.model import Options

    way.find(databases.url_of(settings.MIGRATION_ALIAS), way.Scope(tenants=()), Options(), _deaf,
             new="weedgo_template")  # fmt: skip


def make(count):
    """Make so many tenants, `shop001` and so on."""
    from weedgo.management.models.tenants import NewTenant, create_many
    from weedgo.staged.model import Options

    names = [f"shop{number:03d}" for number in range(1, int(count) + 1)]
    create_many([NewTenant(n, n.title(), f"{n}.localhost") for n in names], Options())


def migrate_schemas(executor):
    """Django's way in the first tenants, with django-tenants' executor of that name."""
    from django.core.management import call_command
    from django_tenants.management.commands import migrate_schemas as command

    count = int(sys.argv[3])
    usual = command.GET_EXECUTOR_FUNCTION

    def some(codename):
        class Some(usual(codename)):
            def run_migrations(self, tenants=None):
                super().run_migrations(sorted(tenants or [])[:count])

        return Some

    command.GET_EXECUTOR_FUNCTION = some
    call_command("migrate_schemas", tenant=True, executor=executor, verbosity=0)


def migrate_shared(_):
    """The same for the shared schema only."""
    from django.core.management import call_command

    call_command("migrate_schemas", shared=True, verbosity=0)


def create(_):
    """A tenant by us."""
    from weedgo.management.models.tenants import NewTenant
    from weedgo.management.models.tenants import create as made
    from weedgo.staged.model import Options

    name = f"ours_{uuid.uuid4().hex[:8]}"
    made(NewTenant(name, name, f"{name.replace('_', '-')}.localhost"), Options())


def create_schema(_):
    """A tenant's schema by its migrations."""
    tenant = _registered()
    with _as_owner():
        tenant.create_schema(check_if_exists=True, verbosity=0)


def clone_schema(base):
    """A tenant's schema by django-tenants' clone of another."""
    from django_tenants.clone import CloneSchema

    tenant = _registered()
    with _as_owner():
        CloneSchema().clone_schema(base, tenant.schema_name)


def _registered():
    from weedgo.tenancy.models import Tenant

    with _as_owner():
        tenant = Tenant(schema_name=f"peer_{uuid.uuid4().hex[:8]}", name="Peer")
        tenant.auto_create_schema = False
        tenant.save()
    return tenant


def _as_owner():
    from weedgo.tenancy.isolation import as_owner

    return as_owner()


def _deaf(_):
    pass


def _load():
    """What the commands of all import, so that nobody's start is measured."""
    from django_tenants.management.commands import migrate_schemas  # noqa: F401
    from django_tenants.migration_executors import multiproc, standard  # noqa: F401

    from weedgo.management.models import migrate, tenants, way  # noqa: F401


if __name__ == "__main__":
    django.setup()
    _load()
    what = globals()[sys.argv[1]]
    began = time.perf_counter()
    what(sys.argv[2] if len(sys.argv) > 2 else "")
    sys.stdout.write(json.dumps(time.perf_counter() - began))
