"""A log-in of each tenant's own, with the setting TENANT_LOGINS; see docs/concepts/isolation.md.

Passwords are derived from SECRET_KEY. The database keeps what proves them (SCRAM) and, as the
role's comment, by which key that was made.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac
from psycopg import sql

SETTING = "TENANT_LOGINS"
_SALT = "weedgo.tenancy.logins"
_MARK = "weedgo log-in "
_ROLES = """
SELECT r.rolname, t.state = 'active', r.rolcanlogin,
       coalesce(pg_catalog.shobj_description(r.oid, 'pg_authid'), '')
  FROM public.tenancy_tenant t JOIN pg_catalog.pg_roles r ON r.rolname = public.weedgo_role_of(t.id)
 WHERE t.schema_name <> 'public' AND (r.rolcanlogin OR %s)
"""
# All of a database's tenants that log in: PUBLIC may not connect.
_GROUP = """
SELECT d.datname, pg_catalog.format('weedgo_%s_tenant_logins', d.oid)
  FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()
"""
_OPEN = """\
GRANT {group} TO {role};
ALTER ROLE {role} LOGIN PASSWORD {proof};
COMMENT ON ROLE {role} IS {mark}"""
_CLOSE = "ALTER ROLE {role} NOLOGIN PASSWORD NULL; COMMENT ON ROLE {role} IS NULL"


def password(role: str) -> str:
    """The password of a tenant's role."""
    return salted_hmac(_SALT, role, algorithm="sha256").hexdigest()


def bring_about(cursor: Any) -> None:
    """Let the roles of active tenants log in, and no other's; quick where nothing is to be done.

    Args:
        cursor: of the tables' owner, Django's or psycopg's.
    """
    on = bool(settings.DATABASES["default"].get(SETTING))
    mark = _MARK + salted_hmac(_SALT, "", algorithm="sha256").hexdigest()[:16]
    cursor.execute(_ROLES, [on])
    opened, closed = [], []
    for role, active, can, note in cursor.fetchall():
        if on and active:
            opened += [] if can and note == mark else [role]
        elif can and note.startswith(_MARK):
            closed.append(role)
    lines = [sql.SQL(_CLOSE).format(role=sql.Identifier(role)) for role in closed]
    if opened:
        lines += _opened(cursor, opened, mark)
    if lines:
        cursor.execute(sql.SQL(";\n").join(lines).as_string(cursor.connection))


def _opened(cursor: Any, roles: list[str], mark: str) -> list[sql.Composed]:
    cursor.execute(_GROUP)
    database, group = map(str, cursor.fetchone())
    cursor.execute("SELECT public.weedgo_make_role(%s)", [group])
    connect = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
    lines = [connect.format(sql.Identifier(database), sql.Identifier(group))]
    encrypt = cursor.connection.pgconn.encrypt_password
    for role in roles:
        proof = encrypt(password(role).encode(), role.encode(), b"scram-sha-256").decode()
        lines.append(
            sql.SQL(_OPEN).format(
                group=sql.Identifier(group), role=sql.Identifier(role), proof=sql.Literal(proof),
                mark=sql.Literal(mark),
            )
        )  # fmt: skip
    return lines
