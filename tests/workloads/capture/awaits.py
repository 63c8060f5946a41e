"""Tasks that await each other in every way that asyncio has. A line that awaits or calls says whom, in order: # CALLER -> CALLEE.

From 3.11 on a call that makes a coroutine is a frame too. Where asyncio's own functions stand between two of ours
(TaskGroup.__aexit__, wait_for), they are not named.
Argument: how many seconds of CPU time each way is gone for, at least; each leaf works a little in any case.
"""
import asyncio
import sys
import time

SECONDS = float(sys.argv[1])
END = 0.0  # at which CPU time the way that is being gone ends
LEAST = 20  # rounds of a leaf: a slow machine may have passed that time with sampling
SHARED = None


def burn(n):
    total = 0
    for i in range(n):
        total ^= i
    return total


async def leaf():
    rounds = 0
    while rounds < LEAST or time.process_time() < END:
        burn(3000)  # leaf -> burn
        await asyncio.sleep(0)
        rounds += 1


async def between():
    await leaf()  # between -> leaf


async def awaited():
    await asyncio.ensure_future(between())  # awaited -> between


async def gathered():
    await asyncio.gather(between(), leaf(), asyncio.gather(leaf()))  # gathered -> between, leaf


async def waited():
    await asyncio.wait([asyncio.ensure_future(between()), asyncio.ensure_future(leaf())])  # waited -> between, leaf


async def waited_for():
    await asyncio.wait_for(asyncio.ensure_future(between()), 100)  # waited_for -> between


async def shielded():
    await asyncio.shield(asyncio.ensure_future(between()))  # shielded -> between


async def grouped():
    async with asyncio.TaskGroup() as group:  # grouped -> between, leaf
        group.create_task(between())  # grouped -> between
        group.create_task(leaf())  # grouped -> leaf


async def deep():
    await asyncio.ensure_future(deeper())  # deep -> deeper


async def deeper():
    await asyncio.gather(deepest(), deepest())  # deeper -> deepest


async def deepest():
    await asyncio.wait_for(asyncio.ensure_future(awaited()), 100)  # deepest -> awaited


async def first_awaiter():
    global SHARED
    SHARED = asyncio.ensure_future(between())  # first_awaiter -> between
    await SHARED  # first_awaiter -> between


async def second_awaiter():
    await SHARED


async def two_awaiters():
    await asyncio.gather(first_awaiter(), second_awaiter())  # two_awaiters -> first_awaiter, second_awaiter


async def unawaited():
    await asyncio.sleep(0)
    await between()  # unawaited -> between


async def nobody():
    task = asyncio.ensure_future(unawaited())  # nobody -> unawaited
    while not task.done():
        await asyncio.sleep(0.001)


async def values():
    while time.process_time() < END:
        await asyncio.ensure_future(one())  # values -> one
        yield burn(300)  # values -> burn


async def one():
    await asyncio.sleep(0)
    return burn(2000)  # one -> burn


async def iterates():
    async for _ in values():  # iterates -> values
        pass


class Awaitable:  # <module> -> Awaitable
    def __await__(self):
        return (yield from asyncio.ensure_future(between()).__await__())  # __await__ -> between


async def custom():
    await Awaitable()  # custom -> __await__


async def in_task(way):
    task = asyncio.ensure_future(way())  # in_task -> awaited, gathered, waited, waited_for, shielded, grouped, deep, two_awaiters, nobody, iterates, custom
    await task  # in_task -> awaited, gathered, waited, waited_for, shielded, grouped, deep, two_awaiters, nobody, iterates, custom


async def main():
    global END
    for way in WAYS:
        END = time.process_time() + SECONDS
        await in_task(way)  # main -> in_task


WAYS = [awaited, gathered, waited, waited_for, shielded, deep, two_awaiters, nobody, iterates, custom]
if hasattr(asyncio, "TaskGroup"):
    WAYS.append(grouped)
asyncio.run(main())  # <module> -> main, unawaited
