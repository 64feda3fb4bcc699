namespace QSim.Attacks.Gradients;

/// <summary>
/// Values that tensors of a network had elsewhere, on hardware say: i + 1 is the output of layer i.
/// Read from several threads at once.
/// </summary>
public interface IActivations
{
    /// <summary>The tensors whose values there are.</summary>
    IReadOnlyList<int> Tensors { get; }

    /// <summary>How many values of a tensor there are, of all images together.</summary>
    int Count(int tensor);

    /// <summary>Reads values of a tensor, [image][channel][row][column].</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="first">The first value.</param>
    /// <param name="values">Filled with that and those behind it.</param>
    void Read(int tensor, int first, Span<float> values);
}

/// <summary>Values that are there as they are read.</summary>
/// <param name="values">By tensor.</param>
internal sealed class FloatActivations(IReadOnlyDictionary<int, float[]> values) : IActivations
{
    /// <summary>No values at all.</summary>
    public static FloatActivations None { get; } = new(new Dictionary<int, float[]>());

    /// <inheritdoc/>
    public IReadOnlyList<int> Tensors { get; } = [.. values.Keys];

    /// <inheritdoc/>
    public int Count(int tensor) => values[tensor].Length;

    /// <inheritdoc/>
    public void Read(int tensor, int first, Span<float> target) =>
        values[tensor].AsSpan(first, target.Length).CopyTo(target);
}
