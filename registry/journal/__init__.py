"""The journal: the durable, ordered record of every change, from which all else can be made anew (decision D10)."""

from registry.journal.entry import Author, Entry, Kind, Resource, What
from registry.journal.journal import Journal
from registry.journal.recorder import Recorder

__all__ = ["Author", "Entry", "Journal", "Kind", "Recorder", "Resource", "What"]
