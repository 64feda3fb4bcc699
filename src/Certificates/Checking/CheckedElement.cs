using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// Layers that take values one by one: clamps, tables, reshapes, concatenations, and values that
/// are moved.
/// </summary>
internal sealed class CheckedElement : CheckedLayer
{
    /// <summary>So many values of a table are looked at one by one.</summary>
    private const int MostSingle = 1 << 16;

    private readonly (int Part, int Place)[] _sources;
    private readonly long[] _entries;

    /// <param name="layer">The layer.</param>
    /// <param name="inputs">Types of what it reads.</param>
    public CheckedElement(ProgramLayer layer, TensorType[] inputs) : base(layer)
    {
        int length = layer.Output.Shape.Length;
        _sources = layer switch
        {
            RearrangeLayer moved => [.. moved.Sources.Select(s => (0, s))],
            ConcatLayer =>
            [
                .. inputs.SelectMany((type, part) =>
                    Enumerable.Range(0, type.Shape.Length).Select(i => (part, i))),
            ],
            ClampLayer or LookupLayer or ReshapeLayer =>
                [.. Enumerable.Range(0, length).Select(i => (0, i))],
            _ => throw UnknownLayer.Of(layer, "no element of its input for each of its output"),
        };
        _entries = layer is LookupLayer table ? [.. table.Table.Select(e => Entry(table, e))] : [];
    }

    /// <inheritdoc/>
    public override bool IsIdentity => Layer is ReshapeLayer or RearrangeLayer;

    /// <inheritdoc/>
    public override CheckedArgument Argument(int output, CheckedBoxes boxes)
    {
        (int part, int place) = _sources[output];
        if (place < 0) return new(Layer.Output.ZeroPoint, Layer.Output.ZeroPoint);
        int tensor = Layer.Inputs[part];
        return new(boxes.Low[tensor][place], boxes.High[tensor][place]);
    }

    /// <inheritdoc/>
    public override void Add(CheckedForm form, int output, Int128 multiple)
    {
        (int part, int place) = _sources[output];
        if (place < 0) form.AddConstant(checked(multiple * Layer.Output.ZeroPoint), 0);
        else form.AddTerm(Layer.Inputs[part], place, multiple, 0);
    }

    /// <inheritdoc/>
    public override long Apply(int output, long argument) =>
        Layer switch
        {
            ClampLayer clamp => Math.Clamp(argument, clamp.Min, clamp.Max),
            LookupLayer table => _entries[table.Index.Of(argument, _entries.Length)],
            ConcatLayer => OfPart(_sources[output].Part, argument, out _),
            ReshapeLayer or RearrangeLayer => argument,
            _ => throw UnknownLayer.Of(Layer, "no function of one element"),
        };

    /// <inheritdoc/>
    public override IReadOnlyList<(long Low, long High)>? Pieces(int output, long low, long high)
    {
        if (Layer is LookupLayer)
        {
            // Entries need not keep any order.
            return high - low >= MostSingle
                ? null
                : [.. Enumerable.Range(0, (int)(high - low + 1)).Select(i => (low + i, low + i))];
        }

        if (Layer is not ConcatLayer) return [(low, high)];
        OfPart(_sources[output].Part, low, out bool one);
        OfPart(_sources[output].Part, high, out bool two);
        return one || two ? null : [(low, high)];
    }

    /// <inheritdoc/>
    public override (long Low, long High) Whole(int output) =>
        Layer is LookupLayer ? (_entries.Min(), _entries.Max()) : base.Whole(output);

    /// <inheritdoc/>
    public override bool Shares(int one, int other) =>
        Layer is not ConcatLayer concat
        || concat.Parts[_sources[one].Part].Equals(concat.Parts[_sources[other].Part]);

    private static long Entry(LookupLayer table, int entry)
    {
        var events = ConversionEvents.None;
        return Conversion.Convert(entry, table.Conversion, ref events);
    }

    private long OfPart(int part, long raw, out bool overflows)
    {
        ConcatPart own = ((ConcatLayer)Layer).Parts[part];
        var events = ConversionEvents.None;
        return CheckedRequantization.Apply(
            own.Requantization, own.Scaling.Apply(raw, ref events), out overflows);
    }
}
