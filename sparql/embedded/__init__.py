"""The embedded engine: pyoxigraph on a folder or in memory. The only package that knows pyoxigraph."""

from sparql.embedded.store import EmbeddedStore

__all__ = ["EmbeddedStore"]
