"""The words of each dialect."""
