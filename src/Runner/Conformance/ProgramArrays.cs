using System.Collections.Immutable;
using System.Text.Json;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Conformance;

/// <summary>
/// A program as named arrays, for npz: <c>meta</c> (<see cref="ProgramJson"/>), scales and zero
/// points of all tensors, and what each layer has of raw weights, biases, requantization and
/// tables.
/// </summary>
internal static class ProgramArrays
{
    /// <summary>The array of the description.</summary>
    public const string Meta = "meta";

    /// <summary>The arrays.</summary>
    public static IEnumerable<(string Name, NpyArray Array)> Of(QuantizedProgram program)
    {
        byte[] meta = ProgramJson.Of(program with { Layers = [.. program.Layers.Select(Bare)] });
        yield return (Meta, new("|u1", [meta.Length], meta));
        for (int t = 0; t <= program.Layers.Length; t++)
        {
            string name = t == 0 ? "input" : program.Layers[t - 1].Name;
            TensorType type = program.Tensor(t);
            yield return ($"{name}.scale", NpyArray.Of((double[])[type.Scale]));
            yield return ($"{name}.zero_point", NpyArray.Of([type.ZeroPoint]));
            if (t == 0) continue;
            foreach ((string part, NpyArray array) in PartsOf(program.Layers[t - 1]))
                yield return ($"{name}.{part}", array);
        }
    }

    /// <summary>The program of such arrays.</summary>
    /// <param name="arrays">All arrays of a file; those taken are removed.</param>
    /// <exception cref="InvalidDataException">
    /// They are none, or no program that can run; the message says why.
    /// </exception>
    public static QuantizedProgram Read(IDictionary<string, NpyArray> arrays)
    {
        var named = new NamedArrays(arrays);
        QuantizedProgram program;
        try
        {
            program = ProgramJson.Parse(arrays[Meta].Data);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"meta: {e.Message.TrimEnd('.')}");
        }

        arrays.Remove(Meta);
        program = program with { Layers = [.. program.Layers.Select(l => Whole(l, named))] };
        if (ProgramLimits.WhyNot(program) is { } reason)
            throw new InvalidDataException($"meta: {reason}");
        for (int t = 0; t <= program.Layers.Length; t++)
        {
            string name = t == 0 ? "input" : program.Layers[t - 1].Name;
            TensorType type = program.Tensor(t);
            if (named.Reals($"{name}.scale", 1)[0] != type.Scale
                || named.Integers($"{name}.zero_point", 1)[0] != type.ZeroPoint)
                throw new InvalidDataException(
                    $"'{name}.scale' and '{name}.zero_point' are not those that meta says");
        }

        return program;
    }

    private static ProgramLayer Bare(ProgramLayer layer) => layer is MacLayer mac
        ? mac with
        {
            Weights = [],
            Bias = [],
            WeightSteps = [],
            Requantization = IsShared(mac) ? [mac.Requantization[0]] : mac.Requantization,
        }
        : layer.Tables.Aggregate(layer, (bare, table) => table.With(bare, []));

    /// <summary>What a layer has of its own, by the names behind the layer's.</summary>
    public static IEnumerable<(string Part, NpyArray Array)> PartsOf(ProgramLayer layer)
    {
        if (layer is not MacLayer mac)
        {
            foreach (LayerTable table in layer.Tables)
                yield return (
                    table.Name,
                    NpyArray.Of([.. table.Entries.Select(e => (long)e)], table.Entries.Length));
            yield break;
        }

        WindowGeometry g = mac.Geometry;
        int outputs = mac.Output.Shape.Channels;
        yield return (
            "weight",
            NpyArray.Of(
                [.. mac.Weights.Select(w => (long)w)], outputs,
                mac.Input.Shape.Channels / g.Groups, g.KernelRows, g.KernelColumns));
        yield return ("weight_scale", NpyArray.Of([.. mac.WeightSteps], mac.WeightSteps.Length));
        yield return ("bias", NpyArray.Of([.. mac.Bias], outputs));
        if (!IsShared(mac)) yield break;
        yield return ("multiplier", Integers(mac, r => r.Multiplier));
        yield return ("multiplier_shift", Integers(mac, r => r.MultiplierShift));
        yield return ("shift", Integers(mac, r => r.Output.Shift));
        yield return ("real_scale", Reals(mac, r => r.RealScale));
        yield return ("real_bias", Reals(mac, r => r.RealBias));
    }

    private static NpyArray Integers(MacLayer mac, Func<Requantization, int> of) =>
        NpyArray.Of(
            [.. mac.Requantization.Select(r => (long)of(r))], mac.Requantization.Length);

    private static NpyArray Reals(MacLayer mac, Func<Requantization, float> of) =>
        NpyArray.Of((float[])[.. mac.Requantization.Select(of)], mac.Requantization.Length);

    private static ProgramLayer Whole(ProgramLayer layer, NamedArrays arrays)
    {
        string name = layer.Name;
        if (layer is not MacLayer mac)
            return layer.Tables.Aggregate(
                layer, (whole, table) => table.With(whole, arrays.Ints($"{name}.{table.Name}")));
        int outputs = mac.Output.Shape.Channels;
        mac = mac with
        {
            Weights = arrays.Ints($"{name}.weight"),
            WeightSteps = [.. arrays.Reals($"{name}.weight_scale", null)],
            Bias = [.. arrays.Integers($"{name}.bias", outputs)],
        };
        return mac.Requantization is [var shared] && arrays.Has($"{name}.multiplier")
            ? mac with { Requantization = PerChannel(shared, name, outputs, arrays) }
            : mac;
    }

    private static ImmutableArray<Requantization> PerChannel(
        Requantization shared, string name, int outputs, NamedArrays arrays)
    {
        ImmutableArray<int> multiplier = arrays.Ints($"{name}.multiplier", outputs),
            multiplierShift = arrays.Ints($"{name}.multiplier_shift", outputs),
            shift = arrays.Ints($"{name}.shift", outputs);
        float[] scale = arrays.Floats($"{name}.real_scale", outputs),
            bias = arrays.Floats($"{name}.real_bias", outputs);
        return
        [
            .. Enumerable.Range(0, outputs).Select(c => shared with
            {
                Multiplier = multiplier[c],
                MultiplierShift = multiplierShift[c],
                Output = shared.Output with { Shift = shift[c] },
                RealScale = scale[c],
                RealBias = bias[c],
            }),
        ];
    }

    /// <summary>Whether channels differ only in what has arrays.</summary>
    private static bool IsShared(MacLayer mac) =>
        mac.Requantization.Select(Common).Distinct().Count() == 1;

    private static Requantization Common(Requantization one) => one with
    {
        Multiplier = 0,
        MultiplierShift = 0,
        Output = one.Output with { Shift = 0 },
        RealScale = 0,
        RealBias = 0,
    };
}
