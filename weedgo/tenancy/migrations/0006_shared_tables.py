"""What tenants may do with the tables that Django's own apps share."""

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import migrations

from weedgo import project
from weedgo.tenancy.operations import EVERY_ROW, OWN_ID, SchemaSQL, share_function, share_table

SQL = Path(__file__).parent.parent / "sql"
UNDO = """
ALTER TABLE public.django_session DROP COLUMN tenant_id;
ALTER TABLE public.django_admin_log DROP COLUMN tenant_id;
"""
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
# A project may have users of its own.
USERS = get_user_model()
OWN_USERS = USERS._meta.label == "tenancy.User"
# Of ours tenants read all but the password.
READABLE = (
    "id", "last_login", "is_superuser", "username", "first_name", "last_name", "email", "is_staff",
    "is_active", "date_joined",
) * OWN_USERS  # fmt: skip
PASSWORDS = (
    "public.weedgo_password_salt(bigint)",
    "public.weedgo_password_holds(bigint, text)",
    "public.weedgo_password_digest(bigint)",
    "public.weedgo_change_password(bigint, text, text)",
)
UNDO_PASSWORDS = ";\n".join(f"DROP FUNCTION {signature}" for signature in PASSWORDS)
# What a request needs to know of who makes it; users and groups are the platform's.
READ = (
    *(
        getattr(USERS, name).through._meta.db_table
        for name in ("groups", "user_permissions")
        if hasattr(USERS, name)
    ),
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
)
NEEDED = [
    migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ("admin", "0003_logentry_add_action_flag_choices"),
    ("auth", "0012_alter_user_first_name_max_length"),
    ("contenttypes", "0002_remove_content_type_name"),
    ("sessions", "0001_initial"),
]
SHARED = [
    SchemaSQL.from_file(SQL / "0006_shared_tables.sql", UNDO),
    share_table("django_session", OWN_ID, ALL),
    share_table("django_admin_log", OWN_ID, ("SELECT", "INSERT")),
    # Logging in writes down when.
    share_table(
        USERS._meta.db_table,
        EVERY_ROW,
        ("SELECT", "UPDATE"),
        columns=["last_login"],
        readable=READABLE,
    ),
    *(
        OWN_USERS
        * [
            SchemaSQL.from_file(SQL / "0006_passwords.sql", UNDO_PASSWORDS),
            share_function(*PASSWORDS),
        ]
    ),
    *(share_table(table, EVERY_ROW) for table in READ),
]


class Migration(migrations.Migration):
    # Where there are no tenants, nothing is shared.
    dependencies: ClassVar = [("tenancy", "0005_isolation"), *(NEEDED * project.tenanted())]
    operations: ClassVar = SHARED * project.tenanted()
