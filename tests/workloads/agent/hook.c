// A frame evaluator as debuggers install one: it counts and calls the one that it found. It is built without the headers of
// any Python: all versions call it alike, but for 3.8, which has no functions for its place in the interpreter's state.
#include <dlfcn.h>
#include <stddef.h>

typedef void *(*three)(void *, void *, int);
typedef void *(*two)(void *, int);
static void *below;
static long calls;
static int is38;

static void *count3(void *thread, void *frame, int thrown) { calls++; return ((three)below)(thread, frame, thrown); }
static void *count2(void *frame, int thrown) { calls++; return ((two)below)(frame, thrown); }

static void **slot38(void)
{
    char *interpreter = ((void *(*)(void))dlsym(RTLD_DEFAULT, "_PyInterpreterState_Get"))();
    return (void **)(interpreter + 568);
}

static void *get(void)
{
    if (is38) return *slot38();
    void *interpreter = ((void *(*)(void))dlsym(RTLD_DEFAULT, "PyInterpreterState_Get"))();
    return ((void *(*)(void *))dlsym(RTLD_DEFAULT, "_PyInterpreterState_GetEvalFrameFunc"))(interpreter);
}

static void set(void *function)
{
    if (is38) { *slot38() = function; return; }
    void *interpreter = ((void *(*)(void))dlsym(RTLD_DEFAULT, "PyInterpreterState_Get"))();
    ((void (*)(void *, void *))dlsym(RTLD_DEFAULT, "_PyInterpreterState_SetEvalFrameFunc"))(interpreter, function);
}

static void *own(void) { return is38 ? (void *)count2 : (void *)count3; }

void hook_install(int minor) { is38 = minor == 8; below = get(); set(own()); }
void hook_remove(void) { set(below); }
int hook_is_on_top(void) { return get() == own(); }
long hook_calls(void) { long was = calls; calls = 0; return was; }
