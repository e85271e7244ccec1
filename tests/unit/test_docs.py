"""The documentation names what there is: commands, options, settings; its links lead somewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).parent.parent.parent
REFERENCE = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "reference").glob("*.md"))
)
OURS = ("audit", "inventory", "payments", "ratelimit", "weedgo")
# django-environ's readers, as settings.py calls them, and Python's own.
READERS = {"bool", "int", "str", "list", "get", "getenv"}
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands() -> list[str]:
    return sorted(
        name for name, app in get_commands().items() if str(app).partition(".")[0] in OURS
    )


def options(command: str) -> list[str]:
    """The options of a command that are its own, not each Django command's."""
    from django.core.management.base import BaseCommand

    def of(made: BaseCommand) -> set[str]:
        parser = made.create_parser("manage.py", command)
        return {option for action in parser._actions for option in action.option_strings}

    found = load_command_class(get_commands()[command], command)
    assert isinstance(found, BaseCommand)
    return sorted(of(found) - of(BaseCommand()))


def variables(path: Path) -> list[str]:
    """The environment's variables that a module reads."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            first = node.args[0] if node.args else None
            if name in READERS | {"env"} and isinstance(first, ast.Constant):
                found.add(str(first.value))
    return sorted(found)


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make, by GitHub's rule."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_there_is_something_to_look_for():
    assert {"migrate_staged", "seed_demo", "migrate"} <= set(commands())
    assert {"--source", "--no-prove", "--json"} <= set(options("migrate_staged"))
    assert {"DATABASE_URL", "DEBUG", "LOG_LEVEL"} <= set(variables(ROOT / "weedgo" / "settings.py"))


@pytest.mark.parametrize("command", commands())
def test_each_command_is_in_the_reference(command):
    assert f"`{command}`" in REFERENCE


@pytest.mark.parametrize("option", options("migrate_staged"))
def test_each_option_of_migrate_staged_is_in_the_reference(option):
    assert re.search(rf"`{option}[ `]", REFERENCE)


@pytest.mark.parametrize("name", variables(ROOT / "weedgo" / "settings.py"))
def test_each_setting_is_in_the_reference(name):
    assert f"`{name}`" in REFERENCE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []
