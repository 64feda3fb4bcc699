using System.Diagnostics;

namespace QSim.Fuzz;

/// <summary>Ends the process where a mutant hangs, working or waiting.</summary>
internal sealed class Watch : IDisposable
{
    private static readonly TimeSpan MostWork = TimeSpan.FromSeconds(60),
        MostWait = TimeSpan.FromMinutes(15), Look = TimeSpan.FromSeconds(5);

    private readonly Timer _timer;
    private TimeSpan _work;
    private long _since;

    /// <summary>Looks from now on.</summary>
    public Watch()
    {
        Begin();
        _timer = new(_ => Check(), null, Look, Look);
    }

    /// <summary>Another mutant begins.</summary>
    public void Begin()
    {
        _work = Environment.CpuUsage.TotalTime;
        Volatile.Write(ref _since, Stopwatch.GetTimestamp());
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Check()
    {
        if (Environment.CpuUsage.TotalTime - _work > MostWork
            || Stopwatch.GetElapsedTime(Volatile.Read(ref _since)) > MostWait)
            Environment.FailFast("hangs");
    }
}
