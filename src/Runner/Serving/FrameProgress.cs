using System.Diagnostics;
using QSim.Runner.Output.Progress;

namespace QSim.Runner.Serving;

/// <summary>
/// Tells a client how its request gets on. Where nobody reads any more, the work is for nothing and
/// is cancelled.
/// </summary>
/// <param name="writer">Where to.</param>
/// <param name="id">The request.</param>
/// <param name="gone">Cancelled when the client is gone.</param>
internal sealed class FrameProgress(
    FrameWriter writer, uint id, CancellationTokenSource gone) : IProgressSink
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(0.25);

    private readonly Stopwatch _since = Stopwatch.StartNew();
    private string _stage = "";

    /// <inheritdoc/>
    public void Begin(string stage)
    {
        _stage = stage;
        Say(0, "");
    }

    /// <inheritdoc/>
    public void Report(double share, string detail)
    {
        if (_since.Elapsed >= Between) Say(share, detail);
    }

    private void Say(double share, string detail)
    {
        _since.Restart();
        try
        {
            writer.Write(FrameKind.Progress, id, new(new Dictionary<string, object?>
            {
                ["stage"] = _stage,
                ["share"] = Math.Round(share, 4),
                ["detail"] = detail,
            }));
        }
        catch (IOException)
        {
            gone.Cancel();
        }
    }
}
