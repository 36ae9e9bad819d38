"""A simulated day of traffic: visitors of several kinds, a server, and what they remember."""

from __future__ import annotations
