"""Passwords on a tenant's site, whose role may not read their hashes.

There the database says with which salt to hash what was typed, and whether that is right; it
changes a password only for whoever knows the former one. Elsewhere all is as Django has it.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.password_validation import password_changed
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.utils.crypto import salted_hmac

from weedgo import project

_KEY_SALT = "weedgo.tenancy.passwords.session"
_COSTS = {
    "iterations": "iterations", "n": "work_factor", "r": "block_size", "p": "parallelism",
}  # fmt: skip


def hidden(using: Any = connection) -> bool:
    """Whether hashes are hidden from who is active on a connection."""
    return project.tenanted() and bool(using.schema_name != project.PUBLIC)


class PasswordField(models.CharField):
    """A hash; tenants' queries get a digest of it instead, which leads back to no hash."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Return it as the plain field that it is in the database."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        """Return what stands in a query's list of columns."""
        if hidden(compiler.connection):
            table = sql.rpartition(".")[0]
            return f'public.weedgo_password_digest({table}."id")', params
        return super().select_format(compiler, sql, params)


class PasswordMixin:
    """What a user model whose `password` is a `PasswordField` needs, before Django's own base."""

    pk: Any
    password: str
    _meta: Any
    _state: Any
    _password: str | None
    # What proves to the database that the former password was known.
    _proof = ""

    def check_password(self, raw_password: str | None) -> bool:
        """Return whether a password is this user's."""
        if not hidden() or self.pk is None or raw_password is None:
            return bool(super().check_password(raw_password))  # type: ignore[misc]
        salt = _asked("SELECT public.weedgo_password_salt(%s)", [self.pk])
        encoded = _encoded(raw_password, salt) if salt else ""
        if not encoded:
            # It takes as long.
            make_password(raw_password)
            return False
        right = _asked("SELECT public.weedgo_password_holds(%s, %s)", [self.pk, encoded])
        self._proof = encoded if right else ""
        return bool(right)

    def save(self, *args: Any, **options: Any) -> None:
        """Save; on a tenant's site a new password is all that is saved.

        Raises:
            PermissionDenied: the former password was not checked before.
        """
        asked = options.get("update_fields")
        kept = asked is not None and "password" not in asked
        if not hidden() or self._state.adding or kept:
            super().save(*args, **options)  # type: ignore[misc]
            return
        if "$" not in self.password:
            fields = (f.name for f in self._meta.concrete_fields if not f.primary_key)
            named = [name for name in (asked or fields) if name != "password"]
            super().save(*args, **{**options, "update_fields": named})  # type: ignore[misc]
            return
        change = "SELECT public.weedgo_change_password(%s, %s, %s)"
        if not _asked(change, [self.pk, self._proof, self.password]):
            raise PermissionDenied("a password is changed here by who knows the former one")
        self.password, self._proof = _digest(self.password), ""
        if self._password is not None:
            password_changed(self._password, self)  # type: ignore[arg-type]
            self._password = None

    def get_session_auth_hash(self) -> str:
        """Return what ends this user's sessions when it changes."""
        return self._session_hash(None)

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        # Django asks this for the keys that were.
        return self._session_hash(secret)

    def _session_hash(self, secret: Any) -> str:
        # The same on the platform's site and on a tenant's, whichever the session began on.
        digest = self.password if hidden() and "$" not in self.password else _digest(self.password)
        return salted_hmac(_KEY_SALT, digest, secret=secret, algorithm="sha256").hexdigest()


def _digest(encoded: str) -> str:
    return hashlib.sha256(encoded.encode()).hexdigest()


def _encoded(raw: str, salt: str) -> str:
    """What was typed, hashed as the user's password is; empty where that takes the hash itself."""
    hasher = identify_hasher(f"{salt}x")
    try:
        known = hasher.decode(f"{salt}x")
    except (ValueError, IndexError, AssertionError):
        return ""
    costs = {name: known[key] for name, key in _COSTS.items() if key in known}
    return str(hasher.encode(raw, known["salt"], **costs))


def _asked(query: str, parameters: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        row = cursor.fetchone()
    return row and row[0]
