// No Python: prints which descriptors it has.
#include <fcntl.h>
#include <stdio.h>

int main(void)
{
    for (int file = 0; file < 64; file++)
        if (fcntl(file, F_GETFD) != -1) printf("%d ", file);
    printf("\n");
    return 0;
}
