// Time in functions whose symbols say little before they are demangled. Argument: rounds.
#include <cstdlib>
#include <string>
#include <vector>

namespace shapes {
namespace {
template <typename T, int N>
struct Box {
    T values[N];
    __attribute__((noinline)) double sum(int rounds, std::string const& text) const
    {
        volatile double total = 0;
        for (int i = 0; i < rounds; i++) {
            total = total + values[i % N] * static_cast<double>(text.size());
        }

        return total;
    }

    __attribute__((noinline)) operator bool() const
    {
        volatile double total = 0;
        for (int i = 0; i < 10000000; i++) {
            total = total + values[i % N];
        }

        return total > 0;
    }
};
} // namespace

template <typename F>
__attribute__((noinline)) double apply(F function, int rounds)
{
    double total = 0;
    for (int i = 0; i < rounds; i++) {
        total += function(i);
    }

    return total;
}
} // namespace shapes

int main(int argc, char** argv)
{
    int rounds = argc > 1 ? std::atoi(argv[1]) : 20000000;
    shapes::Box<double, 4> box{{1, 2, 3, 4}};
    volatile double kept = 0;
    double total = box.sum(rounds, "text") + (box ? 1 : 0);
    total += shapes::apply([&](int i) __attribute__((noinline)) { kept = kept + i; return kept; }, rounds);
    return total < 0;
}
