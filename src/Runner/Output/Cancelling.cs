namespace QSim.Runner.Output;

/// <summary>Long work that somebody may stop between two of its parts.</summary>
internal static class Cancelling
{
    /// <summary>The same items, until somebody stops.</summary>
    /// <exception cref="OperationCanceledException">Somebody did.</exception>
    public static IEnumerable<T> Until<T>(
        this IEnumerable<T> items, CancellationToken cancellation)
    {
        foreach (T item in items)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return item;
        }
    }
}
