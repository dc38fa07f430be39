import azure.functions as func


async def main(msg: func.QueueMessage) -> None:
    msg.get_body()
