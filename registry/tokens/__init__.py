"""Tokens of OpenID providers: from an Authorization header to a `Principal`, knowing no web framework."""
