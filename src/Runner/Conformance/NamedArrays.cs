using System.Collections.Immutable;
using QSim.Simulator;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Conformance;

/// <summary>Arrays of a file by name, each taken once.</summary>
/// <param name="arrays">What is there; what was taken is removed.</param>
internal sealed class NamedArrays(IDictionary<string, NpyArray> arrays)
{
    /// <summary>Whether there is one of this name.</summary>
    public bool Has(string name) => arrays.ContainsKey(name);

    /// <summary>Whole numbers of 64 bits.</summary>
    /// <param name="name">The array.</param>
    /// <param name="count">How many there have to be; null for any.</param>
    /// <exception cref="InvalidDataException">There is no such array.</exception>
    public long[] Integers(string name, int? count)
    {
        NpyArray array = Take(name, count);
        return array.IsInteger
            ? array.ToIntegers()
            : throw new InvalidDataException(
                $"array '{Brief.Name(name)}' holds '{array.Type}' where integers are needed");
    }

    /// <summary>Whole numbers of 32 bits.</summary>
    /// <inheritdoc cref="Integers"/>
    public ImmutableArray<int> Ints(string name, int? count = null) =>
    [
        .. Integers(name, count).Select(v => v is >= int.MinValue and <= int.MaxValue
            ? (int)v
            : throw new InvalidDataException(
                $"array '{Brief.Name(name)}' holds {v}, which has more than 32 bits")),
    ];

    /// <summary>Finite numbers.</summary>
    /// <inheritdoc cref="Integers"/>
    public double[] Reals(string name, int? count)
    {
        NpyArray array = Take(name, count);
        double[] values = array.IsText ? [double.NaN] : array.ToReals();
        return values.All(double.IsFinite)
            ? values
            : throw new InvalidDataException(
                $"array '{Brief.Name(name)}' does not hold finite numbers");
    }

    /// <summary>Finite float32 numbers.</summary>
    /// <inheritdoc cref="Integers"/>
    public float[] Floats(string name, int? count) =>
    [
        .. Reals(name, count).Select(v => (float)v == v
            ? (float)v
            : throw new InvalidDataException(
                $"array '{Brief.Name(name)}' holds {v}, which is not a float32 number")),
    ];

    private NpyArray Take(string name, int? count)
    {
        if (!arrays.TryGetValue(name, out NpyArray? array))
            throw new InvalidDataException($"there is no array '{Brief.Name(name)}'");
        if (count is { } needed && array.Length != needed)
            throw new InvalidDataException(
                $"array '{Brief.Name(name)}' has {array.Length} values, not {needed}");
        arrays.Remove(name);
        return array;
    }
}
