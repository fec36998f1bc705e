"""The W3C's SPARQL 1.1 tests against the running registry. Not part of what is shipped."""
