using System.ComponentModel;
using System.Diagnostics;
using QSim.Runner.Output;

namespace QSim.Runner.Silicon;

/// <summary>Starts a program of the hardware tools and reads what it says.</summary>
internal static class StartedProgram
{
    /// <summary>Exit codes above it are of signals.</summary>
    private const int Signal = 128;

    /// <summary>Bytes: a page, of which a full disk has none.</summary>
    private const int Room = 4096;

    private static readonly TimeSpan SignalDelay = TimeSpan.FromSeconds(2);

    /// <summary>What a program writes to stdout.</summary>
    /// <param name="folder">Where it works: a temporary folder.</param>
    /// <param name="program">Its absolute path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Ends it, and what it started.</param>
    /// <exception cref="RequestException">
    /// It cannot be started, fails, or the disk is full.
    /// </exception>
    public static string Run(
        string folder, string program, string[] arguments, CancellationToken cancellation)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
                // Programs that fail leave temporary files; ours go with the folder.
                Environment = { ["TMPDIR"] = folder },
            })!;
            process.StandardInput.Close();
            using CancellationTokenRegistration stop = cancellation.Register(
                () => process.Kill(entireProcessTree: true));
            Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();

            // Ctrl-C in a terminal goes to both: the program may have ended before we hear of it.
            if (process.ExitCode > Signal) cancellation.WaitHandle.WaitOne(SignalDelay);
            cancellation.ThrowIfCancellationRequested();
            CheckRoom(folder, program);
            return process.ExitCode == 0
                ? output
                : throw new RequestException(
                    $"'{Path.GetFileName(program)} {string.Join(' ', arguments)}' failed: "
                        + $"{Untrusted.Line(Reason(errors.Result, output))}");
        }
        catch (Win32Exception e)
        {
            throw new RequestException($"{program} cannot be started: {e.Message}");
        }
    }

    /// <summary>
    /// Programs that cannot write all of a file end as if they had, and the next one reads half.
    /// </summary>
    private static void CheckRoom(string folder, string program)
    {
        string probe = Path.Combine(folder, Path.GetRandomFileName());
        try
        {
            File.WriteAllBytes(probe, new byte[Room]);
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            throw new RequestException(
                $"{Path.GetTempPath()}: has no room for what '{Path.GetFileName(program)}' writes "
                    + "(TMPDIR names another folder)");
        }
        finally
        {
            File.Delete(probe);
        }
    }

    /// <summary>The first line of stderr, or the last of what was said before the end.</summary>
    private static string Reason(string errors, string output) =>
        Lines(errors).FirstOrDefault() ?? Lines(output).LastOrDefault()
        ?? "it does not say why";

    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0);
}
