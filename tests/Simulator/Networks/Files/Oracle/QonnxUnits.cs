using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Signs of values, and pools that drop bits, by QONNX's documentation.</summary>
internal sealed partial class QonnxModel
{
    /// <summary>BipolarQuant of a value.</summary>
    public Value Sign(Value x, double step) => x with
    {
        Name = _graph.Node($"{domain}:BipolarQuant", [x.Name, _graph.Reals([(float)step])]),
        Data = [.. x.Data.Select(v => v >= 0 ? step : -step)],
    };

    /// <summary>What pixels are before their signs are taken: 2 x - 1.</summary>
    public Value Centred(Value x) => x with
    {
        Name = _graph.Node(
            "Sub", [_graph.Node("Mul", [x.Name, _graph.Reals([2])]), _graph.Reals([1])]),
        Data = [.. x.Data.Select(v => (2 * v) - 1)],
    };

    /// <summary>
    /// AveragePool, Mul by its area and Trunc of version 1, as Brevitas wrote them until 0.10;
    /// what comes out keeps the scale that went in.
    /// </summary>
    public Value TruncPool(Value x, int kernel, double step, int from, int to, string mode)
    {
        string sums = _graph.Node(
            "Mul", [AveragePool(x, kernel), _graph.Reals([kernel * kernel])]);
        string name = _graph.Node(
            $"{domain}:Trunc",
            [
                sums, _graph.Reals([(float)step]), _graph.Reals([0]), _graph.Reals([from]),
                _graph.Reals([to]),
            ],
            S("rounding_mode", mode));
        double drop = Math.ScaleB(1, from - to);
        return Pooled(x, name, kernel, sum => Round(Math.Round(sum / step) / drop, mode) * step);
    }

    /// <summary>AveragePool and Trunc of version 2, as Brevitas writes them since.</summary>
    public Value ScaledTruncPool(
        Value x, int kernel, double step, (int Bits, bool IsSigned, int Drop) output, string mode)
    {
        double scale = step / (kernel * kernel), result = Math.ScaleB(scale, output.Drop);
        string name = _graph.Node(
            $"{domain}:Trunc",
            [
                AveragePool(x, kernel), _graph.Reals([(float)scale]), _graph.Reals([0]),
                _graph.Reals([output.Bits + output.Drop]), _graph.Reals([(float)result]),
                _graph.Reals([output.Bits]),
            ],
            I("signed", output.IsSigned ? 1 : 0), I("narrow", 0), S("rounding_mode", mode));
        (double least, double most) = Range(output.Bits, output.IsSigned, false);
        return Pooled(
            x, name, kernel,
            sum => Round(
                Math.Clamp(Math.Round(sum / step) / Math.ScaleB(1, output.Drop), least, most),
                mode) * (float)result);
    }

    /// <summary>The largest of windows that touch.</summary>
    public Value MaxPool(Value x, int kernel)
    {
        string name = _graph.Node(
            "MaxPool", [x.Name], Is("kernel_shape", kernel, kernel), Is("strides", kernel, kernel));
        return Windows(x, name, kernel, values => values.Max());
    }

    /// <summary>Channels of one behind those of another.</summary>
    public Value Concat(Value a, Value b) => new(
        _graph.Node("Concat", [a.Name, b.Name], I("axis", 1)), [.. a.Data, .. b.Data],
        a.Channels + b.Channels, a.Side);

    private string AveragePool(Value x, int kernel) => _graph.Node(
        "AveragePool", [x.Name], Is("kernel_shape", kernel, kernel), Is("strides", kernel, kernel),
        Is("pads", 0, 0, 0, 0));

    private static Value Pooled(Value x, string name, int kernel, Func<double, double> of) =>
        Windows(x, name, kernel, values => of(values.Sum()));

    private static Value Windows(
        Value x, string name, int kernel, Func<IEnumerable<double>, double> of)
    {
        int side = x.Side / kernel;
        var data = new double[x.Channels * side * side];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = of(Enumerable.Range(0, kernel * kernel).Select(k => x.Data[
                (((i / side / side * x.Side) + (i / side % side * kernel) + (k / kernel))
                    * x.Side) + (i % side * kernel) + (k % kernel)]));
        }

        return new(name, data, x.Channels, side);
    }

    private static double Round(double value, string mode) =>
        mode == "FLOOR" ? Math.Floor(value) : Math.Round(value, MidpointRounding.ToEven);
}
