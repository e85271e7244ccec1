"""Staged migration of PostgreSQL schemas: compare, plan, prove, apply online, verify, roll back.

The engine knows nothing of Django. ``compare``, ``plan``, ``migrate`` and ``rollback`` are its
whole use from Python; the management commands are thin over them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weedgo.staged.run import compare, migrate, plan, rollback

__all__ = ["compare", "migrate", "plan", "rollback"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from importlib import import_module

        return getattr(import_module("weedgo.staged.run"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
