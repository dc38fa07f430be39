"""The function app as data. Pure, but for `discovery`, which reads the app folder; standard library only."""
