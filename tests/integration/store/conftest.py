from tests.integration.shop import made, open_shop, shop

__all__ = ["made", "open_shop", "shop"]
