"""The pages of docs/ that promise to be run are run, as they stand, on a real PostgreSQL."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.project import ROOT, Project
from tests.servers import Server

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

PAGE = ROOT / "docs" / "how-to" / "build-on-the-models.md"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (\S+\.py)\n")
# The page's examples are one session at the shell.
SESSION = """
import doctest, sys
import django
django.setup()
options = doctest.ELLIPSIS | doctest.REPORT_ONLY_FIRST_FAILURE
failed, tried = doctest.testfile(sys.argv[1], module_relative=False, optionflags=options)
print(tried, "examples")
sys.exit(bool(failed))
"""
# Where runs are written and the sandbox keeps its books: not in the checkout.
OWN_FOLDER = "VAR = __import__('pathlib').Path(__file__).parent / 'var'\n"


def script(page: str) -> str:
    """The page's files, commands and examples, in their order, as one script of the shell."""
    lines = ["set -e"]
    session = f"python session.py {shlex.quote(str(PAGE))}"
    for language, text in BLOCK.findall(page):
        named = FILE.match(text)
        if language == "sh":
            lines.append(text)
        elif named:
            name = named[1]
            own = OWN_FOLDER if name.endswith("settings.py") else ""
            lines.append(f"mkdir -p {shlex.quote(str(Path(name).parent))}")
            lines.append(f"cat > {shlex.quote(name)} <<'END OF FILE'\n{text}{own}END OF FILE")
        elif session not in lines:
            lines.append(session)
    return "\n".join(lines)


@pytest.fixture
def checkout(pg18: Server, database: Database, tmp_path: Path) -> dict[str, str]:
    """A folder that stands for a checkout with a database; returns the environment."""
    url = database(pg18, "docs")
    Project({"DATABASE_URL": url, "OUTPUT": str(tmp_path / "runs")}).migrate()
    shutil.copy(ROOT / "manage.py", tmp_path)
    (tmp_path / "session.py").write_text(SESSION)
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
        "DJANGO_SETTINGS_MODULE": "weedgo.settings",
        "DATABASE_URL": url,
        # The machine may be busy.
        "RATELIMIT_STATEMENT_TIMEOUT": "30000",
    }


def test_an_app_built_as_the_page_says_works(checkout, tmp_path):
    page = PAGE.read_text(encoding="utf-8")
    ended = subprocess.run(
        ["bash", "-c", script(page)],
        cwd=tmp_path,
        env=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{page.count('>>> ')} examples" in ended.stdout
