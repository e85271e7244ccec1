"""Templates kept on disk, by all that they depend on."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pickle
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from weedgo import project
from weedgo.management.models.template import Templates
from weedgo.staged import catalog as catalogs
from weedgo.staged.model import Catalog
from weedgo.staged.uncollected import uncollected

_SETTINGS = (
    "INSTALLED_APPS", "SHARED_APPS", "TENANT_APPS", "AUTH_USER_MODEL", "TENANT_MODEL",
    "TENANT_DOMAIN_MODEL", "DEFAULT_AUTO_FIELD", "MIGRATION_MODULES",
)  # fmt: skip
_PACKAGES = ("Django", "django-tenants", "django-pgtrigger", "psycopg")
_IMPORTED = re.compile(r"^\s*(?:from|import)\s+([\w.]+)", re.MULTILINE)
_KEPT = 16


def digest(server: str) -> str:
    """A digest of all that decides what the migrations make.

    Args:
        server: the version and locale of the server that makes it.
    """
    found = hashlib.sha256(server.encode())
    for name in _SETTINGS:
        found.update(f"{name}={getattr(settings, name, None)!r}\n".encode())
    for package in _PACKAGES:
        found.update(f"{package} {metadata.version(package)}\n".encode())
    for path in sorted({*_migrations(), *_engine()}):
        found.update(f"{path}\n".encode() + path.read_bytes())
    return found.hexdigest()[:24]


def _migrations() -> Iterator[Path]:
    """The migrations of all apps, the SQL beside them, and the project's code that they import."""
    imported: set[str] = set()
    for app in apps.get_app_configs():
        module, _ = MigrationLoader.migrations_module(app.label)
        folders = (*_folders(module), Path(app.path) / "sql")
        for folder in folders:
            for path in folder.glob("*.py"):
                yield path
                imported |= set(_IMPORTED.findall(path.read_text(encoding="utf-8")))
            yield from folder.glob("*.sql")
    here = project.base()
    for path in _files(imported):
        if path.is_relative_to(here):
            yield path


def _folders(module: str | None) -> Iterable[Path]:
    found = importlib.util.find_spec(module) if module and _exists(module) else None
    return map(Path, found.submodule_search_locations or ()) if found else ()


def _exists(module: str) -> bool:
    with suppress(ModuleNotFoundError):
        return importlib.util.find_spec(module) is not None
    return False


def _files(modules: Iterable[str]) -> Iterator[Path]:
    for module in modules:
        spec = importlib.util.find_spec(module) if _exists(module) else None
        if spec is not None and spec.origin and spec.origin.endswith(".py"):
            yield Path(spec.origin)


def _engine() -> Iterator[Path]:
    """What decides how a catalog is read."""
    here = Path(catalogs.__file__).parent
    for pattern in ("catalog.py", "model/*.py", "kinds/*.py", "sql/*.sql"):
        yield from here.glob(pattern)
    yield from (Path(__file__).with_name(name) for name in ("template.py", "special.py"))


def load(key: str) -> Templates | None:
    """The templates kept under a key, if there are any that can be read."""
    return next((_read(path) for path in _folder().glob(f"{key}.*.pickle")), None)


def catalog(digest: str) -> Catalog | None:
    """The catalog of tenants' schemas that has a digest, if its templates are still kept."""
    made = next((_read(path) for path in _folder().glob(f"*.{digest}.pickle")), None)
    return made.tenant.catalog if made and made.tenant else None


def _read(path: Path) -> Templates | None:
    # The folder is the project's own, like its code: whoever can write there needs no pickle.
    with suppress(OSError, pickle.UnpicklingError, AttributeError, EOFError, ImportError):
        with uncollected():
            found = pickle.loads(path.read_bytes())  # noqa: S301
        os.utime(path)
        return found if isinstance(found, Templates) else None
    return None


def keep(key: str, templates: Templates) -> None:
    """Keep templates, and of all that are kept only the latest; without a folder do without."""
    folder = _folder()
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        making = folder / f"{key}.{os.getpid()}"
        making.write_bytes(pickle.dumps(templates, pickle.HIGHEST_PROTOCOL))
        digest = templates.tenant.digest if templates.tenant else "shared"
        for old in folder.glob(f"{key}.*.pickle"):
            old.unlink()
        making.replace(folder / f"{key}.{digest}.pickle")
        by_age = sorted(folder.glob("*.pickle"), key=lambda path: path.stat().st_mtime)
        for old in by_age[:-_KEPT]:
            old.unlink(missing_ok=True)


def _folder() -> Path:
    return project.folder() / "models"
