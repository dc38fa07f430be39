"""HTTP in the function process: connections, requests, responses, routes."""
