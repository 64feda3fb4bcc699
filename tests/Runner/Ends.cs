using System.Diagnostics;

namespace QSim.Runner.Tests;

/// <summary>What a process left behind.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Out">Everything on stdout, where that is a pipe.</param>
/// <param name="Error">Everything on stderr, where that is a pipe.</param>
internal sealed record Finished(int ExitCode, string Out, string Error);

/// <summary>
/// Waits for processes and for what they do, and for none of it for ever: the one limit for all,
/// far beyond what anything takes on a machine that does other work.
/// </summary>
internal static class Ends
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Waits for a process, and reads what it says meanwhile.</summary>
    /// <param name="process">The process.</param>
    /// <param name="sent">All that its stdin has; null leaves that alone.</param>
    /// <exception cref="TimeoutException">It does not end; it is killed.</exception>
    public static Finished Of(Process process, byte[]? sent = null)
    {
        ProcessStartInfo start = process.StartInfo;
        Task<string> output = Read(start.RedirectStandardOutput, () => process.StandardOutput);
        Task<string> error = Read(start.RedirectStandardError, () => process.StandardError);
        if (sent is not null)
        {
            process.StandardInput.BaseStream.Write(sent);
            process.StandardInput.Close();
        }

        bool isOver = process.WaitForExit(Limit);
        // What it started may have its pipes still.
        if (isOver && Task.WaitAll([output, error], Limit))
            return new(process.ExitCode, output.Result, error.Result);
        process.Kill(entireProcessTree: true);
        throw new TimeoutException($"{start.FileName} did not end within {Limit}");
    }

    /// <summary>Starts a program and waits for it.</summary>
    public static Finished Of(ProcessStartInfo start)
    {
        using Process process = Process.Start(start)!;
        return Of(process);
    }

    /// <summary>The same for one that says nothing: its exit code.</summary>
    public static int Of(string program, params string[] arguments) =>
        Of(new ProcessStartInfo(program, arguments)).ExitCode;

    /// <summary>Kills a process and waits for its end.</summary>
    public static void Kill(Process process)
    {
        process.Kill();
        Of(process);
    }

    /// <summary>Waits until something is so, or the process has ended that would make it so.
    /// </summary>
    public static void When(Func<bool> isSo, Process? process = null)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isSo() && process?.HasExited != true)
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                process?.Kill(entireProcessTree: true);
                throw new TimeoutException($"nothing came within {Limit}");
            }

            Thread.Sleep(5);
        }
    }

    /// <summary>Reads lines up to one; those before it, and it; all where it never comes.</summary>
    public static string LinesTo(StreamReader reader, Func<string, bool> isLast)
    {
        string all = "";
        while (reader.ReadLineAsync().WaitAsync(Limit).GetAwaiter().GetResult() is { } line)
        {
            all += line + "\n";
            if (isLast(line)) break;
        }

        return all;
    }

    private static Task<string> Read(bool isPipe, Func<StreamReader> stream) =>
        isPipe ? stream().ReadToEndAsync() : Task.FromResult("");
}
