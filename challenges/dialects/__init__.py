"""The words of other CAPTCHAs for the same facts. Pure: a Verdict goes in, a reply comes out.

Each dialect is a module with `CODES` (its error codes for each Reason) and `reply`. The facts
about each vendor's words come from its documentation and from the source of its clients.
"""
