"""Listeners, one file for each kind of trigger that storage feeds."""
