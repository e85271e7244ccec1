"""Log-ins and wishlists."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser

from weedgo.store.models import LoginEvent, Product, Wishlist


def record_login(
    email: str,
    outcome: str,
    *,
    user: AbstractBaseUser | None = None,
    ip_address: str | None = None,
    method: str = "password",
    reason: str = "",
    user_agent: str = "",
) -> LoginEvent:
    """Record an attempt to log in.

    Args:
        email: what was typed in.
        outcome: success, failure, locked or logout.
        user: whose it is, where that is known.
        ip_address: where it came from.
        method: password, otp, oauth, magic_link or api_key.
        reason: why it failed.
        user_agent: the browser.
    """
    return LoginEvent.objects.create(
        email=email,
        outcome=outcome,
        user_id=None if user is None else user.pk,
        ip_address=ip_address,
        method=method,
        failure_reason=reason[:60],
        user_agent=user_agent[:1000],
    )


def keep_for_later(
    user: AbstractBaseUser, product: Product, *, notify: bool = False, note: str = ""
) -> Wishlist:
    """Put a product on somebody's wishlist; again changes the note.

    Args:
        user: whose list.
        product: what.
        notify: tell them when it is in stock.
        note: their own words.
    """
    item, _ = Wishlist.objects.update_or_create(
        user_id=user.pk,
        product=product,
        defaults={"notify_on_restock": notify, "note": note[:240]},
        create_defaults={
            "notify_on_restock": notify,
            "note": note[:240],
            "sku": product.sku,
            "price_when_added_minor": product.retail_price_minor,
        },
    )
    return item
