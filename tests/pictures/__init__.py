"""Pictures of everything that a visitor can see: `make pictures` takes them all."""
