using System.Numerics;
using System.Runtime.InteropServices;

namespace QSim.Certificates.Linear;

/// <summary>Sums of rows of coefficients, vectors across the rows.</summary>
internal static class Axpy
{
    /// <summary>Effectively computes <c>target[r] += factor * source[r]</c>.</summary>
    public static void Add(Span<double> target, double factor, ReadOnlySpan<double> source)
    {
        Span<Vector<double>> to = MemoryMarshal.Cast<double, Vector<double>>(target);
        ReadOnlySpan<Vector<double>> from = MemoryMarshal.Cast<double, Vector<double>>(source);
        var weight = new Vector<double>(factor);
        for (int v = 0; v < to.Length && v < from.Length; v++)
            to[v] = Vector.FusedMultiplyAdd(weight, from[v], to[v]);
    }

    /// <summary>
    /// Effectively computes <c>target[j][r] += sum over i of weights[i][j] * source[i][r]</c> for
    /// the sources that are live: sums stay in registers.
    /// </summary>
    /// <param name="target">[j][row].</param>
    /// <param name="weights">[i][j].</param>
    /// <param name="source">[i][row].</param>
    /// <param name="live">The sources that are not zero.</param>
    /// <param name="rows">A multiple of a vector's length, of four of them beyond three.</param>
    public static void AddProduct(
        Span<double> target, ReadOnlySpan<double> weights, ReadOnlySpan<double> source,
        ReadOnlySpan<int> live, int rows)
    {
        int depth = target.Length / rows, width = rows / Vector<double>.Count;
        if (width < 4)
        {
            foreach (int i in live)
                for (int j = 0; j < depth; j++)
                    Add(
                        target.Slice(j * rows, rows), weights[(i * depth) + j],
                        source.Slice(i * rows, rows));
            return;
        }

        Span<Vector<double>> to = MemoryMarshal.Cast<double, Vector<double>>(target);
        ReadOnlySpan<Vector<double>> from = MemoryMarshal.Cast<double, Vector<double>>(source);
        for (int j = 0; j < depth; j++)
        {
            for (int v = 0; v < width; v += 4)
            {
                Vector<double> a = to[(j * width) + v], b = to[(j * width) + v + 1],
                    c = to[(j * width) + v + 2], d = to[(j * width) + v + 3];
                foreach (int i in live)
                {
                    var weight = new Vector<double>(weights[(i * depth) + j]);
                    int at = (i * width) + v;
                    a = Vector.FusedMultiplyAdd(weight, from[at], a);
                    b = Vector.FusedMultiplyAdd(weight, from[at + 1], b);
                    c = Vector.FusedMultiplyAdd(weight, from[at + 2], c);
                    d = Vector.FusedMultiplyAdd(weight, from[at + 3], d);
                }

                (to[(j * width) + v], to[(j * width) + v + 1]) = (a, b);
                (to[(j * width) + v + 2], to[(j * width) + v + 3]) = (c, d);
            }
        }
    }
}
