"""What columns are called."""

from __future__ import annotations

import pytest

from inventory.models import Stock
from weedgo.store.naming import named


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sku", "SKU"), ("each_gtin", "each GTIN"), ("fee_minor", "fee (cents)"),
        ("quantity_on_hand", "quantity on hand"), ("minor", "minor"), ("thc_max", "THC max"),
    ],
)  # fmt: skip
def test_names_in_words(name, said):
    assert named(name) == said


def test_models_have_them_and_migrations_do_not():
    field = Stock._meta.get_field("each_gtin")
    assert field.verbose_name == "each GTIN"
    assert "verbose_name" not in field.deconstruct()[3]
