"""Python functions called from C in many ways: slots, descriptors, iterators, callbacks. Argument: repetitions."""
import functools
import sys


def work():
    r = 0
    for i in range(60):
        r += i
    return r


class Thing:
    def __init__(self, value=0):
        work()
        self.value = value

    def __call__(self, *args, **names):
        return work()

    def __getattr__(self, name):
        return work()

    def __getitem__(self, index):
        return work()

    def __contains__(self, value):
        return work() > 0

    def __iter__(self):
        for _ in range(2):
            yield work()

    def __eq__(self, other):
        return work() > 0

    def __lt__(self, other):
        work()
        return id(self) < id(other)

    def __hash__(self):
        return work()

    def __add__(self, other):
        work()
        return self

    def __str__(self):
        return str(work())

    def __enter__(self):
        work()

    def __exit__(self, *error):
        work()

    def __del__(self):
        work()

    @property
    def size(self):
        return work()

    @classmethod
    def make(cls):
        return cls(work())


def key(value):
    work()
    return -value


def delegating(n):
    yield from (work() for _ in range(n))


def once():
    thing = Thing(1)
    thing(1, a=2), thing.missing, thing[1], 1 in thing, list(thing), thing == thing, {thing: 1}
    thing + thing, str(thing), thing.size, Thing.make()
    with thing:
        pass
    sorted([3, 1, 2], key=key), sorted([Thing(), Thing()]), sum(delegating(3)), list(map(key, (1, 2)))
    functools.partial(key)(1), exec("work()", globals())


for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 200):
    once()
