"""The documentation names what there is: commands, options, settings; its links lead somewhere."""

from __future__ import annotations

import ast
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

from tests import tables_reference

ROOT = Path(__file__).parent.parent.parent
REFERENCE = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "reference").glob("*.md"))
)
OURS = ("audit", "inventory", "payments", "ratelimit", "weedgo")
# django-environ's readers, as settings.py calls them, and Python's own.
READERS = {"bool", "int", "str", "list", "get", "getenv"}
LINK = re.compile(r"\]\(([^)\s]+)\)")
CALL = re.compile(r"(?:^|\s)(?:\.venv/bin/)?(?:python )?manage\.py +([a-z_]+[^\n`]*)", re.MULTILINE)
ELSEWHERE = re.compile(r'<(?:link|script|img)[^>]*(?:href|src)="?https?:')
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


def calls(text: str) -> list[str]:
    """The calls of manage.py that a text shows, each on one line."""
    text = re.sub(r'"\$(\(.*?\)|[A-Z_]+)"', "postgresql:///shop", text, flags=re.DOTALL)
    joined = re.sub(r"\\\n\s*", " ", text)
    return [found.strip() for found in CALL.findall(joined)]


def shown() -> list[Any]:
    """Each call in the documentation and in the commands' own help."""
    texts = {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in PAGES}
    for name in commands():
        found: Any = load_command_class(get_commands()[name], name)
        texts[f"{name} --help"] = getattr(found, "example", "")
    return [
        pytest.param(call, id=f"{where}: {call}"[:100])
        for where, text in texts.items()
        for call in dict.fromkeys(calls(text))
    ]


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


@pytest.mark.parametrize("call", shown())
def test_each_call_that_is_shown_is_understood(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # What follows a pipe, leads to a file or is a comment is the shell's.
    words = shlex.split(re.split(r"\s[|>&;]|\s2>", call)[0], comments=True)
    words = [re.sub(r"^\[|\]$", "", word) for word in words if word not in ("…", "[…]")]
    for word in words:
        if Path(word).suffix in (".sql", ".toml", ".csv"):
            (tmp_path / word).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / word).write_text("")
    name = words[0]
    found: Any = load_command_class(get_commands()[name], name)
    if set(words) & {"--help", "--json-schema"}:
        return
    found.create_parser("manage.py", name).parse_args(words[1:])


def test_the_page_of_tables_is_what_the_models_make():
    assert tables_reference.PAGE.read_text(encoding="utf-8") == tables_reference.render()


def test_the_site_is_built_without_a_warning_and_asks_no_other_host(tmp_path):
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    for page in tmp_path.rglob("*.html"):
        assert not ELSEWHERE.search(page.read_text(encoding="utf-8")), page


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


OURS = ("audit", "inventory", "payments", "ratelimit", "weedgo")


def imports(page: Path) -> list[tuple[str, str]]:
    """Modules of ours, and the names that a page's examples in Python import from them."""
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    lines = re.findall(
        r"^(?:>>> )?from ([\w.]+) import ([\w, ]+)$", "\n".join(blocks), re.MULTILINE
    )
    return [
        (module, name.split()[0])
        for module, names in lines
        if module.partition(".")[0] in OURS
        for name in names.split(",")
    ]


@pytest.mark.parametrize("page", [p for p in PAGES if imports(p)], ids=lambda p: p.name)
def test_what_examples_import_is_there(page):
    for module, name in imports(page):
        pkgutil.resolve_name(f"{module}.{name}")
