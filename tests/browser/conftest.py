"""A real Chromium on a real site."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests import servers
from tests.factories.tenancy import DomainFactory, OperatorFactory, TenantFactory
from tests.integration.shop import database_of_tests, made, open_shop

from . import demo

__all__ = ["database_of_tests", "made", "open_shop"]

# The machine may be busy; nothing here waits for a fixed time.
PATIENCE = 120_000
SHOP = "corner"


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; gone with these tests, for its event loop stands in others' way."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    # Playwright's event loop makes Django believe that its calls are asynchronous.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(transactional_db: None, live_server) -> str:
    """The platform's address; the tenant Queen's is the same with `queen.` before the host."""
    public = TenantFactory(schema_name="public", name="Platform", auto_create_schema=False)
    DomainFactory(tenant=public, domain="localhost")
    queen = TenantFactory(schema_name="queen", name="Queen Cannabis", auto_create_schema=False)
    DomainFactory(tenant=queen, domain="queen.localhost")
    OperatorFactory(username="boss")
    return live_server.url


@pytest.fixture
def page(chromium: Browser, site: str) -> Iterator[Page]:
    """A page where the operator `boss` has logged in."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    log_in(page, site)
    yield page
    context.close()


@pytest.fixture
def shop_site(open_shop) -> Iterator[str]:
    """The address of a shop with all its tables; what is written stays. `keeper` may log in."""
    open_shop.save(verbosity=0)
    DomainFactory._meta.model.objects.get_or_create(domain=f"{SHOP}.localhost", tenant=open_shop)
    if not get_user_model().objects.filter(username="keeper").exists():
        OperatorFactory(username="keeper")
    server = LiveServer("localhost")
    yield server.url.replace("//localhost", f"//{SHOP}.localhost")
    server.stop()


@pytest.fixture
def shop_page(chromium: Browser, shop_site: str) -> Iterator[Page]:
    """A page where the shop's `keeper` has logged in."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    log_in(page, shop_site, "keeper")
    yield page
    context.close()


def log_in(page: Page, site: str, name: str = "boss") -> None:
    """Log in as an operator."""
    page.goto(f"{site}/admin/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", "pass")
    page.press("[name=password]", "Enter")
    page.wait_for_selector("text=Site administration")


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory) -> Path:
    """Where the demo's runs leave their reports."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo_site(database_of_tests, django_db_blocker, demo_folder: Path) -> Iterator[str]:
    """The platform with data in it and in a shop; gone after the module's tests."""
    try:
        server18 = servers.server("18")
    except LookupError as error:
        pytest.skip(str(error))
    made: list[str] = []
    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        try:
            tenant, _ = demo.tenants()
            demo.platform_data()
            demo.migrated(server18, _database(made), demo_folder)
            connection.set_tenant(tenant)
            demo.shop_data()
            connection.set_schema_to_public()
            server = LiveServer("localhost")
            yield server.url
            server.stop()
        finally:
            demo.forget_migrations()
            demo.forget_shop()
            for url in made:
                server18.drop_database(url)


def _database(made: list[str]):
    def make(server) -> str:
        made.append(server.create_database("demo"))
        return made[-1]

    return make
