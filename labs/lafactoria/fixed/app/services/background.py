"""Deliveries that go on after the answer was sent."""
import asyncio

TASKS = set()
CONFIRMATION_SECONDS = 0.05


async def deliver(content_id, payload, confirmed):
    try:
        await asyncio.wait_for(confirmed.wait(), CONFIRMATION_SECONDS)
    except asyncio.TimeoutError:
        return content_id, 0
    return content_id, len(payload)


def schedule(content_id, payload):
    confirmed = asyncio.Event()
    task = asyncio.get_running_loop().create_task(deliver(content_id, payload, confirmed))
    TASKS.add(task)
    task.add_done_callback(TASKS.discard)
