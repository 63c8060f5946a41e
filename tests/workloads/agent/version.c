// A Python that says it is another one.
const char *Py_GetVersion(void) { return VERSION; }
