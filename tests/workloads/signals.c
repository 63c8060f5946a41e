// Handlers that burn time: on the stack they interrupt, on another one that lies in main's frame, on one of malloc's,
// with and without SA_SIGINFO, nested, and in a thread.
// build: gcc -O2 -pthread
// build: gcc -O0 -pthread
// build: gcc -O2 -pthread -fno-asynchronous-unwind-tables
// build: gcc -O2 -pthread -static
// build: musl-gcc -O2 -pthread
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

volatile unsigned long sink;

__attribute__((noinline)) static void burn(long n)
{
    for (long i = 0; i < n; i++)
        sink += i;
}

__attribute__((noinline)) static void in_handler(long n)
{
    burn(n);
    sink++;
}

static void plain(int number)
{
    in_handler(300000);
    sink += number;
}

static void with_info(int number, siginfo_t *info, void *context)
{
    in_handler(300000);
    if (number == SIGUSR1)
        raise(SIGUSR2); // nested
    sink += info->si_code + (context != NULL);
}

static void install(int number, int flags, char *stack)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_flags = flags | (stack != NULL ? SA_ONSTACK : 0);
    if (flags & SA_SIGINFO)
        action.sa_sigaction = with_info;
    else
        action.sa_handler = plain;
    sigaction(number, &action, NULL);
    if (stack != NULL) {
        stack_t alternate = { .ss_sp = stack, .ss_size = 32768 };
        sigaltstack(&alternate, NULL);
    }
}

__attribute__((noinline)) static long leaf(long a)
{
    for (int i = 0; i < 50; i++)
        a = a * 31 + sink;
    return a;
}

__attribute__((noinline)) static long work(int depth)
{
    return depth == 0 ? leaf(depth) : work(depth - 1) + leaf(depth);
}

static void interrupted(int signals)
{
    struct itimerval timer = { { 0, 2000 }, { 0, 2000 } };
    setitimer(ITIMER_REAL, &timer, NULL);
    for (int i = 0; i < signals * 60; i++)
        sink += work(10);
    memset(&timer, 0, sizeof timer);
    setitimer(ITIMER_REAL, &timer, NULL);
    for (int i = 0; i < signals / 8; i++)
        raise(SIGUSR1);
}

static void *thread(void *nothing)
{
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    interrupted(400);
    return nothing;
}

int main(void)
{
    char inside[32768];
    install(SIGALRM, 0, NULL);
    install(SIGUSR1, SA_SIGINFO, NULL);
    install(SIGUSR2, SA_SIGINFO, NULL);
    interrupted(400);
    install(SIGALRM, SA_SIGINFO, inside);
    interrupted(400);
    install(SIGALRM, 0, malloc(32768));
    interrupted(400);
    install(SIGALRM, SA_SIGINFO, NULL);
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    pthread_t id;
    pthread_create(&id, NULL, thread, NULL);
    pthread_join(id, NULL);
    return 0;
}
