"""Contracts about the flexibility of devices: judging them, keeping them, and the power that they hold (docs/marketplace.md)."""
