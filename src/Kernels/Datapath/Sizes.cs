using System.Diagnostics.CodeAnalysis;

namespace QSim.Kernels.Datapath;

/// <summary>A size that is out of bounds: too large, or less than nothing.</summary>
/// <param name="message">What was found and what is the most.</param>
internal sealed class SizeException(string message) : ArgumentException(message);

/// <summary>
/// How large things may be, and their products. Sizes come from files, so a product is taken here,
/// in 64 bits, and refused where it is out of bounds. The bounds are far below an int: what is
/// within them is indexed with plain arithmetic, whatever the number of images in a block.
/// </summary>
internal static class Sizes
{
    /// <summary>The most channels, rows, columns, taps, padding or stride.</summary>
    public const int MostExtent = 1 << 24;

    /// <summary>The most values of one tensor of one image, padding counted.</summary>
    public const int MostValues = 1 << 24;

    /// <summary>The most values of all tensors of one image.</summary>
    public const long MostNetworkValues = 1L << 26;

    /// <summary>The most elements of one array of weights, and of all of a network.</summary>
    public const int MostWeights = 1 << 29;

    /// <summary>The most taps of all windows of one plane: output positions times taps.</summary>
    public const long MostTaps = 1L << 26;

    /// <summary>The most products that one layer takes for one image.</summary>
    public const long MostProducts = 1L << 34;

    /// <summary>Values of a tensor or a plane of it.</summary>
    /// <exception cref="SizeException">They are too many.</exception>
    public static int Values(int a, int b)
    {
        long product = (long)a * b;
        if (product is < 0 or > MostValues) Refuse(product, MostValues);
        return (int)product;
    }

    /// <summary>Weights, or elements of another array that a file holds.</summary>
    /// <exception cref="SizeException">They are too many.</exception>
    public static int Weights(params ReadOnlySpan<int> extents) => Within(MostWeights, extents);

    /// <summary>Elements of an array in memory: so many things of so many elements each.</summary>
    /// <exception cref="SizeException">They are more than an array holds.</exception>
    public static int Elements(int count, int each) => Within(Array.MaxLength, [count, each]);

    /// <summary>Extents as one product; null where it is more than a bound.</summary>
    public static long? Product(long most, params ReadOnlySpan<long> extents)
    {
        long product = 1;
        bool isEmpty = false;
        foreach (long extent in extents)
        {
            if (extent < 0) return null;
            isEmpty |= extent == 0;
            if (extent > 0) product = product > most / extent ? most + 1 : product * extent;
        }

        return isEmpty ? 0 : product > most ? null : product;
    }

    /// <summary>Null where a tensor of a shape can be held, else why not.</summary>
    public static string? WhyNot(TensorShape shape) =>
        Product(MostValues, shape.Channels, shape.Rows, shape.Columns) is null
            ? $"{shape} values are too many (at most {MostValues} in a tensor)"
            : null;

    private static int Within(int most, ReadOnlySpan<int> extents)
    {
        long product = 1;
        foreach (int extent in extents)
        {
            product *= extent;
            if (product < 0 || product > most) Refuse(product, most);
        }

        return (int)product;
    }

    [DoesNotReturn]
    private static void Refuse(long product, long most) => throw new SizeException(
        product < 0
            ? "a size is less than 0"
            : $"{product} values are too many (at most {most})");
}
