namespace QSim.Runner.Output.Progress;

/// <summary>Told how a long piece of work gets on. Stages follow each other.</summary>
internal interface IProgressSink
{
    /// <summary>A stage begins; the one before it is done.</summary>
    void Begin(string stage);

    /// <summary>How far the stage is.</summary>
    /// <param name="share">0..1.</param>
    /// <param name="detail">What it is busy with.</param>
    void Report(double share, string detail);
}
