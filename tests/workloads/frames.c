// Frames of many shapes: large ones, variable ones, realigned ones, calls that do not return, tail calls, calls through
// the .plt and into the vdso. Each shape burns time at its bottom.
// build: gcc -O0
// build: gcc -O2
// build: gcc -O3 -mavx2 -fno-omit-frame-pointer
// build: gcc -O2 -mstackrealign -fno-plt
// build: gcc -O2 -fcf-protection=full -Wl,-z,lazy
// build: gcc -O2 -static
// build: gcc -O2 -static-pie
// build: gcc -O2 -no-pie -Wl,-z,lazy
// build: gcc -O2 -s && strip --strip-section-headers
// build: gcc -O2 -Wl,--no-eh-frame-hdr
// build: gcc -O2 -g -fno-asynchronous-unwind-tables -fno-unwind-tables
// build: gcc -O2 -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-omit-frame-pointer
// build: gcc -O2 -fno-asynchronous-unwind-tables -fno-unwind-tables
// build: gcc -O0 -fno-asynchronous-unwind-tables -fno-unwind-tables
// build: musl-gcc -O2
// build: musl-gcc -O2 -static
#define _GNU_SOURCE
#include <alloca.h>
#include <ctype.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SHAPE __attribute__((noinline, noclone))

volatile unsigned long sink;

SHAPE static void burn(long n)
{
    for (long i = 0; i < n; i++)
        sink += i;
}

SHAPE static long large(int depth)
{
    volatile char room[1800];
    room[depth] = (char)depth;
    if (depth == 0)
        burn(400000);
    else
        large(depth - 1);
    return room[depth];
}

SHAPE static long variable(int depth, int size)
{
    char room[size];
    char *more = alloca(depth * 24 + 8);
    memset(room, depth, size);
    more[0] = room[size - 1];
    if (depth == 0)
        burn(400000);
    else
        more[0] += variable(depth - 1, size + 16);
    return more[0] + room[0];
}

typedef long wide __attribute__((vector_size(32), aligned(64)));

static wide zero; // not main's own, which would be realigned for it: then nothing tells its caller's stack pointer

SHAPE static long realigned(int depth, wide *above, long a, long b, long c, long d, long e, long f)
{
    volatile wide local = { a + b, c + d, e + f, depth };
    wide copy = local;
    if (depth == 0)
        burn(400000);
    else
        realigned(depth - 1, &copy, a + 1, b, c, d, e, f);
    local += copy + *above;
    return local[depth & 3];
}

SHAPE static long realigned_variable(int depth, int size)
{
    volatile wide local = { depth, size, 3, 4 };
    char *room = alloca(size);
    memset(room, depth, size);
    if (depth == 0)
        burn(400000);
    else
        local[1] += realigned_variable(depth - 1, size + 8);
    return local[1] + room[0];
}

static jmp_buf back;

SHAPE static __attribute__((noreturn)) void leave(int depth)
{
    burn(400000);
    longjmp(back, depth + 1);
}

// The call of leave() is its last instruction: the return address lies behind the function.
SHAPE static void never_returns(int depth)
{
    if (depth == 0)
        leave(depth);
    never_returns(depth - 1);
    burn(1);
}

SHAPE static int compare(const void *a, const void *b)
{
    burn(20);
    return *(const int *)a - *(const int *)b;
}

SHAPE static void callback(void)
{
    int numbers[600];
    for (int i = 0; i < 600; i++)
        numbers[i] = i * 7919 % 601;
    qsort(numbers, 600, sizeof numbers[0], compare);
    sink += numbers[5];
}

SHAPE static void imported(int n)
{
    for (int i = 0; i < n; i++)
        sink += toupper(i & 127) + labs(i) + strlen("four" + (i & 3)) + (long)strchr("abc", 'b');
}

SHAPE static void vdso(int n)
{
    struct timespec now;
    for (int i = 0; i < n; i++) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        sink += now.tv_nsec + time(NULL);
    }
}

// Many short functions: samples meet their prologues and epilogues.
SHAPE static long tiny(long a, long b, long c)
{
    long r = a;
    for (int i = 0; i < 3; i++)
        r = r * b + c + sink;
    return r;
}

SHAPE static long saves_many(long a, long b, long c, long d, long e)
{
    long x = tiny(a, b, c), y = tiny(b, c, d), z = tiny(c, d, e), w = tiny(d, e, a), v = tiny(e, a, b);
    return x ^ y ^ z ^ w ^ v ^ tiny(x, y, z);
}

SHAPE static void many_short(int n)
{
    for (int i = 0; i < n; i++)
        sink += saves_many(i, n, i ^ n, 3, 4);
}

int main(int argc, char **argv)
{
    for (int round = 0; round < (argc > 1 ? atoi(argv[1]) : 20); round++) {
        large(30);
        variable(12, 40);
        realigned(12, &zero, 1, 2, 3, 4, 5, 6);
        realigned_variable(12, 40);
        if (setjmp(back) == 0)
            never_returns(5);
        callback();
        imported(60000);
        vdso(20000);
        many_short(60000);
    }
    return 0;
}
