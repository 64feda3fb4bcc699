using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>
/// Layers that take one value to one value, tabulated over every stored 16-bit input: activation
/// tables, and conversions and concatenations of tensors. For runs that count no events.
/// </summary>
internal sealed unsafe class TableStep : Step
{
    private readonly ProgramLayer _layer;
    private readonly StepPlace _place;
    private readonly short[][] _tables;

    private TableStep(ProgramLayer layer, StepPlace place, Func<int, long, long> output)
    {
        _layer = layer;
        _place = place;
        _tables =
        [
            .. place.Inputs.Select(
                (input, i) => Tabulate(input, raw => output(i, raw), place.Output)),
        ];
    }

    /// <summary>Null when values are wide or rounded at random.</summary>
    public static TableStep? Of(ProgramLayer layer, StepPlace place)
    {
        if (!place.Output.IsNarrow || place.Inputs.Any(i => !i.IsNarrow)) return null;
        return layer switch
        {
            LookupLayer lookup when lookup.Conversion.Rounding != RoundingMode.Stochastic => new(
                layer, place, (_, raw) => Lookup(lookup, raw)),
            ConcatLayer concat
                when concat.Parts.All(p =>
                    p.Requantization.Output.Rounding != RoundingMode.Stochastic
                ) => new(layer, place, (part, raw) => Convert(concat.Parts[part], raw)),
            _ => null,
        };
    }

    public override void Run(Workspace workspace, ImageBlock block)
    {
        int positions = block.Images * _place.Shape.Positions;
        int channels = _place.Shape.Channels;
        short* output = workspace.Tensor<short>(_place.OutputTensor, block.Images);
        Door.Needs(_place.Inputs.Sum(i => i.Type.Shape.Channels) == channels);
        for (int input = 0; input < _tables.Length; input++)
        {
            int own = _place.Inputs[input].Type.Shape.Channels;
            short* from = workspace.Tensor<short>(
                _layer.Inputs[input], block.Images);
            short[] table = _tables[input];
            for (int position = 0; position < positions; position++, from += own)
                for (int channel = 0; channel < own; channel++)
                    output[(position * channels) + channel] = table[from[channel] - short.MinValue];
            output += own;
        }
    }

    private static short[] Tabulate(
        TensorLayout input, Func<long, long> output, TensorLayout layout)
    {
        var table = new short[1 << 16];
        for (long raw = input.Type.MinRaw; raw <= input.Type.MaxRaw; raw++)
            table[raw - input.Offset - short.MinValue] = (short)(output(raw) - layout.Offset);
        return table;
    }

    private static long Lookup(LookupLayer layer, long raw)
    {
        ConversionEvents ignored = ConversionEvents.None;
        return Conversion.Convert(
            layer.Table[layer.Index.Of(raw, layer.Table.Length)], layer.Conversion, ref ignored);
    }

    private static long Convert(ConcatPart part, long raw)
    {
        ConversionEvents ignored = ConversionEvents.None;
        return Requantizer.Requantize(
            part.Scaling.Apply(raw, ref ignored), part.Requantization, ref ignored);
    }
}
