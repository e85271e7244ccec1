"""The two databases of the seed: legacy, current, its data and the queries asked of it, as SQL files."""
