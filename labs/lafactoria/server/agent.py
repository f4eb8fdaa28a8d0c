"""Loads Stanch's agent from the file that STANCH_AGENT names, and puts it in front of the application."""
import importlib.util
import os
import sys


def with_agent(app, data_dir, log):
    path = os.environ.get("STANCH_AGENT")
    if not path:
        return app
    spec = importlib.util.spec_from_file_location("stanch_agent", path)
    agent = importlib.util.module_from_spec(spec)
    sys.modules["stanch_agent"] = agent
    spec.loader.exec_module(agent)
    agent.start(
        directory=os.environ.get("STANCH_DUMPS") or data_dir,
        values=os.environ.get("STANCH_VALUES") == "1",
        cooldown=float(os.environ.get("STANCH_COOLDOWN", "0")),
        log=log,
    )
    token = os.environ.get("STANCH_TOKEN")
    return agent.AsgiMiddleware(app, token=token) if token else app
