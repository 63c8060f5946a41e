"""Creates, cancels and ends tasks by the thousand, in several event loops at once, with and without the interpreter's lock.

Argument: how long.
"""
import asyncio
import gc
import hashlib
import os
import random
import sys
import threading
import time

END = time.perf_counter() + float(sys.argv[1])
DATA = bytes(200_000)


async def leaf(random):
    for _ in range(random.randrange(3)):
        await asyncio.sleep(0)
    if random.random() < 0.05:
        hashlib.sha256(DATA).digest()  # without the lock
    if random.random() < 0.1:
        raise ValueError
    return sum(range(100))


async def nested(random, depth):
    if depth == 0:
        return await leaf(random)
    task = asyncio.ensure_future(nested(random, depth - 1))
    if random.random() < 0.1:
        asyncio.get_event_loop().call_soon(task.cancel)
    way = random.randrange(6)
    if way == 0:
        await task
    elif way == 1:
        await asyncio.gather(task, leaf(random), return_exceptions=True)
    elif way == 2:
        await asyncio.wait_for(task, random.choice([1, 0.0001]))
    elif way == 3:
        await asyncio.wait([task], timeout=random.choice([None, 0.0001]))
    elif way == 4:
        await asyncio.shield(task)
    elif hasattr(asyncio, "TaskGroup"):
        async with asyncio.TaskGroup() as group:
            group.create_task(leaf(random))
            await task
    else:
        for future in asyncio.as_completed([task, leaf(random)]):
            await future


async def quiet(coroutine):
    try:
        await coroutine
    except (Exception, asyncio.CancelledError):
        pass


async def main(seed):
    own = random.Random(seed)
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    while time.perf_counter() < END:
        tasks = [asyncio.ensure_future(quiet(nested(own, own.randrange(8)))) for _ in range(50)]
        await asyncio.sleep(0)
        for task in own.sample(tasks, 5):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if own.random() < 0.1:
            gc.collect()


async def chain(depth):
    """Tasks that wait for each other, more than are followed."""
    if depth:
        await asyncio.ensure_future(chain(depth - 1))
    else:
        for _ in range(2000):
            await asyncio.sleep(0)


async def ring():
    """Two tasks that wait for each other, and one of them for a third, which runs and breaks the circle in the end."""
    async def third():
        for _ in range(2000):
            await asyncio.sleep(0)
        raise ValueError

    async def second():
        await asyncio.gather(tasks[0], third())

    async def first():
        await asyncio.sleep(0)
        await tasks[1]

    tasks = [asyncio.ensure_future(first()), asyncio.ensure_future(second())]
    await asyncio.gather(*tasks, return_exceptions=True)


def fork():
    if os.fork() == 0:
        asyncio.run(chain(3))
        os._exit(0)
    assert os.wait()[1] == 0


threads = [threading.Thread(target=lambda seed=seed: asyncio.run(main(seed))) for seed in range(3)]
asyncio.run(chain(150))
asyncio.run(ring())
fork()
for thread in threads:
    thread.start()
asyncio.run(main(99))
for thread in threads:
    thread.join()
print("done")
