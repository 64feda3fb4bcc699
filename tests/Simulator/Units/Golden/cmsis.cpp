// Makes cmsis.csv with CMSIS-NN itself (github.com/ARM-software/CMSIS-NN, July 2026).
// Lines: requantize32,accumulator,multiplier,shift,output       requantize64,..., the 32-bit multiplier before it is reduced
//        average8|average16,rows,columns,sum,output
//        add8|add16,a scale,a zero,b scale,b zero,y scale,y zero,a,b,output
//        softmax8,scale,n,n logits,n outputs
//        sigmoid16|tanh16,F (the input has the scale 2^-F),x,output
#include <cstdio>
#include <vector>

#include "arm_nnfunctions.h"
#include "arm_nnsupportfunctions.h"
#include "scales.h"

static void requantize()
{
    for (int i = 0; i < 600; i++)
    {
        int32_t multiplier = whole(1 << 30, 2147483647);
        int shift = whole(-16, 2);
        int32_t acc = whole(-(1 << whole(3, 26)), 1 << whole(3, 26));
        std::printf("requantize32,%d,%d,%d,%d\n", acc, multiplier, shift,
                    arm_nn_requantize(acc, multiplier, shift));
        int32_t reduced = REDUCE_MULTIPLIER(multiplier);
        std::printf("requantize64,%d,%d,%d,%d\n", acc, multiplier, shift,
                    arm_nn_requantize_s64(acc, reduced, shift));
    }
}

template <typename T, typename F> static void average(const char *name, F pool, int rows, int columns)
{
    for (int i = 0; i < 40; i++)
    {
        std::vector<T> x(rows * columns);
        int sum = 0;
        for (T &v : x) sum += v = T(whole(-120, 120));
        cmsis_nn_context ctx = {nullptr, 0};
        std::vector<int32_t> buffer(64);
        ctx.buf = buffer.data();
        ctx.size = 256;
        cmsis_nn_pool_params p = {{columns, rows}, {0, 0}, {-32768, 32767}};
        if (sizeof(T) == 1) p.activation = {-128, 127};
        cmsis_nn_dims in = {1, rows, columns, 1}, filter = {1, rows, columns, 1}, out = {1, 1, 1, 1};
        T y = 0;
        pool(&ctx, &p, &in, x.data(), &filter, &out, &y);
        std::printf("%s,%d,%d,%d,%d\n", name, rows, columns, sum, int(y));
    }
}

static void add(bool is16)
{
    const int left = is16 ? 15 : 20;
    for (int i = 0; i < 300; i++)
    {
        float a = uniform(0.002f, 0.1f), b = uniform(0.002f, 0.1f), y = uniform(0.01f, 0.2f);
        int za = is16 ? 0 : whole(-128, 127), zb = is16 ? 0 : whole(-128, 127), zy = is16 ? 0 : whole(-128, 127);
        int16_t x1 = int16_t(is16 ? whole(-32768, 32767) : whole(-128, 127));
        int16_t x2 = int16_t(is16 ? whole(-32768, 32767) : whole(-128, 127));
        double twice = 2.0 * double(a > b ? a : b);
        int32_t m1, m2, my;
        int s1, s2, sy;
        quantize_multiplier(double(a) / twice, m1, s1);
        quantize_multiplier(double(b) / twice, m2, s2);
        quantize_multiplier(twice / ((1 << left) * double(y)), my, sy);
        int out;
        if (is16)
        {
            int16_t o;
            arm_elementwise_add_s16(&x1, &x2, 0, m1, s1, 0, m2, s2, left, &o, 0, my, sy, -32768, 32767, 1);
            out = o;
        }
        else
        {
            int8_t p = int8_t(x1), q = int8_t(x2), o;
            arm_elementwise_add_s8(&p, &q, -za, m1, s1, -zb, m2, s2, left, &o, zy, my, sy, -128, 127, 1);
            out = o;
        }
        std::printf("%s,%.9g,%d,%.9g,%d,%.9g,%d,%d,%d,%d\n", is16 ? "add16" : "add8", a, za, b, zb, y, zy, x1, x2,
                    out);
    }
}

static void softmax()
{
    for (int i = 0; i < 60; i++)
    {
        float scale = uniform(0.005f, 0.3f);
        int n = whole(1, 20), shift;
        int32_t multiplier;
        quantize_multiplier(double(scale) * (1 << 26), multiplier, shift);
        int least = -int(std::floor(31.0 * (1ll << 26) / double(1ll << shift)));
        std::vector<int8_t> x(n), y(n);
        for (auto &v : x) v = int8_t(whole(-128, 127));
        arm_softmax_s8(x.data(), 1, n, multiplier, shift, least, y.data());
        std::printf("softmax8,%.9g,%d", scale, n);
        for (int v : x) std::printf(",%d", v);
        for (int v : y) std::printf(",%d", v);
        std::printf("\n");
    }
}

static void functions()
{
    for (int f : {12, 11, 10})
        for (int x = -32768; x < 32768; x += 211)
        {
            int16_t in = int16_t(x), out;
            arm_nn_activation_s16(&in, &out, 1, 12 - f, ARM_SIGMOID);
            std::printf("sigmoid16,%d,%d,%d\n", f, x, out);
            arm_nn_activation_s16(&in, &out, 1, 12 - f, ARM_TANH);
            std::printf("tanh16,%d,%d,%d\n", f, x, out);
        }
}

int main()
{
    requantize();
    const int windows[][2] = {{2, 2}, {2, 3}, {3, 3}, {4, 4}, {7, 7}};
    for (auto &w : windows)
    {
        average<int8_t>("average8", arm_avgpool_s8, w[0], w[1]);
        average<int16_t>("average16", arm_avgpool_s16, w[0], w[1]);
    }
    add(false);
    add(true);
    softmax();
    functions();
}
