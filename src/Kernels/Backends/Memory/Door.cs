using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Memory;

/// <summary>
/// What code that works on pointers asks for before it starts, checked in release builds, too: a
/// condition that does not hold is a defect, and ends the run before memory is touched.
/// </summary>
internal static class Door
{
    /// <summary>Throws unless a condition holds.</summary>
    /// <param name="holds">The condition.</param>
    /// <param name="condition">Its text, for the message.</param>
    /// <exception cref="InvalidOperationException">It does not hold.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Needs(
        [DoesNotReturnIf(false)] bool holds,
        [CallerArgumentExpression(nameof(holds))] string condition = "")
    {
        if (!holds) Fail(condition);
    }

    [DoesNotReturn]
    private static void Fail(string condition) =>
        throw new InvalidOperationException($"a loop over memory needs {condition}");
}
