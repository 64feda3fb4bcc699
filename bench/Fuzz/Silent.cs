using QSim.Runner.Output.Progress;

namespace QSim.Fuzz;

/// <summary>Progress that nobody watches.</summary>
internal sealed class Silent : IProgressSink
{
    public void Begin(string stage)
    {
    }

    public void Report(double share, string detail)
    {
    }
}
