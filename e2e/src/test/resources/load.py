"""Asks one path of one server again and again, over kept and over new connections, until /tmp/stop is there.

Arguments: host, path, seconds that it takes at least, requests a second. Writes {"requests", "seconds", "answers": {text: n},
"failures": [text], "failed": n} at the end. What a kept connection's server announces to close is opened anew; any other loss
of a connection is a failure, and nothing is tried twice.
"""

import collections
import http.client
import json
import os
import sys
import threading
import time

KEPT, NEW = 4, 4

host, path, least, rate = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
answers, failures, failed = collections.Counter(), [], 0
lock = threading.Lock()
began = time.monotonic()


def ask(connection: http.client.HTTPConnection, kept: bool) -> None:
    global failed
    try:
        connection.request("GET", path, headers={} if kept else {"Connection": "close"})
        response = connection.getresponse()
        text = response.read().decode()
        problem = None if response.status == 200 else f"{response.status} {text[:200]}"
    except Exception as error:
        problem = f"{'kept' if kept else 'new'} connection after {time.monotonic() - began:.1f} s: {error!r}"
        connection.close()
    with lock:
        if problem is None:
            answers[text] += 1
        else:
            failed += 1
            failures.append(problem)


def client(kept: bool) -> None:
    connection = http.client.HTTPConnection(host, timeout=30)
    due = time.monotonic()
    while not os.path.exists("/tmp/stop") or time.monotonic() - began < least:
        ask(connection, kept)
        if not kept:
            connection.close()
        due = max(due + (KEPT + NEW) / rate, time.monotonic() - 1)
        time.sleep(max(0.0, due - time.monotonic()))


threads = [threading.Thread(target=client, args=(kept,)) for kept in [True] * KEPT + [False] * NEW]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
seconds = time.monotonic() - began
print(json.dumps({"requests": sum(answers.values()) + failed, "seconds": seconds, "answers": answers, "failures": failures[:20], "failed": failed}))
