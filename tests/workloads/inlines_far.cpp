// The other unit of inlines.cpp.
#include "inlines.h"

std::uint64_t far_step(std::uint64_t value)
{
    return value * 6364136223846793005ULL + (value >> 33);
}

NOINLINE std::uint64_t far_steps(std::uint64_t value, int count)
{
    for (int i = 0; i < count; i++)
    {
        value = far_step(value) + i;
    }

    std::vector<double> items(static_cast<std::size_t>(count) / 4, static_cast<double>(value % 977));
    return value + static_cast<std::uint64_t>(shapes::mix(items));
}
