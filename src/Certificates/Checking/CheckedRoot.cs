using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// Every tensor over a proof's box, layer by layer: intervals, cut down by the proof's lines once
/// these are seen to hold.
/// </summary>
internal sealed class CheckedRoot
{
    private static readonly Dictionary<(int, int), Int128> Nothing = [];

    private readonly CheckedBoxes _boxes;
    private readonly Func<int, CheckedArguments, long[]> _lines;

    /// <param name="program">The program.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="low">The lower ends of the box.</param>
    /// <param name="high">The upper ends.</param>
    /// <param name="lines">Of each layer, once it is known where its arguments lie.</param>
    public CheckedRoot(
        QuantizedProgram program, CheckedLayer[] layers, long[] low, long[] high,
        Func<int, CheckedArguments, long[]> lines)
    {
        (Layers, _lines, Lines) = (layers, lines, new long[layers.Length][]);
        TensorType input = program.Input.Type;
        if (low.Length != input.Shape.Length || high.Length != input.Shape.Length)
            throw new CheckException("the box is not one of this program's input");
        if (Enumerable.Range(0, low.Length).Any(i => low[i] > high[i]
            || low[i] < input.MinRaw || high[i] > input.MaxRaw))
            throw new CheckException("the box has no inputs, or some that there are not");
        _boxes = new(layers.Length + 1);
        (_boxes.Low[0], _boxes.High[0]) = (low, high);
        Arguments = new CheckedArguments[layers.Length];
        for (int k = 0; k < layers.Length; k++) AddLayer(k, program.Tensor(k + 1));
    }

    public CheckedLayer[] Layers { get; }

    /// <summary>By layer, where arguments lie.</summary>
    public CheckedArguments[] Arguments { get; }

    /// <summary>Where tensors lie.</summary>
    public CheckedBoxes Boxes => _boxes;

    /// <summary>By layer, lines that were seen to hold.</summary>
    public long[][] Lines { get; }

    /// <summary>Number of classes.</summary>
    public int Logits => _boxes.Low[^1].Length;

    /// <summary>A form over these boxes.</summary>
    public CheckedForm Form() => new(Layers, Arguments, _boxes);

    /// <summary>Whether intervals alone exclude that a class wins against a label.</summary>
    public bool Excludes(int label, int other) => other < label
        ? _boxes.High[^1][other] < _boxes.Low[^1][label]
        : _boxes.High[^1][other] <= _boxes.Low[^1][label];

    /// <summary>
    /// Sees to it that lines bound every function of a layer, for arguments in intervals.
    /// </summary>
    public void CheckLines(int k, long[] lines, long[] low, long[] high)
    {
        if (Layers[k].IsIdentity) return;
        for (int i = 0; i < low.Length; i++)
            CheckedLines.Check(Layers[k], i, lines.AsSpan(4 * i, 4), (low[i], high[i]));
    }

    private void AddLayer(int k, TensorType type)
    {
        CheckedLayer layer = Layers[k];
        int length = type.Shape.Length;
        CheckedArguments known = Arguments[k] = new(length);
        for (int i = 0; i < length; i++)
        {
            CheckedArgument argument = layer.Argument(i, _boxes);
            (known.Low[i], known.High[i]) = checked(((long)argument.Low, (long)argument.High));
            (known.Down[i], known.Up[i]) = (argument.Down, argument.Up);
        }

        if (layer.Joins && !layer.Layer.Inputs.All(IsInput))
            for (int i = 0; i < length; i++) Tighten(k, i);
        (_boxes.Low[k + 1], _boxes.High[k + 1]) = (new long[length], new long[length]);
        for (int i = 0; i < length; i++)
            (_boxes.Low[k + 1][i], _boxes.High[k + 1][i]) =
                CheckedLines.Range(layer, i, (known.Low[i], known.High[i]));
        Lines[k] = _lines(k, known);
        CheckLines(k, Lines[k], known.Low, known.High);
    }

    /// <summary>Whether a tensor is the input, under whatever shape.</summary>
    private bool IsInput(int tensor)
    {
        while (tensor > 0 && Layers[tensor - 1].Layer is ReshapeLayer reshape)
            tensor = reshape.Inputs[0];
        return tensor == 0;
    }

    private void Tighten(int k, int output)
    {
        CheckedArguments known = Arguments[k];
        (long low, long high) = CheckedLines.Range(
            Layers[k], output, (known.Low[output], known.High[output]));
        if (low == high) return;
        Int128 most = Bound(1), least = -Bound(-1);
        known.High[output] = checked((long)Int128.Min(known.High[output], most));
        known.Low[output] = checked((long)Int128.Max(known.Low[output], least));
        if (known.Low[output] > known.High[output])
            throw new CheckException("bounds that leave no argument");

        Int128 Bound(int sign)
        {
            CheckedForm form = Form();
            form.AddArgument(k, output, sign * CheckedForm.FineOne);
            return form.Bound(Lines, Nothing);
        }
    }
}
