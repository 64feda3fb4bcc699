using System.Globalization;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Conformance;

/// <summary>
/// Replays whole networks, as <c>qsim explain taps</c> writes them: the program that the file
/// states runs on the file's input, and every register that the file has is compared.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="options">How much to show.</param>
internal sealed class TapReplay(string file, ReplayOptions options)
{
    private readonly ReplayTally _tally = new(options.Show);

    /// <summary>Whether an archive's description is one of a whole network.</summary>
    public static bool Is(IReadOnlyDictionary<string, NpyArray> arrays) =>
        arrays.TryGetValue(ProgramArrays.Meta, out NpyArray? meta)
        && meta.Data.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    /// <summary>Compares everything.</summary>
    /// <exception cref="InputException">
    /// An array is missing, unknown, or of the wrong kind.
    /// </exception>
    public ReplayReport Run(IReadOnlyDictionary<string, NpyArray> found)
    {
        try
        {
            var arrays = new Dictionary<string, NpyArray>(found);
            QuantizedProgram program = ProgramArrays.Read(arrays);
            Registers registers = Replayed(program, new NamedArrays(arrays), arrays);
            int images = Compare(program, registers, arrays);
            if (arrays.Count > 0)
                throw new InvalidDataException(
                    $"array '{Brief.Name(arrays.Keys.First())}' does not belong to this network");
            return new(
                file, "network", _tally.Rows, _tally.Mismatches, _tally.First,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Brief.Name(program.Name)}: {program.Layers.Length} layers, "
                        + $"{images} images"));
        }
        catch (Exception e) when (e is InvalidDataException or SizeException)
        {
            throw InputBytes.Error(file, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Program and registers of an archive; what else it holds is not looked at.
    /// </summary>
    /// <exception cref="InputException">There is none in it.</exception>
    public static (QuantizedProgram Program, Registers Registers) Read(string file, byte[] bytes)
    {
        try
        {
            var arrays = new Dictionary<string, NpyArray>(NpzFile.Read(bytes));
            if (!Is(arrays)) throw new InvalidDataException("there is no network in it");
            QuantizedProgram program = ProgramArrays.Read(arrays);
            return (program, Replayed(program, new NamedArrays(arrays), arrays));
        }
        catch (Exception e) when (e is InvalidDataException or SizeException)
        {
            throw InputBytes.Error(file, e.Message.TrimEnd('.'));
        }
    }

    private static Registers Replayed(
        QuantizedProgram program, NamedArrays named, IDictionary<string, NpyArray> arrays)
    {
        int length = program.Input.Type.Shape.Length;
        if (!arrays.TryGetValue(Registers.Input, out NpyArray? input)
            || input.Length == 0 || input.Length % length != 0)
            throw new InvalidDataException(
                $"array '{Registers.Input}' is missing, or does not hold whole "
                    + $"images of {program.Input.Type.Shape}");
        int count = input.Length / length;
        long[] values = named.Integers(Registers.Input, null);
        TensorType type = program.Input.Type;
        if (values.FirstOrDefault(v => v < type.MinRaw || v > type.MaxRaw, type.MinRaw) is var odd
            && (odd < type.MinRaw || odd > type.MaxRaw))
            throw new InvalidDataException(
                $"array '{Registers.Input}' holds {odd}, outside {type.MinRaw}..{type.MaxRaw}");
        int[] images = [.. named.Ints(Registers.Image, count)];
        if (images.Any(i => i < 0))
            throw new InvalidDataException($"array '{Registers.Image}' holds an index below 0");
        using IProgramRunner runner = new ReferenceBackend().Load(program);
        int[] all = [.. Enumerable.Range(0, program.Layers.Length + 1)];
        return new(
            program, images,
            [
                .. images.Select((image, i) =>
                {
                    RunResult run = runner.Run(
                        values[(i * length)..((i + 1) * length)], 1,
                        new RunOptions { FirstImage = image, Taps = [.. all] });
                    return (IReadOnlyList<long[]>)[.. all.Select(t => run.Taps[t])];
                }),
            ]);
    }

    private int Compare(
        QuantizedProgram program, Registers registers, IDictionary<string, NpyArray> arrays)
    {
        var named = new NamedArrays(arrays);
        for (int l = 0; l < program.Layers.Length; l++)
        {
            ProgramLayer layer = program.Layers[l];
            var comparison = new LayerComparison(options.Show);
            var all = registers.OfLayers();
            foreach (Register register in all.Inputs(l).Where(r => named.Has(r.Name))
                .Concat(all.Of(l, named.Has)))
                comparison.Add(
                    $"{file}: {register.Name}", register,
                    new(named.Integers(register.Name, register.Values.Length)),
                    i => $"image {i}", "the file says");
            comparison.Tell(_tally);
            if (layer is MacLayer mac && named.Has($"{layer.Name}.{Registers.Order}")
                && !named.Ints($"{layer.Name}.{Registers.Order}", mac.Depth)
                    .SequenceEqual(ReductionPlan.WeightIndices(mac)))
                throw new InvalidDataException(
                    $"'{Brief.Name(layer.Name)}.{Registers.Order}' is not the order that meta "
                        + "says");
        }

        return registers.Images;
    }
}
