"""Runs Azure-Functions-style Python apps."""
