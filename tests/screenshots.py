"""Take the pictures of the documentation: ``python -m tests.screenshots`` writes docs/images."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.exit(pytest.main(["-q", str(Path(__file__).parent / "browser" / "pictures.py")]))
