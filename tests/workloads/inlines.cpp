// Functions that are inlined into each other: templates, function objects, the standard library's, a header's, and with -flto
// those of another unit; in a recursion too. Nothing is local to the unit, because addr2line gives inlined functions
// without a linkage name the name of what they are inlined to. Argument: rounds.
#include "inlines.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace program
{
struct Scrambled
{
    bool operator()(std::uint64_t a, std::uint64_t b) const { return (a ^ 0x5555) < (b ^ 0x5555); }
};

NOINLINE std::uint64_t sorting(std::vector<std::uint64_t> items)
{
    std::sort(items.begin(), items.end(), Scrambled());
    return items[items.size() / 2];
}

NOINLINE std::uint64_t counting(const std::vector<std::uint64_t>& items)
{
    std::map<std::string, int> counts;
    for (std::size_t i = 0; i < items.size(); i += 50)
    {
        counts["key" + std::to_string(items[i] % 1000)]++;
    }

    return counts.size();
}

template <typename F> INLINE std::uint64_t each(const std::vector<std::uint64_t>& items, F step)
{
    std::uint64_t sum = 0;
    for (auto item : items)
    {
        sum ^= step(item);
    }

    return sum;
}

struct Spread
{
    std::uint64_t operator()(std::uint64_t item) const { return item * 3 ^ (item >> 7) * (item | 1); }
};

struct Far
{
    std::uint64_t operator()(std::uint64_t item) const
    {
        return far_step(item) + (item % 64 == 0 ? far_steps(item, 16) : 0);
    }
};

/// Calls a function that is not inlined from one that is.
NOINLINE std::uint64_t stepping(const std::vector<std::uint64_t>& items)
{
    return each(items, Spread()) + each(items, Far());
}

NOINLINE std::uint64_t deep(const std::vector<std::uint64_t>& items, int depth)
{
    if (depth == 0)
    {
        return shapes::mix(items);
    }

    return deep(items, depth - 1) + static_cast<std::uint64_t>(depth);
}
}

int main(int count, char** arguments)
{
    int rounds = count > 1 ? (int)std::strtol(arguments[1], nullptr, 10) : 10; // atoi is inlined, and addr2line calls it main
    std::vector<std::uint64_t> items(20000);
    std::uint64_t state = 1;
    for (int round = 0; round < rounds; round++)
    {
        for (auto& item : items)
        {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            item = state >> 20;
        }

        state += program::sorting(items) + program::counting(items) + program::stepping(items)
            + program::deep(items, 5);
    }

    std::printf("%llu\n", static_cast<unsigned long long>(state));
}
