using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Integers;

/// <summary>
/// Writes a program as a network of ready-made integers (<c>qsim/integer-network/1</c>). Whether
/// reading it back gives the same program on a profile is for the caller to try: a file has no
/// place for what only some profiles do.
/// </summary>
/// <param name="program">The program.</param>
/// <param name="network">The network that it was made from.</param>
internal sealed class IntegerWriter(QuantizedProgram program, FloatNetwork network)
{
    private readonly List<(string Name, NpyArray Array)> _arrays = [];

    /// <summary>The document and its arrays.</summary>
    /// <param name="program">The program.</param>
    /// <param name="network">The network that it was made from.</param>
    /// <param name="weights">Name of the arrays' file, for the document to refer to.</param>
    /// <exception cref="NotSupportedException">A layer cannot be written.</exception>
    public static (string Yaml, byte[] Npz) Write(
        QuantizedProgram program, FloatNetwork network, string weights)
    {
        var writer = new IntegerWriter(program, network);
        var yaml = new StringBuilder();
        yaml.Append(CultureInfo.InvariantCulture, $"schema: {IntegerKeys.Schema}\n");
        yaml.Append(CultureInfo.InvariantCulture, $"name: {Quoted(network.Name)}\n");
        yaml.Append(CultureInfo.InvariantCulture, $"weights: {Quoted(weights)}\n");
        yaml.Append(CultureInfo.InvariantCulture, $"input: {{{writer.Input()}}}\n");
        yaml.Append("layers:\n");
        for (int i = 0; i < program.Layers.Length; i++)
            yaml.Append("  - {").AppendJoin(", ", writer.Keys(i)).Append("}\n");
        using var npz = new MemoryStream();
        NpzFile.Write(npz, writer._arrays);
        return (yaml.ToString(), npz.ToArray());
    }

    private string Input()
    {
        InputStage stage = program.Input;
        TensorShape s = stage.Type.Shape;
        string keys = $"shape: [{s.Channels}, {s.Rows}, {s.Columns}], {Format(stage.Type)}";
        if (stage.Levels is { } levels)
            keys += FormattableString.Invariant($", levels: {levels:R}, black: {stage.Black}");
        if (stage.HasFloat32Quotient) keys += $", quotient: {IntegerKeys.Float32}";
        if (!stage.Normalization.IsEmpty)
            keys += $", pixel_scale: [{Reals(stage.Normalization.Select(n => (double)n.Scale))}]"
                + $", pixel_shift: [{Reals(stage.Normalization.Select(n => (double)n.Shift))}]";
        return keys;
    }

    private IEnumerable<string> Keys(int index)
    {
        ProgramLayer layer = program.Layers[index];
        FloatLayer? origin = network.Layers.FirstOrDefault(l => l.Name == layer.Name);
        var form = IntegerForm.Of(layer, origin);
        yield return $"type: {form.Type}";
        yield return $"name: {Quoted(layer.Name)}";
        if (layer.Inputs is not [var only] || only != index)
            yield return "inputs: [" + string.Join(", ", layer.Inputs.Select(t =>
                t == 0 ? "input" : Quoted(program.Layers[t - 1].Name))) + "]";
        foreach (string key in form.Window) yield return key;
        if (layer is MacLayer mac)
            foreach (string key in Mac(mac, origin)) yield return key;
        if (layer is Kernels.Datapath.RearrangeLayer moved)
        {
            TensorShape s = moved.Output.Shape;
            yield return $"shape: [{s.Channels}, {s.Rows}, {s.Columns}]";
            Add(layer, "sources", [.. moved.Sources.Select(v => (long)v)], moved.Sources.Length);
        }

        if (origin is PointLayer point && layer is LookupLayer
            && PointLayer.CountOf(point.Function) is > 0 and var count)
            yield return $"parameters: [{Reals([.. new[] { point.A, point.B }.Take(count)])}]";
        if (Clamp(layer, form) is { } clamp) yield return clamp;
        if (form.HasOutput)
            yield return $"output: {{{Format(layer.Output)}{Narrow(layer, form)}{Unit(layer)}}}";
    }

    /// <summary>Whether a conversion leaves out the least raw value.</summary>
    private string Narrow(ProgramLayer layer, IntegerForm form) =>
        form.Conversion is { IsSigned: true, Bits: > 1 } spec && spec.Min == -spec.Max
            && OwnUnits.Of(network, layer) is not { Unit: QuantizerUnit.Sign }
                ? ", narrow_range: true"
                : "";

    /// <summary>A unit of the network's own.</summary>
    private string Unit(ProgramLayer layer) => OwnUnits.Of(network, layer) is { } own
        ? $", unit: {IntegerKeys.Units.First(u => u.Value == own.Unit).Key}"
            + (own.Unit == QuantizerUnit.Shift
                ? $", rounding: {IntegerKeys.Roundings.First(r => r.Value == own.Rounding).Key}"
                : "")
        : "";

    private IEnumerable<string> Mac(MacLayer mac, FloatLayer? origin)
    {
        int outputs = mac.Output.Shape.Channels;
        WindowGeometry w = mac.Geometry;
        int depth = mac.Input.Shape.Channels / w.Groups;
        Add(
            mac, "weight", [.. mac.Weights.Select(v => (long)v)],
            origin is DenseLayer
                ? [outputs, depth]
                : [outputs, depth, w.KernelRows, w.KernelColumns]);
        Add(mac, "bias", [.. UnfoldedBias(mac)], outputs);
        _arrays.Add((
            $"{mac.Name}.weight_scale", NpyArray.Of([.. mac.WeightSteps], mac.WeightSteps.Length)));
        yield return $"weight_bits: {mac.WeightBits}";
        if (!mac.WeightsSigned) yield return "weight_signed: false";
        bool isSum = OwnUnits.Of(network, mac) is not null || (origin is not null
            && OwnWeights.Of(origin)?.Declared is { Kind: DeclaredKind.None });
        yield return $"requantize: {(isSum ? "none" : Requantization(mac, outputs))}";
    }

    private string Requantization(MacLayer mac, int outputs)
    {
        ImmutableArray<Requantization> all = mac.Requantization;
        switch (all[0].Kind)
        {
            case RequantizationKind.Shift:
                Add(mac, "shift", [.. all.Select(r => (long)r.Output.Shift)], outputs);
                return "shift";
            case RequantizationKind.MultiplierDouble or RequantizationKind.MultiplierSingle:
                int halved = all[0].Kind == RequantizationKind.MultiplierDouble ? 31 : 0;
                Add(mac, "multiplier", [.. all.Select(r => (long)r.Multiplier)], outputs);
                Add(mac, "shift", [.. all.Select(r => (long)r.MultiplierShift + halved)], outputs);
                return "multiplier";
            case RequantizationKind.Real or RequantizationKind.RealOnce:
                Floats(mac, "real_scale", [.. all.Select(r => r.RealScale)]);
                if (all[0].Kind == RequantizationKind.RealOnce)
                    Floats(mac, "real_bias", [.. all.Select(r => r.RealBias)]);
                return "real";
            default:
                throw new UnreachableException($"a requantization of kind {all[0].Kind}");
        }
    }

    /// <summary>Biases without the zero point that the program has in them.</summary>
    internal static IEnumerable<long> UnfoldedBias(MacLayer mac)
    {
        bool isFolded = mac.Mac.InputOffset == 0 && mac.Input.ZeroPoint != 0;
        for (int c = 0; c < mac.Bias.Length; c++)
        {
            Int128 sum = 0;
            if (isFolded)
                foreach (int w in mac.Weights.AsSpan(c * mac.Depth, mac.Depth)) sum += w;
            Int128 exact = ((Int128)mac.Bias[c] << mac.Mac.AccumulatorAlign)
                + ((sum * mac.Input.ZeroPoint) << mac.Mac.PartialAlign);
            yield return (long)(exact >> mac.Mac.AccumulatorAlign);
        }
    }

    /// <summary>What values are clamped to; that of signs to both of them says nothing.</summary>
    private string? Clamp(ProgramLayer layer, IntegerForm form) =>
        form.Clamp is not { } b || (b.Low == long.MinValue && b.High == long.MaxValue)
            || (b == (-1, 1) && OwnUnits.Of(network, layer) is { Unit: QuantizerUnit.Sign })
            ? null
            : $"clamp: [{Bound(b.Low)}, {Bound(b.High)}]";

    private static string Bound(long bound) =>
        bound is long.MinValue or long.MaxValue
            ? IntegerKeys.Open
            : bound.ToString(CultureInfo.InvariantCulture);

    private static string Format(TensorType type) => FormattableString.Invariant(
        $"bits: {type.Bits}, signed: {(type.IsSigned ? "true" : "false")}, scale: {type.Scale:R}")
        + (type.ZeroPoint == 0 ? "" : $", zero_point: {type.ZeroPoint}");

    private void Floats(MacLayer mac, string part, float[] values) =>
        _arrays.Add(($"{mac.Name}.{part}", NpyArray.Of(values, values.Length)));

    private void Add(ProgramLayer layer, string part, long[] values, params int[] shape)
    {
        long low = values.DefaultIfEmpty().Min(), high = values.DefaultIfEmpty().Max();
        int bytes = low >= sbyte.MinValue && high <= sbyte.MaxValue ? 1
            : low >= short.MinValue && high <= short.MaxValue ? 2
            : low >= int.MinValue && high <= int.MaxValue ? 4
            : 8;
        byte[] data = new byte[Sizes.Weights(values.Length, bytes)];
        for (int i = 0; i < values.Length; i++)
            for (int b = 0; b < bytes; b++) data[(i * bytes) + b] = (byte)(values[i] >> (8 * b));
        string kind = bytes == 1 ? "|i1" : $"<i{bytes}";
        _arrays.Add(($"{layer.Name}.{part}", new(kind, [.. shape], data)));
    }

    private static string Reals(IEnumerable<double> values) =>
        string.Join(", ", values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)));

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
