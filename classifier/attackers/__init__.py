"""The ladder of attackers: each reads pictures as a bot would, by one small interface."""
