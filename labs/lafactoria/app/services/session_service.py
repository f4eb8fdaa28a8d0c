"""Who is logged in."""
import secrets
import time

SESSIONS = {}


class Session:
    def __init__(self, user):
        self.user = user
        self.started_at = time.time()
        self.active = True
        self.drafts = ["Draft %d of %s. " % (number, user) * 20 for number in range(3)]


def login(user):
    session_id = secrets.token_hex(16)
    SESSIONS[session_id] = Session(user)
    return session_id


def logout(session_id):
    session = SESSIONS.get(session_id)
    if session is not None:
        session.active = False
