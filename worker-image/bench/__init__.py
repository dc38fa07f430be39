"""Side-by-side measurements of the worker and of what a user could pick instead."""
