"""What is active in a thread or task, and the statement that makes it so on a connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from psycopg import sql


@dataclass(frozen=True)
class Activation:
    """What a connection is to be for whoever uses it.

    Args:
        schema: whose tables come first.
        path: all of `search_path`.
        resolved: whether a tenant or the platform is active; else only the log-in itself is.
        tenant: what `set_tenant` was given.
    """

    schema: str
    path: tuple[str, ...]
    resolved: bool
    tenant: Any = field(default=None, compare=False)


_PUBLIC = "public"
NOBODY = Activation(_PUBLIC, (_PUBLIC,), resolved=False)
PLATFORM = Activation(_PUBLIC, (_PUBLIC,), resolved=True)

# By alias. A context variable, not an attribute of a connection: asyncio's tasks share a thread,
# and with it the connection, and a new thread begins with nobody active.
_active: ContextVar[Mapping[str, Activation]] = ContextVar("weedgo_active", default={})  # noqa: B039


def active(alias: str) -> Activation:
    """What is active for an alias here."""
    return _active.get().get(alias, NOBODY)


def activate(alias: str, activation: Activation) -> None:
    """Make something active for an alias here."""
    _active.set({**_active.get(), alias: activation})


@contextmanager
def kept() -> Iterator[None]:
    """Have the same active afterwards as before."""
    before = _active.get()
    try:
        yield
    finally:
        _active.set(before)


def be_platform() -> None:
    """Act as the platform from here on: for commands, which operators run."""
    activate("default", PLATFORM)


_SET = "SELECT pg_catalog.set_config('search_path', {path}, {local})"
_ALL = """\
{set}, pg_catalog.set_config('role', {role}, {local}),\
 pg_catalog.set_config('weedgo.tenant', {tenant}, {local}){source}"""
_RESOLVED = " FROM (SELECT 1) one LEFT JOIN public.weedgo_resolve(NULL, {schema}) r ON true"


@lru_cache(maxsize=4096)
def statement(activation: Activation, *, migrated: bool, role: str, local: bool) -> str:
    """Return the one statement that activates.

    Args:
        activation: what.
        migrated: whether the database has the function that knows tenants.
        role: of whom nobody else's is taken: `none`, or the role that the settings assume.
        local: whether it holds until the transaction's end only.
    """
    names = sql.SQL(",").join(map(sql.Identifier, activation.path)).as_string(None)
    there = sql.SQL("true" if local else "false")
    search_path = sql.SQL(_SET).format(path=sql.Literal(names), local=there)
    if not migrated:
        return search_path.as_string(None)
    own: sql.Composable = sql.Literal(role)
    tenant: sql.Composable = sql.Literal("")
    source: sql.Composable = sql.SQL("")
    if activation.resolved:
        own = sql.SQL("coalesce(r.role, {})").format(own)
        tenant = sql.SQL("coalesce(r.id::text, '')")
        source = sql.SQL(_RESOLVED).format(schema=sql.Literal(activation.schema))
    whole = sql.SQL(_ALL).format(
        set=search_path, role=own, tenant=tenant, source=source, local=there
    )
    return whole.as_string(None)
