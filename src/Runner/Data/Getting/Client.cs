using System.ComponentModel;
using System.Diagnostics;
using QSim.Runner.Output;

namespace QSim.Runner.Data.Getting;

/// <summary>A package manager's own command.</summary>
internal static class Client
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Runs it to its end in a folder.</summary>
    /// <exception cref="OriginException">It is not installed, failed, or did not end.</exception>
    public static async Task Run(
        string folder, CancellationToken cancellation, string command, params string[] arguments)
    {
        using Process process = Start(folder, command, arguments);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            await output;
            if (process.ExitCode != 0)
                throw new OriginException(
                    $"'{command} {string.Join(' ', arguments)}' failed: {LastLine(await error)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new OriginException(
                $"'{command}' did not end within {Limit.TotalMinutes:F0} minutes");
        }
    }

    private static Process Start(string folder, string command, string[] arguments)
    {
        string program =
            Programs.Find(command) ?? throw new OriginException($"'{command}' is not installed");
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception e)
        {
            throw new OriginException($"{program} cannot be started: {e.Message}");
        }
    }

    /// <summary>What a failing command says last is usually why.</summary>
    private static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .LastOrDefault()
        ?? "it does not say why";
}
