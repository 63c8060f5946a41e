// What inlines.cpp and inlines_far.cpp share.
#pragma once

#include <cstdint>
#include <vector>

#define INLINE inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))

namespace shapes
{
/// A sum that every step mixes: time is spent here, always inlined.
template <typename T> struct Mixer
{
    T value{};

    INLINE void add(T item)
    {
        for (int i = 0; i < 8; i++)
        {
            value = value * T(31) + item / T(3 + i);
        }
    }
};

/// Mixes all items: an inlined function in an inlined function, once for each type.
template <typename T> INLINE T mix(const std::vector<T>& items)
{
    Mixer<T> mixer;
    for (T item : items)
    {
        mixer.add(item);
    }

    return mixer.value;
}
}

/// Of the other unit: inlined here where the linker optimizes.
std::uint64_t far_step(std::uint64_t value);
std::uint64_t far_steps(std::uint64_t value, int count);
