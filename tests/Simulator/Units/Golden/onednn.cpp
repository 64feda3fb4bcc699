// Makes onednn.csv with oneDNN itself (Debian's libdnnl-dev, 2.6.3):
//   g++ -O2 onednn.cpp -ldnnl -o /tmp/onednn && /tmp/onednn > onednn.csv
// Lines: conv,x scale,x zero,w scale,y scale,y zero,bias,accumulator,output
//        average,rows,columns,sum,output
// The scales reach oneDNN as its callers (ideep, PyTorch) compute them. Weights stay within 63 in
// magnitude: without VNNI, oneDNN adds pairs of products in 16 bits, which larger ones saturate.
#include <dnnl.hpp>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <unordered_map>
#include <vector>

using namespace dnnl;
using dims = memory::dims;
using type = memory::data_type;
using tag = memory::format_tag;

static engine cpu(engine::kind::cpu, 0);
static stream run(cpu);
static std::mt19937 rng(15);

template <typename T>
static memory filled(const memory::desc &desc, const std::vector<T> &values)
{
    memory made(desc, cpu);
    std::memcpy(made.get_data_handle(), values.data(), values.size() * sizeof(T));
    return made;
}

static memory laid_out(memory plain, const memory::desc &wanted)
{
    if (plain.get_desc() == wanted) return plain;
    memory made(wanted, cpu);
    reorder(plain, made).execute(run, plain, made);
    run.wait();
    return made;
}

static float uniform(float low, float high)
{
    return std::uniform_real_distribution<float>(low, high)(rng);
}

static int whole(int low, int high) { return std::uniform_int_distribution<int>(low, high)(rng); }

static void convolution(int trial)
{
    const int ic = 16, oc = 8, pixels = 5;
    float x = uniform(0.004f, 0.05f), y = uniform(0.02f, 0.4f);
    int zx = trial % 2 ? whole(1, 200) : 0, zy = whole(0, 200);
    std::vector<uint8_t> src(pixels * ic);
    std::vector<int8_t> w(oc * ic);
    std::vector<float> scales(oc), bias(oc), b(oc), ws(oc);
    for (auto &v : src) v = whole(0, 255);
    for (auto &v : w) v = whole(-63, 63);
    for (int o = 0; o < oc; o++)
    {
        ws[o] = uniform(0.0005f, 0.01f);
        b[o] = uniform(-3, 3);
        float inverse = (1.0f / x) * (1.0f / ws[o]);
        scales[o] = (1.0f / y) / inverse;
        bias[o] = b[o] * inverse;
    }

    memory::desc any_w({oc, ic, 1, 1}, type::s8, tag::any);
    memory::desc s({1, ic, 1, pixels}, type::u8, tag::nhwc);
    memory::desc d({1, oc, 1, pixels}, type::u8, tag::nhwc);
    memory::desc bd({oc}, type::f32, tag::a);
    primitive_attr attr;
    attr.set_output_scales(2, scales);
    attr.set_zero_points(DNNL_ARG_DST, 0, {zy});
    if (zx) attr.set_zero_points(DNNL_ARG_SRC, 0, {zx});
    convolution_forward::primitive_desc made(
        convolution_forward::desc(prop_kind::forward_inference, algorithm::convolution_direct, s,
                                  any_w, bd, d, dims{1, 1}, dims{0, 0}, dims{0, 0}),
        attr, cpu);
    memory out(d, cpu);
    memory plain = filled(memory::desc({oc, ic, 1, 1}, type::s8, tag::oihw), w);
    convolution_forward(made).execute(
        run, {{DNNL_ARG_SRC, filled(s, src)},
              {DNNL_ARG_WEIGHTS, laid_out(plain, made.weights_desc())},
              {DNNL_ARG_BIAS, filled(bd, bias)},
              {DNNL_ARG_DST, out}});
    run.wait();
    const uint8_t *got = static_cast<uint8_t *>(out.get_data_handle());
    for (int p = 0; p < pixels; p++)
        for (int o = 0; o < oc; o++)
        {
            int acc = 0;
            for (int i = 0; i < ic; i++) acc += w[o * ic + i] * (src[p * ic + i] - zx);
            std::printf("conv,%.9g,%d,%.9g,%.9g,%d,%.9g,%d,%d\n", x, zx, ws[o], y, zy, b[o], acc,
                        got[p * oc + o]);
        }
    if (trial == 0) std::fprintf(stderr, "%s\n", made.impl_info_str());
}

static void average(int rows, int columns, int windows)
{
    const int c = 8;
    std::vector<uint8_t> src(rows * columns * windows * c);
    for (auto &v : src) v = whole(0, 255);
    memory::desc s({1, c, rows, columns * windows}, type::u8, tag::nhwc);
    memory::desc d({1, c, 1, windows}, type::u8, tag::nhwc);
    pooling_forward::primitive_desc made(
        pooling_forward::desc(prop_kind::forward_inference, algorithm::pooling_avg_exclude_padding,
                              s, d, dims{rows, columns}, dims{rows, columns}, dims{0, 0},
                              dims{0, 0}),
        cpu);
    memory out(d, cpu);
    pooling_forward(made).execute(run, {{DNNL_ARG_SRC, filled(s, src)}, {DNNL_ARG_DST, out}});
    run.wait();
    const uint8_t *got = static_cast<uint8_t *>(out.get_data_handle());
    for (int i = 0; i < windows; i++)
        for (int ch = 0; ch < c; ch++)
        {
            int sum = 0;
            for (int r = 0; r < rows; r++)
                for (int k = 0; k < columns; k++)
                    sum += src[(r * columns * windows + i * columns + k) * c + ch];
            std::printf("average,%d,%d,%d,%d\n", rows, columns, sum, got[i * c + ch]);
        }
    if (rows == 2) std::fprintf(stderr, "%s\n", made.impl_info_str());
}

int main()
{
    for (int trial = 0; trial < 20; trial++) convolution(trial);
    average(2, 2, 8);
    average(2, 3, 8);
    average(3, 3, 8);
    average(4, 4, 8);
    average(7, 7, 8);
}
