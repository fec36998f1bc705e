"""Contracts about the flexibility of devices: how they are judged and kept, and the power that they hold."""
