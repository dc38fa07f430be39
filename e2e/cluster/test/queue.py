"""Speaks to a queue of Azurite with nothing but Python: queue.py ENDPOINT QUEUE create|clear|put [COUNT]."""

import base64
import email.utils
import hashlib
import hmac
import sys
import urllib.error
import urllib.request

ACCOUNT = "devstoreaccount1"
KEY = base64.b64decode("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==")
MESSAGE = b"<QueueMessage><MessageText>aGVsbG8=</MessageText></QueueMessage>"


def call(endpoint, method, path, body=None):
    headers = {"x-ms-date": email.utils.formatdate(usegmt=True), "x-ms-version": "2021-12-02"}
    if body:
        headers["Content-Type"] = "application/xml"
    canonical = "".join(f"{name}:{headers[name]}\n" for name in ("x-ms-date", "x-ms-version"))
    # An emulator's address names the account once more than a real one's does.
    text = f"{method}\n\n{headers.get('Content-Type', '')}\n\n{canonical}/{ACCOUNT}/{ACCOUNT}/{path}"
    signature = base64.b64encode(hmac.digest(KEY, text.encode(), hashlib.sha256)).decode()
    headers["Authorization"] = f"SharedKeyLite {ACCOUNT}:{signature}"
    request = urllib.request.Request(f"{endpoint}/{ACCOUNT}/{path}", data=body, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status


endpoint, queue, action, *count = sys.argv[1:]
if action == "create":
    call(endpoint, "PUT", queue)
elif action == "clear":
    call(endpoint, "DELETE", f"{queue}/messages")
elif action == "put":
    for _ in range(int(count[0])):
        call(endpoint, "POST", f"{queue}/messages", MESSAGE)
