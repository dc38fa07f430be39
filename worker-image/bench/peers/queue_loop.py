"""What a good programmer writes without a function host: receives 32 messages, handles and deletes them concurrently.

Arguments: a connection string and the name of the queue. Runs until it is ended.
"""

import asyncio
import sys

from azure.storage.queue.aio import QueueClient


async def handle(queue, message):
    assert message.content
    await queue.delete_message(message)


async def main():
    queue = QueueClient.from_connection_string(*sys.argv[1:])
    async with queue:
        while True:
            pages = queue.receive_messages(messages_per_page=32, visibility_timeout=600).by_page()
            messages = [message async for message in await anext(pages)]
            if not messages:
                await asyncio.sleep(0.1)
            await asyncio.gather(*(handle(queue, message) for message in messages))


asyncio.run(main())
