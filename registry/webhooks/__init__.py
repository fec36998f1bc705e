"""Webhooks: change events delivered to the service clients that ask for it (Standard Webhooks)."""
