"""The front door as a bot finds it: plain HTTP, and only to addresses that are our own."""
