using System.Runtime.InteropServices;
using QSim.Runner.Output;

namespace QSim.Runner.CommandLine;

/// <summary>
/// Turns the first Ctrl-C (or request to terminate) into a cancelled token, so that a run can
/// finish its bookkeeping; the second one ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Screen _screen;

    /// <summary>Starts listening.</summary>
    public Interruption(Screen screen)
    {
        _screen = screen;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            // The terminal was closed.
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested) return;
        context.Cancel = true;
        _screen.Note("stopping after what is at work (once more to stop at once)");
        _source.Cancel();
    }
}
