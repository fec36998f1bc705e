"""What believable households are made of: where they stand and which devices they own.

Data and draws from it only; nothing here knows a wire format, a file, or a server.
"""
