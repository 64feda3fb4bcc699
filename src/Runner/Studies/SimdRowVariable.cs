using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;

namespace QSim.Runner.Studies;

/// <summary>
/// The environment variable that makes the SIMD backend run layers by one of its loops, wherever
/// that loop is exact: for comparing loops with each other.
/// </summary>
internal static class SimdRowVariable
{
    public const string Name = "QSIM_SIMD_ROW";

    /// <summary>The backend as the variable wants it; others than SIMD as they are.</summary>
    /// <exception cref="RequestException">The variable names no row.</exception>
    public static IBackend Apply(IBackend backend) =>
        backend is SimdBackend && Row is { } row ? new SimdBackend(row) : backend;

    /// <summary>The row that the variable names; null when it is not set.</summary>
    /// <exception cref="RequestException">It names none.</exception>
    public static string? Row
    {
        get
        {
            string? row = Environment.GetEnvironmentVariable(Name);
            if (string.IsNullOrEmpty(row)) return null;
            string[] known = [.. SimdBackend.Rows.Select(r => r.Name)];
            return known.Contains(row)
                ? row
                : throw new RequestException(
                    $"{Name}: '{row}' is not a loop of the SIMD backend"
                        + $" (supported: {string.Join(", ", known)})");
        }
    }
}
