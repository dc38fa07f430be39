"""What a worker tells about its load. docs/architecture.md, "Worker reports", holds the schema."""
