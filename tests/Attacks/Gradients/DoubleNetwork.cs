using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using AddLayer = QSim.Simulator.Networks.AddLayer;
using ConcatLayer = QSim.Simulator.Networks.ConcatLayer;
using MultiplyLayer = QSim.Simulator.Networks.MultiplyLayer;
using RearrangeLayer = QSim.Simulator.Networks.RearrangeLayer;
using SoftmaxLayer = QSim.Simulator.Networks.SoftmaxLayer;

namespace QSim.Attacks.Tests.Gradients;

/// <summary>
/// The forward pass in double, straight from the definitions: shares nothing with the engine.
/// </summary>
internal static class DoubleNetwork
{
    /// <summary>The logits of one image.</summary>
    public static double[] Logits(
        FloatNetwork network, double[] image, double[][]? parameters = null)
    {
        parameters ??= [.. network.Layers.SelectMany(l => l.Parameters)
            .Select(p => p.Select(v => (double)v).ToArray())];
        List<double[]> tensors = [image];
        int next = 0;
        for (int i = 0; i < network.Layers.Length; i++)
        {
            FloatLayer layer = network.Layers[i];
            double[] x = tensors[layer.Inputs[0]];
            TensorShape from = network.Shape(layer.Inputs[0]),
                to = network.Shape(i + 1);
            tensors.Add(
                layer switch
                {
                    DenseLayer => Dense(x, parameters[next], parameters[next + 1]),
                    Conv2dLayer conv => Conv(
                        x, from, to, conv.Geometry, parameters[next], parameters[next + 1]),
                    ReluLayer => [.. x.Select(v => Math.Max(v, 0))],
                    MaxPool2dLayer pool => Pool(x, from, to, pool.Geometry, v => v.Max()),
                    AveragePool2dLayer pool => Pool(x, from, to, pool.Geometry, v => v.Average()),
                    SigmoidLayer => [.. x.Select(v => 1 / (1 + Math.Exp(-v)))],
                    TanhLayer => [.. x.Select(Math.Tanh)],
                    SoftmaxLayer => [.. x.Select(v => Math.Exp(v) / x.Sum(Math.Exp))],
                    AddLayer => [.. x.Zip(tensors[layer.Inputs[1]], (a, b) => a + b)],
                    ConcatLayer => [.. layer.Inputs.SelectMany(t => tensors[t])],
                    BatchNormLayer =>
                    [
                        .. x.Select(
                            (v, e) =>
                                (v * parameters[next][e / to.Positions])
                                + parameters[next + 1][e / to.Positions]
                        ),
                    ],
                    FlattenLayer => x,
                    RearrangeLayer r => [.. r.Sources.Select(s => s < 0 ? 0 : x[s])],
                    MultiplyLayer =>
                        [.. x.Zip(tensors[layer.Inputs[1]], (a, b) => a * b)],
                    LayerNormLayer norm =>
                    [
                        .. x.Chunk(norm.Scale.Length).SelectMany(row => row.Select((v, p) =>
                            ((v - row.Average()) / Math.Sqrt(
                                row.Average(u => Math.Pow(u - row.Average(), 2)) + norm.Epsilon)
                                * norm.Scale[p]) + norm.Shift[p])),
                    ],
                    PointLayer p => [.. x.Select(p.Value)],
                    _ => throw new NotSupportedException(layer.Kind),
                }
            );
            next += layer.Parameters.Count;
        }

        return tensors[^1];
    }

    public static double CrossEntropy(double[] logits, int label) =>
        Math.Log(logits.Sum(Math.Exp)) - logits[label];

    private static double[] Dense(double[] x, double[] weight, double[] bias) =>
        [.. bias.Select((b, o) => b + x.Select((v, i) => v * weight[(o * x.Length) + i]).Sum())];

    private static double[] Conv(
        double[] x, TensorShape from, TensorShape to, WindowGeometry g, double[] weight,
        double[] bias)
    {
        int group = from.Channels / g.Groups;
        double[] y = new double[to.Length];
        for (int o = 0; o < to.Channels; o++)
            for (int p = 0; p < to.Positions; p++)
            {
                double sum = bias[o];
                for (int c = 0; c < group; c++)
                    for (int k = 0; k < g.KernelRows * g.KernelColumns; k++)
                    {
                        int channel = (o / (to.Channels / g.Groups) * group) + c;
                        int at = Source(from, to, g, p, k);
                        if (at >= 0)
                            sum += x[(channel * from.Positions) + at]
                                * weight[(((o * group) + c) * g.KernelRows * g.KernelColumns) + k];
                    }

                y[(o * to.Positions) + p] = sum;
            }

        return y;
    }

    private static double[] Pool(
        double[] x, TensorShape from, TensorShape to, WindowGeometry g,
        Func<IEnumerable<double>, double> reduce) =>
        [
            .. Enumerable
                .Range(0, to.Length)
                .Select(e =>
                    reduce(
                        Enumerable
                            .Range(0, g.KernelRows * g.KernelColumns)
                            .Select(k => Source(from, to, g, e % to.Positions, k))
                            .Where(at => at >= 0)
                            .Select(at => x[(e / to.Positions * from.Positions) + at])
                    )
                ),
        ];

    /// <summary>
    /// Position in the input plane that kernel position k sees at output position p; -1 in padding.
    /// </summary>
    private static int Source(TensorShape from, TensorShape to, WindowGeometry g, int p, int k)
    {
        int row =
            (p / to.Columns * g.StrideRows) + (k / g.KernelColumns * g.DilationRows) - g.PadTop;
        int column =
            (p % to.Columns * g.StrideColumns)
            + (k % g.KernelColumns * g.DilationColumns)
            - g.PadLeft;
        return row < 0 || row >= from.Rows || column < 0 || column >= from.Columns
            ? -1
            : (row * from.Columns) + column;
    }
}
