using System.Text;

namespace QSim.Runner.Cluster;

/// <summary>
/// What a task says, line by line, as threads of the runtime hand it on: nothing that goes wrong
/// here may reach them, for that would end the process.
/// </summary>
/// <param name="log">Where lines go; without a buffer, so that none is lost with this.</param>
internal sealed class TaskLines(Stream log) : IDisposable
{
    private readonly Lock _lock = new();
    private string _last = "";

    /// <summary>The last line; empty before there is one.</summary>
    public string Last
    {
        get
        {
            lock (_lock) return _last;
        }
    }

    /// <summary>Keeps a line; null is the end of a stream.</summary>
    public void Add(string? line)
    {
        if (line is null) return;
        lock (_lock)
        {
            _last = line;
            try
            {
                log.Write(Encoding.UTF8.GetBytes(line + "\n"));
            }
            catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
            {
                // A full disk, or the most that a file may have: what a task measures counts, and
                // it says itself where that has no room.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock) log.Dispose();
    }
}
