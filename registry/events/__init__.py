"""Change events: what of the journal a principal hears of, as events for streams and webhooks, in its order.

Built on `registry.journal`: its feed says what shows in a view, its sight how a state looks from there. Nothing here
knows HTTP.
"""
