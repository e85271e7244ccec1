"""The app of the tables that are audited in each way."""
