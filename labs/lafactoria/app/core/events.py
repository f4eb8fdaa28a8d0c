"""Who wants to be told what."""


class EventEmitter:
    def __init__(self):
        self._listeners = {}

    def on(self, event, listener):
        self._listeners.setdefault(event, []).append(listener)

    def off(self, event, listener):
        self._listeners[event].remove(listener)

    def emit(self, event, payload):
        for listener in list(self._listeners.get(event, ())):
            listener(payload)

    def count(self, event):
        return len(self._listeners.get(event, ()))


emitter = EventEmitter()
