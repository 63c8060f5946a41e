// A program that has Python within it, and begins it twice.
#include <Python.h>

int main(void)
{
    Py_Initialize();
    int failed = PyRun_SimpleString("def first(): print('first', flush=True)\nfirst()\n");
    if (Py_FinalizeEx() != 0) return 2;
    Py_Initialize();
    failed |= PyRun_SimpleString("import viperf._agent as agent\nagent.activate('perf')\n"
                                 "def second(): print('second', flush=True)\nsecond()\n");
    return Py_FinalizeEx() != 0 ? 3 : failed;
}
