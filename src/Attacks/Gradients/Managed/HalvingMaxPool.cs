using System.Runtime.CompilerServices;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>Max pooling over 2x2 squares with stride 2, the common case, without branches.</summary>
internal static unsafe class HalvingMaxPool
{
    /// <summary>
    /// Fills the outputs of one plane and the position of each winner, the first in row order among equals.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* plane, int columns, float* output, int* winner, int outputRows, int outputColumns)
    {
        for (int r = 0; r < outputRows; r++)
        {
            float* upper = plane + (2 * r * columns), lower = upper + columns;
            int at = 2 * r * columns;
            for (int c = 0; c < outputColumns; c++, upper += 2, lower += 2, at += 2)
            {
                // Differences of flags instead of branches: activations make bad predictions.
                int first = ToInt(upper[1] > upper[0]);
                int second = ToInt(lower[1] > lower[0]);
                float above = upper[first], below = lower[second];
                int isBelow = ToInt(below > above);
                *output++ = MathF.Max(above, below);
                *winner++ = at + first + (isBelow * (columns + second - first));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ToInt(bool flag) => *(byte*)&flag;
}
