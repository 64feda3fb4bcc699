using System.Globalization;
using System.Text;
using System.Text.Json;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Arrays;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Conformance;

/// <summary>
/// Replays quantized convolutions with float32 scales from one npz, or a whole network; every value
/// is compared.
/// </summary>
internal static class ConvolutionReplay
{
    public static ReplayReport Run(string file, byte[] bytes, ReplayOptions options)
    {
        IReadOnlyDictionary<string, NpyArray> arrays = Arrays(file, bytes);
        if (TapReplay.Is(arrays)) return new TapReplay(file, options).Run(arrays);
        JsonRow[] cases = Cases(file, arrays);
        var tally = new ScaleOrderTally(options.Show);
        foreach (JsonRow row in cases)
        {
            var one = new ConvolutionCase(row, arrays);
            tally.Add(one.StatedOrder(), (order, into) => Replay(file, one, order, into));
        }

        return tally.Report(
            file, "convolution",
            string.Create(CultureInfo.InvariantCulture, $"{cases.Length} convolutions"));
    }

    private static void Replay(
        string file, ConvolutionCase one, ScaleOrder order, ReplayTally tally)
    {
        QuantizedProgram program = one.Program(order);
        if (ProgramLimits.WhyNot(program) is { } reason) throw one.Row.Error("id", reason);
        using IProgramRunner runner = new ReferenceBackend().Load(program);
        long[] actual = runner.Run(one.Inputs, one.Images, RunOptions.Default).Outputs;
        long[] expected = one.Expected(program);
        for (int i = 0; i < actual.Length; i++)
        {
            int index = i;
            tally.Add(
                actual[i] == expected[i],
                () =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{file}: {one.Id}: output "
                            + $"[{ReplayTally.Address(index, program.Output.Shape)}]: "
                            + $"{actual[index]}, the file says {expected[index]}"));
        }
    }

    /// <summary>Every array of an archive.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static IReadOnlyDictionary<string, NpyArray> Arrays(string file, byte[] bytes)
    {
        try
        {
            return NpzFile.Read(bytes);
        }
        catch (InvalidDataException e)
        {
            throw InputBytes.Error(file, e.Message.TrimEnd('.'));
        }
    }

    private static JsonRow[] Cases(string file, IReadOnlyDictionary<string, NpyArray> arrays)
    {
        if (!arrays.TryGetValue("meta", out NpyArray? meta))
        {
            throw InputBytes.Error(
                file,
                $"there is no array 'meta' (found: {Brief.List(arrays.Keys)})");
        }

        string text = Encoding.UTF8.GetString(meta.Data);
        try
        {
            using var document = JsonDocument.Parse(text);
            return
                document.RootElement.ValueKind == JsonValueKind.Array
                && document.RootElement.GetArrayLength() > 0
                ?
                [
                    .. document
                        .RootElement.EnumerateArray()
                        .Select(e => JsonRow.Parse($"{file}:meta", 1, e.GetRawText())),
                ]
                : throw InputBytes.Error(
                    $"{file}:meta", "this is not an array of convolutions");
        }
        catch (JsonException)
        {
            throw InputBytes.Error($"{file}:meta", "this is not JSON");
        }
    }
}
