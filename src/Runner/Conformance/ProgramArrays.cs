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
        foreach (ChannelPart part in ChannelPart.All.Where(p => p.IsUsed(mac.Requantization[0])))
            yield return (part.Name, part.Of(mac.Requantization));
    }

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
        return mac.Requantization is [var shared]
            && ChannelPart.All.Any(p => arrays.Has($"{name}.{p.Name}"))
                ? mac with
                {
                    Requantization = ChannelPart.All.Aggregate(
                        Enumerable.Repeat(shared, outputs).ToImmutableArray(),
                        (all, part) => part.Read(all, $"{name}.{part.Name}", arrays)),
                }
                : mac;
    }

    /// <summary>Whether channels differ only in what has arrays.</summary>
    private static bool IsShared(MacLayer mac) =>
        mac.Requantization
            .Select(r => ChannelPart.All.Aggregate(r, (common, part) => part.Set(common, 0)))
            .Distinct().Count() == 1;
}
