"""Which of the leaks are in: every repaired module under fixed/ takes the place of the leaking one by name."""
import importlib.abc
import importlib.util
import os

MODULE_OF_CAUSE = {
    "content-cache": "app.services.content_service",
    "session-dict": "app.services.session_service",
    "unfinished-task": "app.services.background",
    "mutable-default": "app.services.audit",
    "lru-cache-method": "app.services.template_service",
    "result-list": "app.services.analytics",
    "event-listener": "app.services.notifications",
    "open-file": "app.services.export_service",
    "thread-local": "app.services.scoring",
    "kept-exception": "app.core.errors",
    "connection": "app.db",
}


class FixedModules(importlib.abc.MetaPathFinder):
    def __init__(self, folder, leaks):
        self.paths = {
            module: os.path.join(folder, "fixed", *module.split(".")) + ".py"
            for cause, module in MODULE_OF_CAUSE.items()
            if cause not in leaks
        }

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_file_location(name, self.paths[name]) if name in self.paths else None


def leaks_of(build, causes):
    """The causes of a build: none of `fixed`; all of `leaking`, or those that are named."""
    if build == "fixed":
        return set()
    wanted = {cause for cause in causes.split(",") if cause} or set(MODULE_OF_CAUSE)
    unknown = wanted - set(MODULE_OF_CAUSE)
    if unknown:
        raise SystemExit("no such cause: %s" % ", ".join(sorted(unknown)))
    return wanted
