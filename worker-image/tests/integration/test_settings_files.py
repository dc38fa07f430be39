"""Settings and Secrets that change while the worker runs."""

import base64
import http.client
import itertools
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from support.apps import HTTP_RETURN, AppFolder, http_trigger, queue_trigger
from support.azurite import KEY, SECOND_KEY, Azurite
from support.settings_volume import SettingsVolume
from support.waiting import wait_for
from support.worker import Worker

Launch = Callable[..., Worker]

VALUE = "import os\nasync def main(req): return os.environ.get('VALUE', 'none') + os.environ.get('FIXED', '')"


def test_a_rotated_connection_string_is_followed_and_no_request_or_message_is_lost(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, tmp_path: Path
) -> None:
    queue = azurite.queues.get_queue_client(unique)
    queue.create_queue()
    done = tmp_path / "done"
    app.host(extensions={"queues": {"maxPollingInterval": "00:00:00.2"}})
    app.function("value", VALUE, http_trigger(), HTTP_RETURN)
    app.function(
        "work",
        """
        import os, time
        def main(msg: str) -> None:
            time.sleep(0.02)
            with open(os.environ["DONE"], "ab", buffering=0) as file:
                file.write(msg.encode() + b"\\n")
        """,
        queue_trigger(unique),
    )
    volume = SettingsVolume(tmp_path / "settings" / "0-secret")
    volume.write(VALUE="one", AzureWebJobsStorage=azurite.connection_string)
    worker = launch(
        FUNCAPP_SETTINGS_FOLDER=str(tmp_path / "settings"),
        FUNCTIONS_WORKER_PROCESS_COUNT="2",
        DONE=str(done),
        VALUE="stale",
    ).wait_ready()
    stop = threading.Event()
    answers: list[list[str]] = [[] for _ in range(8)]
    failures: list[str] = []
    sent = itertools.count()

    def client(own: list[str]) -> None:
        """Keeps its connection, and does not try again."""
        connection = http.client.HTTPConnection("127.0.0.1", worker.port, timeout=20)
        while not stop.is_set():
            try:
                connection.request("GET", "/api/value")
                own.append(connection.getresponse().read().decode())
            except (OSError, http.client.HTTPException) as error:
                failures.append(repr(error))
                connection.close()
        connection.close()

    def sender() -> None:
        while not stop.is_set():
            queue.send_message(base64.b64encode(f"message-{next(sent)}".encode()).decode())

    threads = [threading.Thread(target=client, args=(own,)) for own in answers]
    threads.append(threading.Thread(target=sender))
    for thread in threads:
        thread.start()
    wait_for(lambda: all(answers) and done.exists(), "requests and messages flow")
    for value, key in (("two", SECOND_KEY), ("three", KEY)):
        volume.write(VALUE=value, AzureWebJobsStorage=azurite.connection_string.replace(KEY, key))
        # The clients that were connected before come to the new processes, too.
        wait_for(lambda value=value: all(own[-1] == value for own in answers), "everyone gets the new value", 30)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    for own in answers:
        # Once with the new processes, a client never gets to the old ones again.
        assert [value for value, _ in itertools.groupby(own)] == ["one", "two", "three"]
    expected = {f"message-{number}" for number in range(next(sent))}
    wait_for(lambda: set(done.read_text().split()) == expected, "every message is worked on", 60)
    assert worker.metrics()['funcapp_process_restarts_total{reason="settings"}'] == 4
    assert len(worker.function_processes()) == 2


def test_precedence_removal_the_same_content_and_settings_that_cannot_be_used(
    app: AppFolder, launch: Launch, tmp_path: Path
) -> None:
    app.function("value", VALUE, http_trigger(), HTTP_RETURN)
    lower = SettingsVolume(tmp_path / "settings" / "0-shared")
    higher = SettingsVolume(tmp_path / "settings" / "1-own")
    lower.write(VALUE="low", FIXED="file")
    higher.write(VALUE="high\n")
    worker = launch(
        FUNCAPP_SETTINGS_FOLDER=str(tmp_path / "settings"),
        FUNCAPP_FIXED_SETTINGS="FIXED,OTHER",
        FIXED="-fixed",
        VALUE="high\n",
    ).wait_ready()

    def value() -> str:
        return worker.get("/api/value").text

    assert value() == "high\n-fixed"
    processes = worker.function_processes()
    lower.write(VALUE="low", FIXED="another file")
    higher.write(VALUE="high\n", FUNCTIONS_WORKER_PROCESS_COUNT="99")
    assert "FUNCTIONS_WORKER_PROCESS_COUNT" in worker.wait_for_record("does not start with them")["message"]
    assert (value(), worker.function_processes()) == ("high\n-fixed", processes)
    higher.write()
    wait_for(lambda: value() == "low-fixed", "the lower source counts")
    lower.write()
    wait_for(lambda: value() == "none-fixed", "it is unset, although the worker was started with it")
    assert len([record for record in worker.records() if record["message"].startswith("ready with the new")]) == 2


def test_hundreds_of_idle_clients_stay_connected_while_processes_are_replaced(
    app: AppFolder, launch: Launch, tmp_path: Path
) -> None:
    """They are all handed over in one moment, which is more than a socket's buffer holds at a time."""
    app.function("value", VALUE, http_trigger(), HTTP_RETURN)
    volume = SettingsVolume(tmp_path / "settings" / "0-secret")
    volume.write(VALUE="one")
    worker = launch(FUNCAPP_SETTINGS_FOLDER=str(tmp_path / "settings"), FUNCTIONS_WORKER_PROCESS_COUNT="2").wait_ready()
    clients = [http.client.HTTPConnection("127.0.0.1", worker.port, timeout=20) for _ in range(700)]

    def ask(connection: http.client.HTTPConnection) -> str:
        connection.request("GET", "/api/value")
        return connection.getresponse().read().decode()

    def ask_all() -> Counter[str]:
        answers: Counter[str] = Counter()
        for connection in clients:
            # Otherwise it would connect anew by itself.
            assert connection.sock is not None or not answered
            try:
                answers[ask(connection)] += 1
            except (OSError, http.client.HTTPException) as error:
                answers[repr(error)] += 1
        return answers

    answered = False
    assert ask_all() == {"one": 700}
    answered = True
    volume.write(VALUE="two")
    worker.wait_for_record("ready with the new settings", 60)
    wait_for(lambda: len(worker.function_processes()) == 2, "the old processes are gone", 60)
    assert ask_all() == {"two": 700}
    for connection in clients:
        connection.close()


def test_settings_under_which_an_import_hangs_give_way_to_later_ones(
    app: AppFolder, launch: Launch, tmp_path: Path
) -> None:
    app.function(
        "value",
        "import os, time\nif os.environ['VALUE'] == 'hangs':\n    print('hanging')\n    time.sleep(600)\n" + VALUE,
        http_trigger(),
        HTTP_RETURN,
    )
    volume = SettingsVolume(tmp_path / "settings" / "0-secret")
    volume.write(VALUE="one")
    worker = launch(FUNCAPP_SETTINGS_FOLDER=str(tmp_path / "settings")).wait_ready()
    volume.write(VALUE="hangs")
    worker.wait_for_record("hanging")
    assert worker.get("/api/value").text == "one"
    volume.write(VALUE="three")
    wait_for(lambda: worker.get("/api/value").text == "three", "the later settings count", 30)
    wait_for(lambda: len(worker.function_processes()) == 1, "the process that hung is gone")
