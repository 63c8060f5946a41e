// Stacks that are small, or are not the thread's: Python runs on them while signals come.
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

static ucontext_t caller, coroutine;
static void (*callback)(void);
static volatile long rounds;

static void *busy(void *argument)
{
    for (volatile long i = 0; i < rounds; i++)
        ;
    return argument;
}

// Threads with the least stack that there may be.
int small_threads(int count, long work)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
    rounds = work;
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, busy, NULL) != 0 || pthread_join(thread, NULL) != 0)
            return -1;
    }
    return 0;
}

static void run(void)
{
    callback();
}

// Calls back on another stack, as coroutines do.
int on_other_stack(void (*function)(void), size_t bytes)
{
    char *stack = malloc(bytes);
    callback = function;
    getcontext(&coroutine);
    coroutine.uc_stack.ss_sp = stack;
    coroutine.uc_stack.ss_size = bytes;
    coroutine.uc_link = &caller;
    makecontext(&coroutine, run, 0);
    int result = swapcontext(&caller, &coroutine);
    free(stack);
    return result;
}

static char alternate[64 * 1024];

static void on_signal(int signal)
{
    (void)signal;
    busy(NULL);
}

// A handler that works on a stack of its own.
int alternate_stack(long work)
{
    stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) }, now;
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal;
    action.sa_flags = SA_ONSTACK;
    rounds = work;
    if (sigaltstack(&stack, NULL) != 0 || sigaction(SIGUSR1, &action, NULL) != 0 || raise(SIGUSR1) != 0)
        return -1;
    busy(NULL);
    return sigaltstack(NULL, &now) == 0 && now.ss_sp == alternate && now.ss_flags == 0 ? 0 : -1;
}
