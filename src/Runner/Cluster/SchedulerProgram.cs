using System.ComponentModel;
using System.Diagnostics;
using QSim.Runner.Output;

namespace QSim.Runner.Cluster;

/// <summary>A scheduler's own command: started, fed, and heard to its end.</summary>
/// <param name="path">Its absolute path.</param>
internal sealed class SchedulerProgram(string path)
{
    /// <summary>A command on PATH; null where there is none.</summary>
    public static SchedulerProgram? Find(string name) =>
        Programs.Find(name) is { } path ? new(path) : null;

    /// <summary>What it writes to stdout.</summary>
    /// <param name="input">What it is given on stdin.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="RequestException">It cannot be started, or fails.</exception>
    public string Run(string input, params IEnumerable<string> arguments)
    {
        string name = Path.GetFileName(path);
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(path, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Feed(process, input);
            process.WaitForExit();
            return process.ExitCode == 0
                ? output.Result
                : throw new RequestException(
                    $"{name} refused: {Untrusted.Line(Reason(errors.Result, name))}");
        }
        catch (Win32Exception e)
        {
            throw new RequestException($"{path} cannot be started: {e.Message}");
        }
    }

    private static void Feed(Process process, string input)
    {
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It refuses before it reads, and says why.
        }
    }

    /// <summary>Its first complaint, without its own name before it.</summary>
    private static string Reason(string errors, string name)
    {
        // Of a queue that is full sbatch first says several times that it tries again.
        string first = errors.Split('\n').Select(l => l.Trim())
            .FirstOrDefault(l => l.Length > 0 && !l.EndsWith("retrying", StringComparison.Ordinal))
            ?? "it does not say why";
        foreach (string before in new[] { $"{name}: ", "error: ", "fatal: " })
            if (first.StartsWith(before, StringComparison.Ordinal))
                first = first[before.Length..];
        return first;
    }
}
