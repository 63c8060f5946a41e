"""
What programs can see of their own frames: tracebacks, generators, coroutines, tracing, profiling, a debugger, monitoring,
signals, warnings, modules, descriptors. Prints all of it, which must not depend on trampolines.
"""
import asyncio
import bdb
import gc
import inspect
import os
import signal
import sys
import threading
import traceback
import warnings


def show(*values):
    print(*values, sep=" ", flush=True)


def made(text, name):
    scope = dict(globals())
    exec(compile(text, "<made>", "exec"), scope)
    return scope[name]


# Exceptions through many frames, generators closed half-way, exceptions thrown into them, coroutines.

def down(depth):
    try:
        if depth == 0:
            raise ValueError("deep")
        return down(depth - 1)
    finally:
        if depth == 5:
            log.append(sys.exc_info()[0].__name__)


def generator():
    try:
        received = yield 1
        log.append(received)
        yield from inner()
    except KeyError as error:
        log.append(repr(error))
        yield "caught"
    finally:
        log.append("closed")


def inner():
    try:
        yield 2
        yield 3
    except GeneratorExit:
        log.append("inner closed")
        raise


def raises():
    yield 1
    raise LookupError("from generator")


async def waits(number):
    try:
        for _ in range(number):
            await asyncio.sleep(0)
        return number
    finally:
        log.append("waited %d" % number)


async def ticks():
    for number in range(3):
        yield number
        await asyncio.sleep(0)


async def coroutines():
    found = [value async for value in ticks()]
    task = asyncio.ensure_future(waits(100000))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        log.append("cancelled")
    return found, await asyncio.gather(waits(2), waits(3))


class Bad:
    def __del__(self):
        log.append("deleted")

    def __getattr__(self, name):
        raise AttributeError(name)


log = []
try:
    down(40)
except ValueError:
    show(traceback.format_exc())
one = generator()
show(next(one), one.send("sent"), one.throw(KeyError("thrown")), inspect.getgeneratorstate(one))
one.close()
two = generator()
next(two), next(two)
two.close()
three = generator()
next(three)
del three
gc.collect()
unstarted = generator()
try:
    unstarted.throw(ZeroDivisionError("not begun"))
except ZeroDivisionError:
    show(traceback.format_exc())
try:
    list(raises())
except LookupError:
    show(traceback.format_exc())
show(asyncio.new_event_loop().run_until_complete(coroutines()))
bad = Bad()
show(hasattr(bad, "nothing"), getattr(bad, "nothing", 5))
del bad
never = waits(1)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    del never
    gc.collect()
show([str(warning.message) for warning in caught], log)
show([frame.function for frame in inspect.stack()], sys._getframe().f_code.co_name)


# Tracing, profiling, a debugger, monitoring.

def subject(number):
    total = 0
    for item in (step for step in range(number)):
        total += item
    try:
        {}["missing"]
    except KeyError:
        total += 1
    return total


events = []


def tracer(frame, event, argument):
    if frame.f_code.co_filename == __file__:
        events.append((event, frame.f_code.co_name, frame.f_lineno))
    return tracer


def profiler(frame, event, argument):
    name = argument.__name__ if event.startswith("c_") else frame.f_code.co_name
    events.append((event, name))


for setter, function in ((sys.settrace, tracer), (sys.setprofile, profiler)):
    events = []
    setter(function)
    subject(3)
    made("def new():\n    yield 1\n    yield subject(1)\n", "new")
    list(raises.__call__ for _ in range(2))
    setter(None)
    show(events)


class Debugger(bdb.Bdb):
    def user_line(self, frame):
        events.append((frame.f_code.co_name, frame.f_lineno))
        self.set_step()

    def user_return(self, frame, value):
        events.append(("return", frame.f_code.co_name, str(value)))


events = []
Debugger().runcall(subject, 2)
show(events)

if sys.version_info >= (3, 12):
    monitoring = sys.monitoring
    monitoring.use_tool_id(monitoring.COVERAGE_ID, "coverage")
    events = []
    for name in ("PY_START", "PY_RETURN", "PY_YIELD", "PY_RESUME", "LINE", "RAISE", "CALL", "PY_UNWIND"):
        def callback(code, *rest, name=name):
            if code.co_filename in (__file__, "<made>"):
                events.append((name, code.co_name) + tuple(item for item in rest if isinstance(item, (int, str))))
        monitoring.register_callback(monitoring.COVERAGE_ID, getattr(monitoring.events, name), callback)
    monitoring.set_events(monitoring.COVERAGE_ID, sum(
        getattr(monitoring.events, name) for name in (
            "PY_START", "PY_RETURN", "PY_YIELD", "PY_RESUME", "LINE", "RAISE", "CALL", "PY_UNWIND")))
    subject(3)
    made("def new():\n    return subject(1)\n", "new")()
    monitoring.set_events(monitoring.COVERAGE_ID, 0)
    monitoring.free_tool_id(monitoring.COVERAGE_ID)
    show(events)

# Signals: a handler in Python, and a timer's while new code is called all the time.

handled = []
signal.signal(signal.SIGUSR1, lambda number, frame: handled.append(frame.f_code.co_name))
os.kill(os.getpid(), signal.SIGUSR1)
show(handled)
alarms = []
signal.signal(signal.SIGALRM, lambda number, frame: alarms.append(made("def in_handler(): return 1", "in_handler")()))
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
right = 0
for number in range(100000):
    right += made("def f(x): return x + 1", "f")(number) == number + 1
    if len(alarms) > 20 and number > 300:
        break
signal.setitimer(signal.ITIMER_REAL, 0)
show(right == number + 1, len(alarms) > 20, set(alarms))


def interrupted():
    raise InterruptedError("in handler")


def loops():
    while True:
        pass


signal.signal(signal.SIGALRM, lambda number, frame: interrupted())
signal.setitimer(signal.ITIMER_REAL, 0.01)
try:
    loops()
except InterruptedError as error:
    show([frame.name for frame in traceback.extract_tb(error.__traceback__)][:2])

# Threads end by exceptions, and what everybody can look up. A thread that ends may still load libgcc when it was joined.
descriptors = sorted(os.listdir("/proc/self/fd"))
threading.excepthook = lambda arguments: show("thread", arguments.exc_type.__name__)
thread = threading.Thread(target=down, args=(3,))
thread.start()
thread.join()
show(sorted(name for name in sys.modules if "viperf" in name or "agent" in name), sys.path[1:], sys.flags, sys.warnoptions)
show(descriptors, len(gc.get_objects()) > 0, sys.getrecursionlimit(), signal.getsignal(signal.SIGINT))
show(threading.active_count(), sys.excepthook is sys.__excepthook__, sys.gettrace(), sys.getprofile(), __name__, sys.argv[1:])
hooked = []
try:
    show("hooks", sys.audit(1))  # looks at its arguments only if there are hooks
except TypeError:
    show("hooks there are")
sys.addaudithook(lambda event, arguments: hooked.append(event) if event == "viperf.test" else None)
sys.audit("viperf.test")
show(hooked)
