// Makes tflite.csv with TensorFlow Lite's reference kernels (github.com/tensorflow/tflite-micro, 2026) and Debian's
// libgemmlowp-dev.
// Lines: average,rows,columns,sum,output
//        add,a scale,a zero,b scale,b zero,y scale,y zero,a,b,output
//        sigmoid|tanh,scale,zero,256 outputs of a table as TensorFlow Lite fills it (LUTPopulate)
//        sigmoid-micro|tanh-micro, the same of the micro interpreter's kernels, in fixed point
#include <cstdio>
#include <vector>

#include "scales.h"
#include "tensorflow/lite/kernels/internal/common.h"
#include "tensorflow/lite/kernels/internal/quantization_util.h"
#include "tensorflow/lite/kernels/internal/reference/integer_ops/add.h"
#include "tensorflow/lite/kernels/internal/reference/integer_ops/logistic.h"
#include "tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h"
#include "tensorflow/lite/kernels/internal/reference/integer_ops/tanh.h"

using namespace tflite;

static RuntimeShape shape(int rows, int columns)
{
    const int32_t dims[] = {1, rows, columns, 1};
    return RuntimeShape(4, dims);
}

static void average(int rows, int columns)
{
    for (int i = 0; i < 40; i++)
    {
        std::vector<int8_t> x(rows * columns);
        int sum = 0;
        for (auto &v : x) sum += v = int8_t(whole(-120, 120));
        PoolParams p = {};
        p.stride_height = p.filter_height = rows;
        p.stride_width = p.filter_width = columns;
        p.quantized_activation_min = -128;
        p.quantized_activation_max = 127;
        int8_t y;
        reference_integer_ops::AveragePool(p, shape(rows, columns), x.data(), shape(1, 1), &y);
        std::printf("average,%d,%d,%d,%d\n", rows, columns, sum, y);
    }
}

static void add()
{
    for (int i = 0; i < 300; i++)
    {
        float a = uniform(0.002f, 0.1f), b = uniform(0.002f, 0.1f), y = uniform(0.01f, 0.2f);
        int za = whole(-128, 127), zb = whole(-128, 127), zy = whole(-128, 127);
        int8_t x1 = int8_t(whole(-128, 127)), x2 = int8_t(whole(-128, 127)), out;
        ArithmeticParams p = {};
        p.left_shift = 20;
        double twice = 2.0 * double(a > b ? a : b);
        quantize_multiplier(double(a) / twice, p.input1_multiplier, p.input1_shift);
        quantize_multiplier(double(b) / twice, p.input2_multiplier, p.input2_shift);
        quantize_multiplier(twice / ((1 << 20) * double(y)), p.output_multiplier, p.output_shift);
        p.input1_offset = -za;
        p.input2_offset = -zb;
        p.output_offset = zy;
        p.quantized_activation_min = -128;
        p.quantized_activation_max = 127;
        reference_integer_ops::Add(p, shape(1, 1), &x1, shape(1, 1), &x2, shape(1, 1), &out);
        std::printf("add,%.9g,%d,%.9g,%d,%.9g,%d,%d,%d,%d\n", a, za, b, zb, y, zy, x1, x2, out);
    }
}

static float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

static float hyperbolic(float x) { return std::tanh(x); }

static void tables(float scale, int zero)
{
    int8_t x[256], y[256], lut[256];
    for (int i = 0; i < 256; i++) x[i] = int8_t(i - 128);
    auto print = [&](const char *name) {
        std::printf("%s,%.9g,%d", name, scale, zero);
        for (int v : y) std::printf(",%d", v);
        std::printf("\n");
    };
    LUTPopulate<int8_t>(scale, zero, 1.0f / 256, -128, sigmoid, lut);
    for (int i = 0; i < 256; i++) y[i] = LUTLookup(x[i], lut);
    print("sigmoid");
    LUTPopulate<int8_t>(scale, zero, 1.0f / 128, 0, hyperbolic, lut);
    for (int i = 0; i < 256; i++) y[i] = LUTLookup(x[i], lut);
    print("tanh");
    int32_t multiplier;
    int shift;
    quantize_multiplier(double(scale) * (1 << 27), multiplier, shift);
    int radius = CalculateInputRadius(4, shift, 31);
    reference_integer_ops::Logistic(zero, radius, multiplier, shift, 256, x, y);
    print("sigmoid-micro");
    reference_integer_ops::Tanh(zero, radius, multiplier, shift, shape(1, 256), x, shape(1, 256), y);
    print("tanh-micro");
}

int main()
{
    average(2, 2);
    average(2, 3);
    average(3, 3);
    average(4, 4);
    average(7, 7);
    add();
    tables(0.05f, 3);
    tables(0.0123f, -40);
    tables(0.0625f, 0);
    tables(0.11f, 100);
}
