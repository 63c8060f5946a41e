// Exceptions: the unwinder of the C++ library at work, landing pads, destructors, and calls that never return.
// build: g++ -O2 -static-libstdc++ -static-libgcc
// build: g++ -O0 -static-libstdc++ -static-libgcc
// build: g++ -O2 -static
#include <stdexcept>
#include <string>
#include <vector>

volatile unsigned long sink;

struct Guard {
    int depth;
    ~Guard()
    {
        for (int i = 0; i < 200; i++)
            sink += i + depth;
    }
};

[[gnu::noinline, noreturn]] static void raise_it(int depth)
{
    throw std::runtime_error("at " + std::to_string(depth));
}

[[gnu::noinline]] static int down(int depth)
{
    Guard guard{depth};
    std::vector<int> some(depth + 1, depth);
    if (depth == 0)
        raise_it(depth);
    return down(depth - 1) + some[depth / 2];
}

int main()
{
    for (int i = 0; i < 12000; i++) {
        try {
            sink += down(20);
        } catch (const std::runtime_error &problem) {
            sink += problem.what()[0];
        }
    }
}
