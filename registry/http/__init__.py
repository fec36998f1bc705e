"""What every answer over HTTP has in common: server, errors, request log, headers, health, bodies."""
