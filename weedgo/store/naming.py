"""What people call the columns of the tenants' tables, where a field does not say it itself."""

from __future__ import annotations

from django.apps import AppConfig

WORDS = {
    word.lower(): word
    for word in ("SKU", "GTIN", "UPC", "ASN", "THC", "CBD", "CROL", "IP", "URL", "API", "PIN")
}
MINOR = "_minor"


def name_fields(app: AppConfig) -> None:
    """Name the fields of an app's models; only for people, so that no migration comes of it."""
    for model in app.get_models():
        for field in model._meta.concrete_fields:
            if getattr(field, "_verbose_name", "") is None:  # the model does not name it
                field.verbose_name = named(field.name)


def named(name: str) -> str:
    """Return a field's name in words: `each_gtin` is `each GTIN`, `fee_minor` is `fee (cents)`."""
    cents = name.endswith(MINOR)
    words = name.removesuffix(MINOR).split("_")
    said = " ".join(WORDS.get(word, word) for word in words)
    return f"{said} (cents)" if cents else said
