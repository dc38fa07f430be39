from datetime import datetime, timezone

import azure.functions as func


async def main(timer: func.TimerRequest, chime: func.Out[str]) -> None:
    """Chime every five seconds."""
    chime.set(datetime.now(timezone.utc).isoformat())
