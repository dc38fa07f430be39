"""What functions share."""


def text(name: str) -> str:
    return f"Welcome, {name}!"
