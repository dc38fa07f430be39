"""The function process: runs the app's code and serves its HTTP functions.

It is started by the base interpreter. Nothing here may import more than the standard library, `funcapp.link`,
`funcapp.log`, `funcapp.stats`, `funcapp.errors` and `funcapp.model`, because the app's own
libraries must never meet ours.
"""
