using System.Collections.Immutable;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;

namespace QSim.Runner.Explanations;

/// <summary>
/// Where a user's arrays have their channels: a network says which shape it takes, and its layers
/// which they make, so most arrays fit in one way only. Extents of 1 count for nothing: values of
/// 16x1x1 may come as <c>[image, 16]</c>.
/// </summary>
/// <param name="isLast">Where arrays that fit in both ways have them.</param>
internal sealed class GoldenLayout(bool isLast)
{
    /// <summary>Of a network's file; TensorFlow Lite has channels last.</summary>
    public static GoldenLayout Of(string network) => new(
        NetworkFile.IsPath(network)
        && network.EndsWith(".tflite", StringComparison.OrdinalIgnoreCase));

    /// <summary>The shape that a network says its images have; null where it leaves it open.
    /// </summary>
    public static TensorShape? Declared(string network)
    {
        try
        {
            return NetworkFile.IsPath(network)
                ? NetworkFile.Load(network).Network.Input
                : NetworkPresets.Create(network).Input;
        }
        catch (Exception e) when (e is InputException or ArgumentException)
        {
            // Whatever else is wrong with it is said when it is loaded for these images.
            return null;
        }
    }

    /// <summary>Whether an array has channels last; null where it fits in no way.</summary>
    /// <param name="array">Its extents, the first that of images.</param>
    /// <param name="shape">Of one image's values.</param>
    public bool? IsLast(ImmutableArray<int> array, TensorShape shape)
    {
        bool canBeFirst = Is(shape.Channels, shape.Rows, shape.Columns),
            canBeLast = Is(shape.Rows, shape.Columns, shape.Channels);
        return canBeFirst && canBeLast ? isLast : canBeFirst ? false : canBeLast ? true : null;

        bool Is(params int[] extents) =>
            extents.Where(e => e > 1).SequenceEqual(array.Skip(1).Where(e => e > 1));
    }

    /// <summary>Values as [image][channel][row][column]; those that fit in no way as they are.
    /// </summary>
    public T[] InOrder<T>(T[] values, ImmutableArray<int> array, TensorShape shape)
    {
        if (IsLast(array, shape) != true || shape.Length < 1) return values;
        var result = new T[values.Length];
        for (int start = 0; start + shape.Length <= values.Length; start += shape.Length)
            for (int p = 0; p < shape.Positions; p++)
                for (int c = 0; c < shape.Channels; c++)
                    result[start + (c * shape.Positions) + p] =
                        values[start + (p * shape.Channels) + c];
        return result;
    }
}
