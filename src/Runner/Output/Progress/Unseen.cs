namespace QSim.Runner.Output.Progress;

/// <summary>Progress that nobody watches.</summary>
internal sealed class Unseen : IProgressSink
{
    /// <summary>The one.</summary>
    public static Unseen Progress { get; } = new();

    /// <inheritdoc/>
    public void Begin(string stage)
    {
    }

    /// <inheritdoc/>
    public void Report(double share, string detail)
    {
    }
}
