"""Bindings of Azure Functions that are not served here, and what to use in their place."""

from __future__ import annotations

_QUEUE = "send the work through a storage queue"
_DEPLOYMENT = "receive in a Deployment of its own, which KEDA can scale"

_DURABLE = (
    "Durable Functions",
    "chain functions with queues, keeping state in blobs, or use a workflow engine such as Temporal or Argo Workflows",
)
_DAPR = ("Dapr", "call the Dapr sidecar with the dapr library; receive its events in an HTTP function")
_OPENAI = ("Azure OpenAI", "call the openai library from the function")
_MCP = ("Model Context Protocol", "serve an MCP server as an ASGI app: AsgiFunctionApp")

_SERVICES: dict[str, tuple[str, str]] = {
    "servicebus": ("Azure Service Bus", f"{_QUEUE}; or {_DEPLOYMENT}. To send, call the azure-servicebus library"),
    "eventhub": ("Azure Event Hubs", f"{_DEPLOYMENT}, with azure-eventhub; to send, call that library"),
    "eventgrid": (
        "Azure Event Grid",
        "subscribe an HTTP function as a webhook, or a storage queue; to publish, call the azure-eventgrid library",
    ),
    "cosmosdb": ("Azure Cosmos DB", "call the azure-cosmos library; poll the change feed from a timer function"),
    "table": ("Azure Table Storage", "call the azure-data-tables library from the function"),
    "kafka": ("Apache Kafka", f"{_DEPLOYMENT}; to send, call a Kafka library such as confluent-kafka"),
    "rabbitmq": ("RabbitMQ", f"{_DEPLOYMENT}; to send, call the pika or aio-pika library"),
    "redis": ("Redis", f"{_DEPLOYMENT}, with the redis library"),
    "signalr": ("Azure SignalR Service", "call its REST API from the function; receive its events in an HTTP function"),
    "webpubsub": ("Azure Web PubSub", "call the azure-messaging-webpubsubservice library; receive events by HTTP"),
    "sendgrid": ("SendGrid", "call the sendgrid library from the function"),
    "twilio": ("Twilio", "call the twilio library from the function"),
    "notificationhub": ("Azure Notification Hubs", "call its REST API from the function"),
    "mobiletable": ("Mobile Apps", "the service is retired: call a database library from the function"),
    "documentdb": ("Azure Cosmos DB", "call the azure-cosmos library from the function"),
    "sql": ("Azure SQL", "call a database library such as pyodbc; poll for changes from a timer function"),
    "mysql": ("Azure Database for MySQL", "call a database library such as aiomysql; poll from a timer function"),
    "orchestrationtrigger": _DURABLE,
    "orchestrationclient": _DURABLE,
    "activitytrigger": _DURABLE,
    "entitytrigger": _DURABLE,
    "durable": _DURABLE,
    "dapr": _DAPR,
    "mcp": _MCP,
    "assistant": _OPENAI,
    "textcompletion": _OPENAI,
    "embeddings": _OPENAI,
    "semanticsearch": _OPENAI,
    "warmuptrigger": ("warm-up triggers", "import at module level what takes long: a pod is ready after that"),
}


def names() -> frozenset[str]:
    """The services that `advice` knows."""
    return frozenset(service for service, _ in _SERVICES.values())


def advice(kind: str) -> str:
    """What to do about a binding type that is not served here."""
    wanted = kind.lower()
    for prefix in sorted(_SERVICES, key=len, reverse=True):
        if wanted.startswith(prefix):
            service, instead = _SERVICES[prefix]
            return f"{service} is not supported: {instead}"
    return f"{kind} is not supported: call the service from the function's code"
