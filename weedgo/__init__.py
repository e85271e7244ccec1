"""WeedGo: staged schema migration, audit, rate limits, tenants, inventory and payments."""
