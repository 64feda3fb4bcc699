using System.Diagnostics;
using System.Globalization;
using QSim.Runner.Output;

namespace QSim.Runner.Cluster;

/// <summary>
/// A task in a process of its own. It ends with this one, however that ends: its standard input is
/// a pipe from here, and it stops when that closes.
/// </summary>
internal sealed class LocalTask : IDisposable
{
    /// <summary>Where what the tasks say goes, in the run's folder.</summary>
    public const string LogFolder = "logs";

    private readonly Process _process;
    private readonly TaskLines _said;

    /// <summary>Starts one.</summary>
    /// <param name="run">The run.</param>
    /// <param name="number">The task.</param>
    /// <param name="attempt">How often it was tried, this time included.</param>
    /// <param name="processors">How many it may use.</param>
    public LocalTask(SubmittedRun run, int number, int attempt, int processors)
    {
        (Number, Attempt) = (number, attempt);
        string folder = Path.Combine(run.Path, LogFolder);
        Directory.CreateDirectory(folder);
        LogPath = Path.Combine(folder, SubmittedRun.NameOf(number) + ".log");
        if (OwnFile.IsLink(LogPath))
            throw new IOException($"{LogPath}: is a link where a file of QSim's own is needed");
        _said = new(new FileStream(
            LogPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0));
        string[] task =
        [
            .. SelfCommand.Words.Skip(1),
            .. SelfCommand.Task(run.Path, number.ToString(CultureInfo.InvariantCulture)),
            "--stop-with-stdin",
        ];
        _process = Process.Start(new ProcessStartInfo(SelfCommand.Words[0], task)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_PROCESSOR_COUNT"] = processors.ToString(CultureInfo.InvariantCulture),
            },
        })!;
        _process.OutputDataReceived += (_, line) => _said.Add(line.Data);
        _process.ErrorDataReceived += (_, line) => _said.Add(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The task.</summary>
    public int Number { get; }

    /// <summary>How often it was tried.</summary>
    public int Attempt { get; }

    /// <summary>Where what it says goes.</summary>
    public string LogPath { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>How it ended, in words.</summary>
    public string Ending()
    {
        _process.WaitForExit();
        return _said.Last.Length > 0
            ? _said.Last
            : string.Create(CultureInfo.InvariantCulture, $"exit code {_process.ExitCode}");
    }

    /// <summary>Asks it to stop; what it finished is kept.</summary>
    public void Stop() => _process.StandardInput.Close();

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.WaitForExit();
        _process.Dispose();
        _said.Dispose();
    }
}
