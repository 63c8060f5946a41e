"""
How deep calls go before the RecursionError. Argument: default, for the limit that Python has; raised, for one of 2,000 of
which 1,400 are used; endless, for one that the stack does not hold.
"""
import functools
import sys
import threading

deepest = 0


def plain(depth):
    global deepest
    deepest = depth
    return plain(depth + 1)


class Instance:
    def __call__(self, depth):
        global deepest
        deepest = depth
        return self(depth + 1)

    def __getattr__(self, name):
        global deepest
        deepest += 1
        return getattr(self, name + "x")


def through_c(depth):
    global deepest
    deepest = depth
    return max([depth + 1], key=through_c)


def generator(depth):
    global deepest
    deepest = depth
    yield from generator(depth + 1)


def measure(function, *arguments):
    global deepest
    deepest = 0
    try:
        function(*arguments)
    except RecursionError:
        return deepest
    raise AssertionError("no RecursionError")


def measure_all():
    return [
        measure(plain, 1), measure(Instance(), 1), measure(through_c, 1),
        measure(lambda: list(generator(1))), measure(lambda: Instance().missing),
        measure(functools.partial(plain, 1)),
    ]


def fall(depth):
    return 0 if depth == 0 else 1 + fall(depth - 1)


def in_thread(function):
    found = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


mode = sys.argv[1]
if mode == "default":
    print(measure_all(), measure_all(), in_thread(measure_all))
elif mode == "raised":
    sys.setrecursionlimit(2000)
    print(fall(1400), in_thread(lambda: fall(1400)), measure(plain, 1))
else:
    sys.setrecursionlimit(10**6)
    assert measure(plain, 1) > 5000
    assert in_thread(lambda: measure(plain, 1)) > 5000
    assert measure(Instance(), 1) > 400 and measure(through_c, 1) > 400 and measure(lambda: list(generator(1))) > 400
    assert fall(1000) == 1000
    print("done")
