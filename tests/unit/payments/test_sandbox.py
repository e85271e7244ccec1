"""The sandbox fails as it is told, and keeps books of its own."""

from __future__ import annotations

from uuid import uuid4

import pytest

from payments.money import Money
from payments.providers import Answer, NotSentError, Request, UnknownOutcomeError
from payments.providers.sandbox import Mode, Sandbox


def test_the_sandbox_fails_as_it_is_told(tmp_path):
    path = tmp_path / "sandbox"
    sandbox = Sandbox(path, "one", deduplicates=True)
    other = Sandbox(path, "two", deduplicates=False)
    request = Request(uuid4(), Money(100), "card")
    for mode, error in (
        (Mode.REFUSE, NotSentError),
        (Mode.LOSE_REQUEST, UnknownOutcomeError),
        (Mode.SERVER_ERROR, UnknownOutcomeError),
    ):
        sandbox.tell(mode)
        with pytest.raises(error):
            sandbox.charge(request)
        assert sandbox.lookup(request, "charge") is None
    sandbox.tell(Mode.LOSE_ANSWER)
    with pytest.raises(UnknownOutcomeError):
        sandbox.charge(request)
    assert sandbox.charge(request) == sandbox.lookup(request, "charge") == Answer(True, "sb_one_1")
    assert sandbox.done() == [("charge", 100, True)]
    for _ in range(2):
        assert other.charge(request).succeeded
    assert len(other.done(request.key)) == 2
