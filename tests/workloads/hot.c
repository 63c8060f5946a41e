/* Burns CPU time in a function that only a full symbol table names, for so many milliseconds. */
#include <stdlib.h>
#include <time.h>

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static double __attribute__((noinline)) hidden_spin(long rounds)
{
    volatile double sum = 0;
    for (long i = 0; i < rounds; i++)
    {
        sum += i * 0.5;
    }

    return sum;
}

int main(int count, char **arguments)
{
    double end = milliseconds() + (count > 1 ? atof(arguments[1]) : 100);
    double sum = 0;
    while (milliseconds() < end)
    {
        sum += hidden_spin(100000);
    }

    return sum < 0;
}
