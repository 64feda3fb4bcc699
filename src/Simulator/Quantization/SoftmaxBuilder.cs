using System.Collections.Immutable;
using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Softmax from two tables, as hls4ml builds it, or by division.</summary>
/// <param name="refuse">Makes the exception from a dotted key and a reason.</param>
/// <param name="stages">The layer's stages.</param>
/// <param name="input">The logits.</param>
/// <param name="output">What comes out.</param>
/// <param name="record">Takes a stage, how many of its parameters did not fit, of how many.</param>
internal sealed class SoftmaxBuilder(
    Func<string, string, Exception> refuse, LayerDatapath stages, QuantizedTensor input,
    QuantizedTensor output, Action<string, long, long> record)
{
    public SoftmaxLayer Build(string name, ImmutableArray<int> inputs)
    {
        SoftmaxStage stage =
            stages.Softmax
            ?? throw refuse(
                "softmax", "the network has a softmax layer and the profile no stage for it");
        if (stage.Kind > SoftmaxKind.Stable)
            return new SoftmaxDivision(refuse, stages, input, output).Build(name, inputs);
        int from = BinaryPoint(input);
        int to = BinaryPoint(output);
        bool isStable = stage.Kind == SoftmaxKind.Stable;
        FixedFormat address = isStable
            ? stage.Difference!.Format
            : new(input.Type.Bits, from, input.Type.IsSigned);
        int exponential = stage.Exponential.Format.FractionBits;
        int sum = stage.Sum.Format.FractionBits;
        long overflowed = 0;
        SoftmaxLayer layer = new(
            name, inputs, output.Type, input.Type, stage.Kind,
            Table(stage.Entries, address, stage.Exponential, x => Math.Exp(isStable ? -x : x),
                ref overflowed),
            // hls4ml leaves entry 0, of 1 / 0, to its format's largest value: no event.
            Table(
                stage.Entries, stage.InverseInput.Format, stage.Inverse, x => 1 / x,
                ref overflowed))
        {
            Difference = isStable ? stage.Difference!.From(from, stages.Dialect) : default,
            Exponential = stage.Sum.From(exponential, stages.Dialect),
            Sum = stage.Sum.From(sum, stages.Dialect),
            InverseInput = stage.InverseInput.From(sum, stages.Dialect),
            Product = output.Target with
            {
                Shift = sum + stage.Inverse.Format.FractionBits - to,
                Rounding = stages.Output.Rounding,
                Dialect = stages.Dialect,
            },
        };
        record(ParameterEvents.Table, overflowed, 2 * stage.Entries);
        return layer;
    }

    /// <summary>
    /// Entry i is the function at the value whose top bits are i and whose other bits are 0.
    /// </summary>
    private ImmutableArray<int> Table(
        int entries, FixedFormat address, RegisterFormat register, Func<double, double> function,
        ref long overflowed)
    {
        int addressBits = BitOperations.Log2((uint)entries);
        if (addressBits > address.TotalBits)
            throw refuse(
                "softmax.entries",
                $"{entries} entries need {addressBits} address bits, {address} has "
                    + $"{address.TotalBits}");
        ConversionSpec target = register.From(register.Format.FractionBits, stages.Dialect);
        TensorScale scale = TensorScale.PowerOfTwo(register.Format.FractionBits);
        int[] table = new int[entries];
        for (int i = 0; i < entries; i++)
        {
            long pattern = (long)i << (address.TotalBits - addressBits);
            bool isNegative = address.IsSigned && i >= entries / 2;
            long raw = isNegative ? pattern - (1L << address.TotalBits) : pattern;
            double value = function(raw * address.Step);
            var events = ConversionEvents.None;
            table[i] = (int)RealConversion.QuantizeCounting(
                value, scale, register.Rounding, target, ref events);
            if (double.IsFinite(value) && (events & ConversionEvents.Overflowed) != 0)
                overflowed++;
        }

        return [.. table];
    }

    private int BinaryPoint(QuantizedTensor tensor) =>
        tensor.Scale.FractionBits is int fraction && tensor.Scale.ZeroPoint == 0
            ? fraction
            : throw refuse(
                "softmax", "its tables need power-of-two scales on both sides and no zero point");
}
