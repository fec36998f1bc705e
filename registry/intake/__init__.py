"""Intake: foreign files, read record by record, their documents examined and loaded in bulk. Knows no HTTP."""
