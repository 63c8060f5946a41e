"""Three threads switch trampolines on and off while three others call functions that are new each time. Argument: rounds."""
import sys
import threading

import viperf._agent as agent

ROUNDS = int(sys.argv[1])
sys.setswitchinterval(1e-5)
done = threading.Event()
wrong = []


def toggle(backend):
    for _ in range(ROUNDS):
        agent.activate(backend)
        agent.is_active()
        agent.deactivate()


def deep(depth):
    return depth if depth == 0 else 1 + deep(depth - 1)


def work():
    count = 0
    while not done.is_set():
        count += 1
        scope = {}
        exec("def made(x):\n    return [x + y for y in (1, 2)]", scope)
        if scope["made"](count) != [count + 1, count + 2] or deep(30) != 30:
            wrong.append(count)


workers = [threading.Thread(target=work) for _ in range(3)]
togglers = [threading.Thread(target=toggle, args=(name,)) for name in ("perf", "perf_jit", "perf")]
for thread in workers + togglers:
    thread.start()
for thread in togglers:
    thread.join()
done.set()
for thread in workers:
    thread.join()
assert not wrong, wrong
print("done")
