using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// One layer as the checker has it: integer forms of its inputs, and a function of each. Written
/// apart from bounds and search, so that one fault does not hide in both.
/// </summary>
internal sealed class CheckedLayer
{
    private const int MostWeightBits = 40;

    private readonly ProgramLayer _layer;
    private readonly int[]?[] _windows;

    public CheckedLayer(ProgramLayer layer)
    {
        _layer = layer;
        _windows = new int[layer.Output.Shape.Length][];
        WeightBits = layer is MacLayer mac
            ? BitOperations.Log2((ulong)mac.Weights.Max(w => Math.Abs((long)w))) + 1
                + Alignment(mac.Mac)
            : 1;
    }

    /// <summary>Factors of values are smaller than 2 to the power of these.</summary>
    public int WeightBits { get; }

    /// <summary>The layer.</summary>
    public ProgramLayer Layer => _layer;

    /// <summary>Whether it takes the largest of a window.</summary>
    public bool IsMax => _layer is MaxPoolLayer;

    /// <summary>Null where the checker follows such layers, else why it does not.</summary>
    public string? WhyNot => _layer switch
    {
        MacLayer { Mac: var mac } layer =>
            mac.ProductStage != ProductStage.Exact
            || mac.AccumulatorAlign != mac.Update.Shift || mac.PartialAlign < mac.Update.Shift
                ? $"layer '{layer.Name}' rounds before its accumulator is full"
                : WeightBits > MostWeightBits
                ? $"layer '{layer.Name}' has weights of {WeightBits} bits (at most "
                    + $"{MostWeightBits} are checked)"
                : null,
        MaxPoolLayer or ReshapeLayer or ClampLayer => null,
        _ => $"layer '{_layer.Name}' is of a kind that the checker does not follow",
    };

    /// <summary>
    /// Where the values of an output's window are; of a multiply-accumulate layer in the order in
    /// which weights are stored, -1 for padding; of a pool padding is left out.
    /// </summary>
    public int[] Window(int output) => _windows[output] ??= _layer switch
    {
        MacLayer mac => Places(mac.Geometry, mac.Input.Shape, mac.Output.Shape, output),
        MaxPoolLayer pool =>
        [
            .. Places(
                pool.Geometry with { Groups = pool.Input.Shape.Channels }, pool.Input.Shape,
                pool.Output.Shape, output).Where(p => p >= 0),
        ],
        _ => [output],
    };

    /// <summary>The integer factor of one value of a window.</summary>
    public long Weight(int output, int at) => _layer is MacLayer mac
        ? (long)mac.Weights[(output / mac.Output.Shape.Positions * mac.Depth) + at]
            << Alignment(mac.Mac)
        : 1;

    /// <summary>What is added to the form: bias, zero points, padding.</summary>
    public Int128 Constant(int output)
    {
        if (_layer is not MacLayer mac) return 0;
        Int128 sum = mac.Bias[output / mac.Output.Shape.Positions];
        int[] window = Window(output);
        for (int i = 0; i < window.Length; i++)
        {
            long fixedPart = window[i] < 0 ? mac.Input.ZeroPoint : 0;
            sum += (Int128)Weight(output, i) * (fixedPart - mac.Mac.InputOffset);
        }

        return sum;
    }

    /// <summary>The output that an argument gives.</summary>
    public long Apply(int output, long argument, out bool overflows)
    {
        var events = ConversionEvents.None;
        long value = _layer switch
        {
            MacLayer mac => Requantizer.Requantize(
                argument, mac.Requantization[output / mac.Output.Shape.Positions], ref events),
            ClampLayer clamp => Math.Clamp(argument, clamp.Min, clamp.Max),
            _ => argument,
        };
        overflows = (events & ConversionEvents.Overflowed) != 0
            && _layer is MacLayer layer
            && layer.Requantization[output / layer.Output.Shape.Positions].Output.Overflow
                is not (OverflowMode.Saturate or OverflowMode.SaturateSymmetric);
        return value;
    }

    /// <summary>
    /// Whether no sum of some of an output's products, in any order, leaves the accumulator, for
    /// inputs in a box.
    /// </summary>
    public bool Holds(int output, long[] low, long[] high)
    {
        if (_layer is not MacLayer mac) return true;
        int[] window = Window(output);
        Int128 bias = mac.Bias[output / mac.Output.Shape.Positions];
        Int128 least = Int128.Min(bias, 0), most = Int128.Max(bias, 0);
        for (int i = 0; i < window.Length; i++)
        {
            Int128 a = window[i] < 0 ? mac.Input.ZeroPoint : low[window[i]],
                b = window[i] < 0 ? mac.Input.ZeroPoint : high[window[i]];
            Int128 one = Weight(output, i) * (a - mac.Mac.InputOffset),
                two = Weight(output, i) * (b - mac.Mac.InputOffset);
            least += Int128.Min(Int128.Min(one, two), 0);
            most += Int128.Max(Int128.Max(one, two), 0);
        }

        return least >= Overflow.LowestKept(mac.Mac.Update) && most <= mac.Mac.Update.Max;
    }

    private static int Alignment(MacSpec mac) => mac.PartialAlign - mac.Update.Shift;

    private static int[] Places(
        WindowGeometry window, TensorShape from, TensorShape to, int output)
    {
        int channel = output / to.Positions, row = output % to.Positions / to.Columns,
            column = output % to.Columns;
        int perGroup = from.Channels / window.Groups;
        int first = channel / (to.Channels / window.Groups) * perGroup;
        var places = new List<int>();
        for (int c = first; c < first + perGroup; c++)
        {
            for (int kr = 0; kr < window.KernelRows; kr++)
            {
                for (int kc = 0; kc < window.KernelColumns; kc++)
                {
                    int r = window.InputRow(row, kr), k = window.InputColumn(column, kc);
                    bool inside = r >= 0 && r < from.Rows && k >= 0 && k < from.Columns;
                    places.Add(inside ? (((c * from.Rows) + r) * from.Columns) + k : -1);
                }
            }
        }

        return [.. places];
    }
}
