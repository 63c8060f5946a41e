// Threads and processes that live for a moment: threads, fork, vfork and posix_spawn of this program itself, which has to
// be loaded each time.
// build: gcc -O2 -pthread
// build: gcc -O2 -pthread -static
// build: gcc -O2 -pthread -Wl,-z,lazy -no-pie
// build: musl-gcc -O2 -pthread
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
volatile unsigned long sink;

__attribute__((noinline)) static void burn(long n)
{
    for (long i = 0; i < n; i++)
        sink += i;
}

static void *thread(void *nothing)
{
    burn(2000000);
    return nothing;
}

int main(int argc, char **argv)
{
    char *again[] = { argv[0], "child", NULL };
    if (argc > 1) {
        burn(200000);
        return 0;
    }
    for (int i = 0; i < 60; i++) {
        pthread_t ids[3];
        for (int k = 0; k < 3; k++)
            pthread_create(&ids[k], NULL, thread, NULL);
        for (int k = 0; k < 3; k++)
            pthread_join(ids[k], NULL);
        pid_t id = fork();
        if (id == 0) {
            burn(1000000);
            _exit(0);
        }
        waitpid(id, NULL, 0);
        id = vfork();
        if (id == 0) {
            execv(argv[0], again);
            _exit(1);
        }
        waitpid(id, NULL, 0);
        if (posix_spawn(&id, argv[0], NULL, NULL, again, environ) == 0)
            waitpid(id, NULL, 0);
        if (system("true") != 0)
            abort();
    }
    return 0;
}
