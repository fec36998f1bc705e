"""Writes listings as SPARQL. The only package that turns criteria into query text.

Every value enters as a term through the one serialiser, `sparql.terms.to_sparql`. There are two ways to write criteria:
as sets of devices (`members.py`), each found by one scan or look-up of the index and joined by hash; and as a test of
each of a few devices, whose values are looked up (`lookups.py`). Which one is cheaper is decided above, in `view.py`.
"""
