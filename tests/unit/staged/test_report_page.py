"""The page of a run is whole in itself, tells what failed and why, and shows no secret."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from tests.unit.staged import built
from weedgo.staged.model import Options
from weedgo.staged.report.page import page

TRAFFIC = {
    "select users": {"count": 1838, "failed": 0, "median": 1.3, "p99": 15.6, "longest": 181.6},
    "<b>odd</b>": {"count": 1, "failed": 0, "median": 0.0, "p99": 0.0, "longest": 0.0},
    "never": {"count": 0, "failed": 0, "median": 0.0, "p99": 0.0, "longest": 0.0},
}


class Whole(HTMLParser):
    """Checks that tags are closed in order and nothing is fetched."""

    def __init__(self):
        super().__init__()
        self.open, self.text = [], []

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "link", "img", "iframe"), tag
        assert not {name for name, _ in attrs} & {"src", "href", "onclick"}
        if tag not in ("meta", "br", "rect", "line", "circle"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(html):
    parser = Whole()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return " ".join(" ".join(parser.text).split())


def test_a_run_with_failures_and_traffic():
    report = replace(built.INCOMPLETE, facts={"traffic": TRAFFIC})
    html = page(report, Options())
    text = read(html)
    assert "url(" not in html
    assert "http" not in html.replace("http-equiv", "")
    failed = [r for r in report.results if r.remedy]
    assert failed
    for result in failed:
        assert result.sqlstate in text
        assert result.remedy[:20] in text
    assert "select users" in text
    assert "<b>odd" in text, "escaped"
    assert "never" not in text.split("Traffic meanwhile")[1].split("Locks")[0]


def test_a_run_that_had_nothing_to_do():
    report = replace(built.INCOMPLETE, results=(), plan=None, status="equal", counts={})
    text = read(page(report, Options()))
    assert "Nothing to do" in text


def test_no_password_is_on_it():
    report = replace(built.INCOMPLETE, source="postgresql://me:hunter2@old/shop", message="hunter")
    assert "hunter2" not in page(report, Options())
