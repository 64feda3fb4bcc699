using QSim.Certificates.Proofs;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// Every tensor over a proof's box, layer by layer: intervals, cut down by the proof's lines once
/// these are seen to hold.
/// </summary>
internal sealed class CheckedRoot
{
    private static readonly Dictionary<(int, int), Int128> Nothing = [];

    private readonly Proof _proof;
    private readonly long[][] _low, _high;

    public CheckedRoot(QuantizedProgram program, CheckedLayer[] layers, Proof proof)
    {
        (_proof, Layers) = (proof, layers);
        TensorType input = program.Input.Type;
        if (proof.Low.Length != input.Shape.Length || proof.High.Length != input.Shape.Length)
            throw new CheckException("the box is not one of this program's input");
        if (Enumerable.Range(0, proof.Low.Length).Any(i => proof.Low[i] > proof.High[i]
            || proof.Low[i] < input.MinRaw || proof.High[i] > input.MaxRaw))
            throw new CheckException("the box has no inputs, or some that there are not");
        _low = new long[layers.Length + 1][];
        _high = new long[layers.Length + 1][];
        (_low[0], _high[0]) = (proof.Low, proof.High);
        Arguments = new (long[], long[])[layers.Length];
        for (int k = 0; k < layers.Length; k++) AddLayer(k, program.Tensor(k + 1));
    }

    /// <summary>The layers.</summary>
    public CheckedLayer[] Layers { get; }

    /// <summary>By layer, where arguments lie.</summary>
    public (long[] Low, long[] High)[] Arguments { get; }

    /// <summary>The proof's own lines.</summary>
    public long[][] Lines => _proof.Lines;

    /// <summary>Number of classes.</summary>
    public int Logits => _low[^1].Length;

    /// <summary>A form over these boxes.</summary>
    public CheckedForm Form() => new(Layers, _low, _high);

    /// <summary>Whether intervals alone exclude that a class wins.</summary>
    public bool Excludes(int other) => other < _proof.Label
        ? _high[^1][other] < _low[^1][_proof.Label]
        : _high[^1][other] <= _low[^1][_proof.Label];

    /// <summary>
    /// Sees to it that lines bound every function of a layer: at both ends of every step.
    /// </summary>
    public void CheckLines(int k, long[] lines, (long[] Low, long[] High) arguments)
    {
        CheckedLayer layer = Layers[k];
        if (layer.IsMax || layer.Layer is ReshapeLayer) return;
        for (int i = 0; i < arguments.Low.Length; i++)
            CheckLine(layer, i, lines.AsSpan(4 * i, 4), (arguments.Low[i], arguments.High[i]));
    }

    private static void CheckLine(
        CheckedLayer layer, int output, ReadOnlySpan<long> line, (long Low, long High) x)
    {
        long first = layer.Apply(output, x.Low, out bool a),
            last = layer.Apply(output, x.High, out bool b);
        if (a || b)
        {
            TensorType type = layer.Layer.Output;
            if (line[0] != 0 || line[2] != 0
                || line[1] > (Int128)type.MinRaw << 16 || line[3] < (Int128)type.MaxRaw << 16)
                throw new CheckException($"layer '{layer.Layer.Name}': no line bounds what wraps");
            return;
        }

        for (long at = x.Low, value = first; ;)
        {
            long end = x.High;
            if (value != last)
            {
                long other = x.High;
                for (end = at; other - end > 1;)
                {
                    long middle = end + ((other - end) / 2);
                    if (layer.Apply(output, middle, out _) == value) end = middle;
                    else other = middle;
                }
            }

            if (!Bounds(line, at, value) || !Bounds(line, end, value))
                throw new CheckException(
                    $"layer '{layer.Layer.Name}', output {output}: a line does not bound it");
            if (value == last) return;
            at = end + 1;
            value = layer.Apply(output, at, out _);
        }
    }

    private static bool Bounds(ReadOnlySpan<long> line, long x, long y)
    {
        Int128 value = (Int128)y << 30;
        return ((Int128)line[0] * x) + ((Int128)line[1] << 14) <= value
            && ((Int128)line[2] * x) + ((Int128)line[3] << 14) >= value;
    }

    private void AddLayer(int k, TensorType type)
    {
        CheckedLayer layer = Layers[k];
        int length = type.Shape.Length;
        (_low[k + 1], _high[k + 1]) = (new long[length], new long[length]);
        (long[] low, long[] high) = Arguments[k] = (new long[length], new long[length]);
        for (int i = 0; i < length; i++) SetInterval(k, i);
        if (layer.Layer is MacLayer && !IsOfInput(k))
            for (int i = 0; i < length; i++) Tighten(k, i);
        for (int i = 0; i < length; i++) SetOutput(k, i, type);
        CheckLines(k, Lines[k], (low, high));
    }

    private bool IsOfInput(int k)
    {
        int tensor = Layers[k].Layer.Inputs[0];
        while (tensor > 0 && Layers[tensor - 1].Layer is ReshapeLayer reshape)
            tensor = reshape.Inputs[0];
        return tensor == 0;
    }

    private void SetInterval(int k, int output)
    {
        CheckedLayer layer = Layers[k];
        int tensor = layer.Layer.Inputs[0];
        (long[] from, long[] to) = (_low[tensor], _high[tensor]);
        if (!layer.Holds(output, from, to))
            throw new CheckException(
                $"layer '{layer.Layer.Name}', output {output}: its accumulator may overflow");
        int[] window = layer.Window(output);
        if (layer.IsMax)
        {
            Arguments[k].Low[output] = window.Max(p => from[p]);
            Arguments[k].High[output] = window.Max(p => to[p]);
            return;
        }

        Int128 low = layer.Constant(output), high = low;
        for (int i = 0; i < window.Length; i++)
        {
            if (window[i] < 0) continue;
            Int128 a = (Int128)layer.Weight(output, i) * from[window[i]],
                b = (Int128)layer.Weight(output, i) * to[window[i]];
            (low, high) = (low + Int128.Min(a, b), high + Int128.Max(a, b));
        }

        Arguments[k].Low[output] = checked((long)low);
        Arguments[k].High[output] = checked((long)high);
    }

    private void Tighten(int k, int output)
    {
        (long[] low, long[] high) = Arguments[k];
        if (Layers[k].Apply(output, low[output], out _)
            == Layers[k].Apply(output, high[output], out bool overflows) && !overflows)
            return;
        high[output] = checked((long)Int128.Min(high[output], Bound(CheckedForm.One)));
        low[output] = checked((long)Int128.Max(low[output], -Bound(-CheckedForm.One)));
        if (low[output] > high[output]) throw new CheckException("bounds that leave no argument");

        Int128 Bound(Int128 coefficient)
        {
            CheckedForm form = Form();
            form.AddArgument(k, output, coefficient);
            return form.Bound(Lines, Arguments, Nothing);
        }
    }

    private void SetOutput(int k, int i, TensorType type)
    {
        long a = Layers[k].Apply(i, Arguments[k].Low[i], out bool one),
            b = Layers[k].Apply(i, Arguments[k].High[i], out bool two);
        bool wraps = one || two;
        _low[k + 1][i] = wraps ? type.MinRaw : Math.Min(a, b);
        _high[k + 1][i] = wraps ? type.MaxRaw : Math.Max(a, b);
    }
}
