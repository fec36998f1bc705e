"""SPARQL as such: terms, datasets and graph stores. Knows no device and nothing of the registry."""
