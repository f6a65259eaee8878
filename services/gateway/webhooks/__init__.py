"""Webhooks: the live feed for subscribers that speak neither AMQP nor SSE.

Reading order: ``domain`` (a subscription), ``tables`` (its places and deliveries), ``queue`` (what is done with them),
``addresses``, ``posting`` and ``signing`` (one request), ``dispatching`` (the loops), ``subscribing`` (commands and
questions).
"""
