using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>
/// Where two runs of a program differ first: by layer, then image, then position.
/// </summary>
/// <param name="Layer">The layer's name; <c>input</c> for what it reads.</param>
/// <param name="What">A value, or an event's count.</param>
/// <param name="Image">Index in the batch; null for counts, which are of the whole batch.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Position">row * columns + column; null for counts.</param>
/// <param name="Expected">What the reference gives.</param>
/// <param name="Actual">What the backend gives.</param>
internal sealed record Difference(
    string Layer, string What, int? Image, int Channel, int? Position, string Expected,
    string Actual)
{
    /// <summary>The first difference; null where there is none.</summary>
    public static Difference? First(QuantizedProgram program, RunResult expected, RunResult actual)
    {
        foreach (int tensor in expected.Taps.Keys.Order())
            if (Values(program, tensor, expected.Taps[tensor], actual.Taps[tensor]) is { } tap)
                return tap;
        return Values(program, program.Layers.Length, expected.Outputs, actual.Outputs)
            ?? Events(expected, actual);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string image = Image is { } i ? $", image {i}" : "";
        string position = Position is { } p ? $", position {p}" : "";
        return $"layer '{Layer}'{image}, channel {Channel}{position}: {What} {Actual}, "
            + $"the reference gives {Expected}";
    }

    private static Difference? Values(
        QuantizedProgram program, int tensor, long[] expected, long[] actual)
    {
        string layer = tensor == 0 ? "input" : program.Layers[tensor - 1].Name;
        if (expected.Length != actual.Length)
            return new(layer, "values", null, 0, null, $"{expected.Length}", $"{actual.Length}");
        int at = expected.AsSpan().CommonPrefixLength(actual);
        if (at == expected.Length) return null;
        TensorShape shape = program.Tensor(tensor).Shape;
        int element = at % shape.Length;
        return new(
            layer, "value", at / shape.Length, element / shape.Positions,
            element % shape.Positions, $"{expected[at]}", $"{actual[at]}");
    }

    private static Difference? Events(RunResult expected, RunResult actual)
    {
        var all =
            from pair in expected.Events.Zip(actual.Events)
            from stage in pair.First.Stages.Zip(pair.Second.Stages)
            select Stage(pair.First.Layer, stage.First, stage.Second);
        return all.FirstOrDefault(d => d is not null);
    }

    private static Difference? Stage(string layer, StageEvents expected, StageEvents actual)
    {
        if (Counts(layer, $"{expected.Stage}, overflowed:", expected.Overflowed, actual.Overflowed)
            is { } overflowed) return overflowed;
        if (Counts(layer, $"{expected.Stage}, inexact:", expected.Inexact, actual.Inexact)
            is { } inexact) return inexact;
        return expected.FirstOverflow == actual.FirstOverflow
            ? null
            : new(
                layer, $"{expected.Stage}, first overflow:", null, 0, null,
                $"{expected.FirstOverflow}", $"{actual.FirstOverflow}");
    }

    private static Difference? Counts(string layer, string what, long[] expected, long[] actual)
    {
        int at = expected.AsSpan().CommonPrefixLength(actual);
        return at == expected.Length
            ? null
            : new(layer, what, null, at, null, $"{expected[at]}", $"{actual[at]}");
    }
}
