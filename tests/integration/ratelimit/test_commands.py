"""The commands of rate limits, as they are typed."""

from __future__ import annotations

import importlib
import io
import json
from pathlib import Path

import pytest

from ratelimit.models import RateLimitRule
from tests.factories.ratelimit import RateLimitRuleFactory

pytestmark = pytest.mark.django_db(transaction=True)
RULES = '[login]\nscope = "ip"\nroute_glob = "/login/*"\ncapacity = 10\nrefill_per_sec = 0.1\n'


@pytest.fixture
def manage(capsys: pytest.CaptureFixture[str]):
    """Run a command; its exit status and what it printed."""

    def run(name: str, *arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        module = importlib.import_module(f"weedgo.management.commands.{name}")
        status = 0
        try:
            module.Command().run_from_argv(["manage.py", name, *map(str, arguments)])
        except SystemExit as end:
            status = int(end.code or 0)
        return status, *capsys.readouterr()

    return run


def test_rules_go_into_a_file_and_come_from_it(manage, tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text(RULES, encoding="utf-8")
    status, out, _ = manage("ratelimit_rules", "import", file, "--dry-run")
    assert (status, out.splitlines()[0]) == (0, "login: would be made")
    assert not RateLimitRule.objects.exists()
    assert manage("ratelimit_rules", "import", file)[0] == 0
    assert RateLimitRule.objects.get().capacity == 10
    status, out, _ = manage("ratelimit_rules", "import", file)
    assert (status, out) == (0, "1 rule was as the file says before.\n")
    RateLimitRuleFactory(name="old")
    other = tmp_path / "other.toml"
    assert manage("ratelimit_rules", "export", other)[0] == 0
    assert "[login]" in other.read_text(encoding="utf-8")
    assert "[old]" in manage("ratelimit_rules", "export")[1]
    status, out, _ = manage("ratelimit_rules", "import", file, "--prune", "--json")
    assert (status, json.loads(out)["deleted"]) == (0, ["old"])
    assert [rule.name for rule in RateLimitRule.objects.all()] == ["login"]


def test_rules_are_read_from_standard_input(manage, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(RULES))
    assert manage("ratelimit_rules", "import")[0] == 0
    assert RateLimitRule.objects.get().name == "login"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[login", "TOML"),
        ("[login]\ncapacity = -1\n", "login"),
        (b"\xff\xfe", "utf-8"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_wrong_changes_nothing(manage, tmp_path, text, said):
    file = tmp_path / "rules.toml"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    RateLimitRuleFactory(name="stays")
    status, out, err = manage("ratelimit_rules", "import", file, "--prune")
    assert (status, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert [rule.name for rule in RateLimitRule.objects.all()] == ["stays"]


def test_what_would_match_a_request_is_told(manage):
    RateLimitRuleFactory(name="login", scope="ip", route_glob="/login/*", capacity=2)
    RateLimitRuleFactory(name="none", scope="ip", route_glob="/login/*", capacity=1, default_cost=2)
    status, out, _ = manage("ratelimit_try", "/login/", "--method", "post", "--ip", "203.0.113.9")
    assert status == 1
    assert "+ login: enough; takes 1 of 2 tokens left of 2" in out
    assert "+ none: too few" in out
    assert out.endswith("It would be refused.\n")
    status, out, _ = manage("ratelimit_try", "/shop/", "--ip", "203.0.113.9", "--json")
    document = json.loads(out)
    assert (status, document["status"], document["exit"]) == (0, "passes", 0)
    assert [rule["applies"] for rule in document["rules"]] == [False, False]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["login/"], "is no path: write /login/"),
        (["/", "--ip", "1.2.3"], "is no IP address"),
        (["/", "--tenant", "nobodys"], "there is no tenant nobodys"),
    ],
)
def test_what_cannot_be_tried_is_told(manage, arguments, said):
    status, out, err = manage("ratelimit_try", *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1
