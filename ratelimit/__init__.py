"""Rate limits: who may ask how often for what."""
