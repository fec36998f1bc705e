"""The registry's domain: profile, devices, access, tokens, and the doors that lead to them."""
