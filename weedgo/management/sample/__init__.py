"""Believable data for demo tenants: the same rows again for the same seed, and never twice."""
