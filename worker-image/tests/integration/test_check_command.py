"""`funcapp check` on apps as they come from Azure."""

import json

from support import terminal
from support.apps import HTTP_RETURN, AppFolder, http_trigger


def test_exit_code_and_table(app: AppFolder) -> None:
    app.function("hello", "import nowhere", http_trigger(), HTTP_RETURN)
    done = terminal.run("check", cwd=app.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[3:] == ["hello", "httpTrigger", "runs", "1", "function:", "1", "run"]

    settings = [{"name": "SECRET", "value": "@Microsoft.KeyVault(VaultName=v;SecretName=s)", "slotSetting": False}]
    app.file("settings.json", json.dumps(settings))
    done = terminal.run("check", "--appsettings", "settings.json", "--json", cwd=app.root)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["allRun"] is False
    assert told["functions"] == [{"name": "hello", "trigger": "httpTrigger", "verdict": "runs", "findings": []}]
    assert told["app"][0]["subject"] == "SECRET"
    assert told["app"][0]["notSupported"]


def test_a_decorator_app_is_loaded(app: AppFolder) -> None:
    """What only loading shows: functions made in a loop, and a route that is taken twice."""
    app.file(
        "function_app.py",
        """\
        import azure.functions as func
        app = func.FunctionApp()
        for number in (1, 2):
            @app.function_name(f"made{number}")
            @app.route(route="x")
            def made(req): return ""
        """,
    )
    done = terminal.run("check", cwd=app.root)
    lines = done.stdout.splitlines()
    assert any(line.startswith("made1") and line.endswith("runs") for line in lines), done.stdout
    assert any(line.startswith("made2") and line.endswith("not supported") for line in lines), done.stdout
    assert done.returncode == 1
