"""Devices: documents, validation and the repository behind both doors. Knows no HTTP."""
