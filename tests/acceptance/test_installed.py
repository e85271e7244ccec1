"""The installed wheel in Django projects that know nothing of this one's settings."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import indent

import psycopg
import pytest

from tests.acceptance import installed
from tests.acceptance.installed import Project
from tests.conftest import Database
from tests.project import ROOT
from tests.servers import Server

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

CONFIG = """
    import os
    from pathlib import Path
    from psycopg.conninfo import conninfo_to_dict

    BASE_DIR = Path(__file__).parent
    SECRET_KEY = "of a test"
    USE_TZ = True
    DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
    _url = conninfo_to_dict(os.environ["URL"])
    DATABASES = {"default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _url["dbname"], "USER": _url["user"], "HOST": _url["host"], "PORT": _url["port"],
    }}
"""


def documented(what: str) -> str:
    """The settings that the documentation shows for something."""
    page = (ROOT / "docs" / "how-to" / "use-in-your-project.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"```python\n# settings.py, {what}\n(.*?)```", page, re.DOTALL)
    return "\n" + indent(block, "    ")


PLAIN = {
    "config.py": CONFIG
    + """
    INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "shop"]
    """
    + documented("the commands"),
    "shop/__init__.py": "",
    "shop/migrations/__init__.py": "",
    "shop/models.py": """
    from django.db import models


    class Product(models.Model):
        name = models.CharField(max_length=80, db_index=True)
    """,
}
GROWN = """
    from django.db import models


    class Product(models.Model):
        name = models.CharField(max_length=80, db_index=True)
        sku = models.CharField(max_length=20, default="none", db_index=True)


    class Review(models.Model):
        product = models.ForeignKey(Product, on_delete=models.CASCADE)
        stars = models.PositiveSmallIntegerField()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the wheel is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    return installed.install(installed.build_wheel(folder), folder / "site")


@pytest.fixture
def project(site: Path, pg18: Server, database: Database, tmp_path: Path) -> Project:
    """A project with an empty folder and an empty database."""
    return Project(tmp_path, site, database(pg18, "installed"))


def rows(project: Project, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(project.url) as connection:
        return connection.execute(query).fetchall()


def test_the_wheel_is_what_runs(project: Project):
    project.write(PLAIN)
    where = project.run("import weedgo.staged; print(weedgo.staged.__file__)")
    assert where.startswith(str(project.site))


def test_a_plain_project_is_brought_to_its_models(project: Project):
    project.write(PLAIN)
    project("makemigrations", "shop")
    assert project.json("migrate_staged")["status"] == "equal"
    project("migrate", "--check")
    project.run("from shop.models import Product; Product.objects.create(name='Tin')")

    project.write({"shop/models.py": GROWN})
    project("makemigrations", "shop", "--name", "grown")
    planned = project.json("migrate_staged", "--plan")
    assert planned["steps"]
    grown = project.json("migrate_staged")
    assert grown["status"] == "equal"
    project("migrate", "--check")
    assert project.json("migrate_staged")["objects"] == []
    assert rows(project, "SELECT name, sku FROM shop_product") == [("Tin", "none")]

    project("rollback_staged", grown["run"])
    assert "grown" in project("migrate", "--check", "--plan", status=1)
    assert rows(project, "SELECT * FROM shop_product") == [(1, "Tin")]


# What a command wants to be told; the rest want nothing, and `demo` takes minutes.
WANTED = {
    "adopt_tenant": ("a", "--from", "public", "--domain", "a.example.org"),
    "audit_erase_person": ("--user", "1"),
    "audit_export": ("-",),
    "create_tenant": ("a", "--domain", "a.example.org"),
    "import_settlement": ("none.csv", "--tenant", "a", "--bank"),
    "move_tenant": ("a", "b"),
    "ratelimit_rules": ("export",),
    "ratelimit_try": ("/",),
    "rename_tenant": ("a", "b"),
    "rollback_staged": ("--plan",),
    **dict.fromkeys(("delete_tenant", "retire_tenant", "suspend_tenant"), ("a",)),
    **dict.fromkeys(("audit_worker", "payments_worker"), ("--once",)),
}
EACH = """
import contextlib, io, json, sys
from django.core.management import get_commands, load_command_class

ended = {{}}
for name in sorted(n for n, app in get_commands().items() if app == "weedgo" and n != "demo"):
    said = io.StringIO()
    status = 0
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            arguments = ["manage.py", name, *{wanted!r}.get(name, ())]
            load_command_class("weedgo", name).run_from_argv(arguments)
        except SystemExit as end:
            status = end.code
        except Exception as error:
            status = repr(error)
    ended[name] = [status, said.getvalue()]
print(json.dumps(ended))
"""


def test_commands_of_apps_that_are_not_installed_say_so(project: Project):
    project.write(PLAIN)
    project("makemigrations", "shop")
    project("migrate_staged")
    ended = json.loads(project.run(EACH.format(wanted=WANTED)))
    assert len(ended) >= 30
    assert ended["create_tenant"] == [
        2,
        "create_tenant: django_tenants and weedgo.tenancy are not in INSTALLED_APPS; "
        "docs/how-to/use-in-your-project.md says how\n",
    ]
    theirs = {"migrate_staged", "compare_schemas", "database_stats"}
    theirs |= {"validate_migration", "rollback_staged"}
    for name, (status, said) in ended.items():
        if name in theirs:
            assert (status, said) == (0, ""), name
        else:
            assert status == 2, (name, status)
            assert "not in INSTALLED_APPS; " in said, name
            assert said.count("\n") == 1, said


def test_a_database_of_another_kind_is_told(project: Project):
    lite = """
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db"}}
    """
    project.write({**PLAIN, "config.py": PLAIN["config.py"] + lite})
    said = project.json("migrate_staged", status=2)["message"]
    assert said.startswith("the database default of this project is not PostgreSQL's (django.db")


SCHEMAS = {
    "config.py": CONFIG
    + """
    DATABASES["default"]["ENGINE"] = "django_tenants.postgresql_backend"
    SHARED_APPS = ["weedgo", "django_tenants", "customers"]
    SHARED_APPS += ["django.contrib.contenttypes", "django.contrib.auth"]
    TENANT_APPS = ["django.contrib.contenttypes", "shop"]
    INSTALLED_APPS = list(dict.fromkeys(SHARED_APPS + TENANT_APPS))
    DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
    TENANT_MODEL = "customers.Client"
    TENANT_DOMAIN_MODEL = "customers.Domain"
    """,
    "customers/__init__.py": "",
    "customers/migrations/__init__.py": "",
    "customers/models.py": """
    from django_tenants.models import DomainMixin, TenantMixin


    class Client(TenantMixin):
        auto_create_schema = False


    class Domain(DomainMixin):
        pass
    """,
    **{name: text for name, text in PLAIN.items() if name.startswith("shop/")},
}
TENANTS = """
from customers.models import Client
for number in range(5):
    Client.objects.create(schema_name=f"t{number}")
"""


def test_a_project_of_django_tenants_is_brought_to_its_models(project: Project):
    project.write(SCHEMAS)
    project("makemigrations", "customers", "shop")
    assert project.json("migrate_staged", "--shared")["status"] == "equal"
    project.run(TENANTS)
    assert project.json("migrate_staged")["status"] == "equal"
    assert project.json("migrate_staged")["objects"] == []
    standing = "SELECT count(*) FROM pg_tables WHERE tablename = 'shop_product'"
    assert rows(project, standing) == [(5,)]

    project.write({"shop/models.py": GROWN})
    project("makemigrations", "shop", "--name", "grown")
    assert project.json("migrate_staged")["status"] == "equal"
    assert "No migrations to apply" in project("migrate_schemas")
    assert rows(project, standing.replace("product", "review")) == [(5,)]


SITE = (
    CONFIG
    + """
    INSTALLED_APPS = [
        "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
        "django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles",
    ]
    MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    ROOT_URLCONF = "urls"
    STATIC_URL = "static/"
    ALLOWED_HOSTS = ["testserver"]
    TEMPLATES = [{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": [
            "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
        ]},
    }]
"""
)
APPS = {
    "config.py": SITE + "    INSTALLED_APPS.append('shop')\n" + documented("audit and limits"),
    "urls.py": """
    from django.contrib import admin
    from django.http import HttpResponse
    from django.urls import path

    from ratelimit.decorators import rate_limit

    limited = rate_limit("demo")(lambda request: HttpResponse("passed"))
    urlpatterns = [path("admin/", admin.site.urls), path("limited/", limited)]
    """,
    **{name: text for name, text in PLAIN.items() if name.startswith("shop/")},
    "shop/models.py": """
    from django.db import models

    import audit


    @audit.track()
    class Product(models.Model):
        name = models.CharField(max_length=80, db_index=True)
    """,
}


VISIT = """
from django.contrib.auth import get_user_model
from django.test import Client
from ratelimit import worker
from ratelimit.models import RateLimitRule
get_user_model().objects.create_superuser("boss", "", "secret")
RateLimitRule.objects.create(name="demo", scope="ip", capacity=2, refill_per_sec=0)
worker.stop()
client = Client()
print([client.get("/limited/").status_code for _ in range(3)])
assert client.login(username="boss", password="secret")
for path in PATHS:
    print(client.get(f"/admin/{path}").status_code)
"""


def test_audit_and_limits_in_a_project_with_its_own_users(project: Project):
    project.write(APPS)
    project("makemigrations", "shop")
    assert project.json("migrate_staged")["status"] == "equal"
    project("makemigrations", "--check")
    project("migrate", "--check")
    told = project.run("""
    from audit.models import AuditLog
    from shop.models import Product
    Product.objects.create(name="Tin")
    Product.objects.update(name="Jar")
    rows = AuditLog.objects.filter(event_type__startswith="row.")
    for log in rows.order_by("id"): print(log.event_type, log.changes)
    """)
    assert told == "row.inserted None\nrow.updated {'name': ['Tin', 'Jar']}\n"

    paths = ["", "audit/auditlog/", "audit/auditalert/", "ratelimit/ratelimitrule/"]
    told = project.run(VISIT.replace("PATHS", repr(paths)))
    assert told.splitlines() == ["[200, 200, 429]", *["200"] * len(paths)]
    project("audit_seal")
    # What a transaction of another test's on that server is older than is sealed by a later one.
    verdict = project.json("audit_verify")
    assert verdict["findings"] == []
    assert verdict["rows"] > verdict["unsealed"]


TENANTED = {
    **{name: text for name, text in APPS.items() if not name.startswith("shop/")},
    "config.py": SITE
    + "    INSTALLED_APPS.append('people')\n"
    + documented("tenants")
    + """
    AUTH_USER_MODEL = "people.Person"
    ALLOWED_HOSTS = [".example.org"]
    """,
    "people/__init__.py": "",
    "people/migrations/__init__.py": "",
    "people/models.py": """
    from django.contrib.auth.models import AbstractUser


    class Person(AbstractUser):
        pass
    """,
    "people/admin.py": """
    from django.contrib import admin
    from django.contrib.auth.admin import UserAdmin

    from people.models import Person

    admin.site.register(Person, UserAdmin)
    """,
}
PLATFORM = "from weedgo.tenancy.backend.activation import be_platform; be_platform()"
SOLD = """
from django_tenants.utils import schema_context
from audit.models import AuditLog
with schema_context("corner"):
    from inventory.factories import StockFactory
    from inventory.models import Stock
    StockFactory()
    print(Stock.objects.count())
"""


def test_all_apps_in_a_project_with_tenants_and_its_own_users(project: Project):
    project.write(TENANTED, before=PLATFORM)
    project("makemigrations", "people")
    assert project.json("migrate_staged")["status"] == "equal"
    project("makemigrations", "--check")
    project("create_tenant", "corner", "--domain", "corner.example.org")
    assert project.json("migrate_staged")["objects"] == []
    assert "No migrations to apply" in project("migrate_schemas")
    assert project.json("check_integration")["exit"] == 0
    assert project.run(PLATFORM + SOLD) == "1\n"
