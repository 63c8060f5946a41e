"""Draws the Mandelbrot set with letters and says which letter was used most: a program with something to find in it.

    ./viperf run examples/quickstart.py
"""
from collections import Counter

SHADES = " .:-=+*#%@"
WIDTH, HEIGHT, LIMIT = 76, 30, 20_000


def escape_time(point):
    """How many rounds of z*z + point stay small: where the program spends its time."""
    z = 0j
    for rounds in range(LIMIT):
        if abs(z) > 2:
            return rounds
        z = z * z + point
    return LIMIT


def shade(point):
    return SHADES[min(escape_time(point), 90) // 10]


def draw_row(y):
    return "".join(shade(complex(-2.2 + 3.2 * x / WIDTH, y)) for x in range(WIDTH))


def draw():
    return [draw_row(-1.2 + 2.4 * row / HEIGHT) for row in range(HEIGHT + 1)]


def most_used(rows):
    return Counter("".join(rows).replace(" ", "")).most_common(1)[0]


def main():
    rows = draw()
    print("\n".join(rows))
    letter, times = most_used(rows)
    print(f"most used: {letter!r}, {times} times")


if __name__ == "__main__":
    main()
