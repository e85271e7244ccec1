"""The small pictures of the admin."""

from __future__ import annotations

import pytest

from weedgo.console.pictures import Part, dots


@pytest.mark.parametrize(
    ("size", "drawn", "more"), [(60, 60, ""), (61, 56, "+5"), (9000, 56, "+8,944")]
)
def test_dots_that_do_not_fit_are_counted(size, drawn, more):
    picture = dots([Part(2, "red", "bad"), Part(size - 2, "blue", "good")], "Alerts")
    assert picture.count("<circle") == drawn
    assert picture.count('fill="red"') == 2
    assert (f">{more}</text>" in picture) is bool(more)
