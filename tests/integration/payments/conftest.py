from tests.integration.shop import database_of_tests, made, open_shop, shop

__all__ = ["database_of_tests", "made", "open_shop", "shop"]
