// What TensorFlow Lite's preparation makes of real scales, for the programs that make vectors.
#pragma once
#include <cmath>
#include <cstdint>
#include <random>

// A real factor as a multiplier of 31 fraction bits and a power of two.
static void quantize_multiplier(double real, int32_t &multiplier, int &shift)
{
    double fraction = std::frexp(real, &shift);
    int64_t fixed = std::llround(fraction * (1ll << 31));
    if (fixed == 1ll << 31) { fixed /= 2; shift++; }
    if (shift < -31) { shift = 0; fixed = 0; }
    multiplier = int32_t(fixed);
}

static std::mt19937 rng(15);

static float uniform(float low, float high)
{
    return low + (high - low) * float(rng() % 1000003) / 1000003.0f;
}

static int whole(int low, int high) { return low + int(rng() % (unsigned)(high - low + 1)); }
