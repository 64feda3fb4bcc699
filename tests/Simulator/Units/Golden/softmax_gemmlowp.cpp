// Vectors of gemmlowp's fixed-point softmax, for TfliteUnitTests. Made on x86-64 with Debian's libgemmlowp-dev:
//   g++ -O1 -I/usr/include/gemmlowp softmax_gemmlowp.cpp -o /tmp/softmax && /tmp/softmax > softmax_gemmlowp.csv
// The order of operations is that of TensorFlow Lite's reference kernel for int8 (5 bits of scaled difference, 12 bits
// of sum), which CMSIS-NN's arm_softmax_s8 gives too. Each line: scale, number of logits n, n logits, n results.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>
#include "fixedpoint/fixedpoint.h"

using gemmlowp::FixedPoint;
using Difference = FixedPoint<int32_t, 5>;
using Sum = FixedPoint<int32_t, 12>;
using Unit = FixedPoint<int32_t, 0>;

static void row(std::mt19937& random, float scale, int n) {
    int shift;
    double fraction = std::frexp(scale * double(1 << 26), &shift);
    int64_t fixed = std::llround(fraction * (1ll << 31));
    if (fixed == 1ll << 31) { fixed /= 2; shift++; }
    int least = -int(std::floor(31.0 * (1ll << 26) / (1ll << shift)));
    std::vector<int> x(n);
    int most = -128;
    for (int& v : x) { v = int(random() % 256) - 128; most = std::max(most, v); }
    auto exponential = [&](int d) {
        int32_t scaled = gemmlowp::SaturatingRoundingDoublingHighMul<int32_t>(d * (1 << shift), int32_t(fixed));
        return gemmlowp::exp_on_negative_values(Difference::FromRaw(scaled));
    };
    Sum sum = Sum::Zero();
    for (int v : x)
        if (v - most >= least) sum = sum + gemmlowp::Rescale<12>(exponential(v - most));
    int headroom = __builtin_clz(uint32_t(sum.raw()));
    int32_t above = int32_t((uint32_t(sum.raw()) << headroom) - (1u << 31));
    Unit reciprocal = gemmlowp::one_over_one_plus_x_for_x_in_0_1(Unit::FromRaw(above));
    std::printf("%.9g,%d", scale, n);
    for (int v : x) std::printf(",%d", v);
    for (int v : x) {
        int out = -128;
        if (v - most >= least) {
            int32_t share = (reciprocal * exponential(v - most)).raw();
            out = std::min(127, gemmlowp::RoundingDivideByPOT(share, 12 - headroom + 31 - 8) - 128);
        }
        std::printf(",%d", out);
    }
    std::printf("\n");
}

int main() {
    std::mt19937 random(15);
    for (int i = 0; i < 120; i++)
        row(random, std::exp(-5 + 0.04f * i), 1 + int(random() % 24));
}
