"""Tells of an existing Azure Functions app what runs here, and what to do about the rest. No code of the app is run."""
