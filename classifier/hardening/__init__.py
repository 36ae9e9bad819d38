"""Renditions that people read and networks misread: recipes, surrogates, and the coin."""
