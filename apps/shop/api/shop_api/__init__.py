"""The shop's API: likes, carts and orders over HTTP, kept in a redis.

Nothing but Python's own library. `serving` knows HTTP and how to leave, `resp` speaks with redis, `catalog` reads what
is sold, `shop` is the shop itself.
"""
