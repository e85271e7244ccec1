"""The seed's migration: its two databases as SQL files, and the traffic and checksums beside it."""
