// Calls each C library function that the agent's own stand before, and says what came of it.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static volatile int handled;

static void handle(int signal)
{
    handled += signal == SIGUSR1 || signal == SIGTRAP;
}

static void *run(void *argument)
{
    return (char *)argument + 1;
}

static void waits(void)
{
    sigset_t set;
    siginfo_t info;
    int signal = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR2);
    printf("sigwait %d", sigwait(&set, &signal));
    printf(" %d\n", signal);
    raise(SIGUSR2);
    printf("sigwaitinfo %d\n", sigwaitinfo(&set, &info));
    struct timespec none = {0, 0};
    printf("sigtimedwait %d\n", sigtimedwait(&set, &info, &none));
}

static void executes(const char *how)
{
    char *arguments[] = {"sh", "-c", "exit $CODE", NULL};
    char *environment[] = {"CODE=7", NULL};
    int status = -1;
    pid_t child;
    setenv("CODE", "5", 1);
    fflush(stdout);
    if (!strcmp(how, "posix_spawn"))
        status = posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environment);
    else if (!strcmp(how, "posix_spawnp"))
        status = posix_spawnp(&child, "sh", NULL, NULL, arguments, environment);
    else if ((child = fork()) == 0) {
        if (!strcmp(how, "execve")) execve("/bin/sh", arguments, environment);
        if (!strcmp(how, "execv")) execv("/bin/sh", arguments);
        if (!strcmp(how, "execvp")) execvp("sh", arguments);
        if (!strcmp(how, "execvpe")) execvpe("sh", arguments, environment);
        if (!strcmp(how, "fexecve")) fexecve(open("/bin/sh", O_RDONLY | O_CLOEXEC), arguments, environment);
        if (!strcmp(how, "execl")) execl("/bin/sh", "sh", "-c", "exit $((CODE + $5))", "1", "2", "3", "4", "5", "6", (char *)NULL);
        if (!strcmp(how, "execlp")) execlp("sh", "sh", "-c", "exit $CODE", (char *)NULL);
        if (!strcmp(how, "execle")) execle("/bin/sh", "sh", "-c", "exit $CODE", (char *)NULL, environment);
        _exit(99);
    }
    waitpid(child, &status, 0);
    printf("%s %d\n", how, WEXITSTATUS(status));
}

int main(void)
{
    struct sigaction action = {.sa_handler = handle}, old;
    printf("sigaction %d", sigaction(SIGUSR1, &action, &old));
    raise(SIGUSR1);
    sigaction(SIGTRAP, &action, &old);
    raise(SIGTRAP);
    printf(" %d\n", handled);
    printf("signal %d", signal(SIGUSR1, SIG_IGN) == handle);
    printf(" %d\n", signal(SIGTRAP, SIG_DFL) == handle);

    pthread_t thread;
    void *result = NULL;
    printf("pthread_create %d", pthread_create(&thread, NULL, run, "x"));
    pthread_join(thread, &result);
    printf(" %d\n", result != NULL);

    waits();
    const char *ways[] = {"execve", "execv", "execvp", "execvpe", "fexecve", "execl", "execlp", "execle", "posix_spawn", "posix_spawnp"};
    for (int i = 0; i < (int)(sizeof ways / sizeof *ways); i++)
        executes(ways[i]);
    return 0;
}
