"""A demo that needs nothing from outside: two cooperatives, their devices, and an OpenID provider for them."""
