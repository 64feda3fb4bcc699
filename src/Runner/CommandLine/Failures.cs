using System.Text.RegularExpressions;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Runner.Output;
using QSim.Simulator;
using QSim.Simulator.Quantization;

namespace QSim.Runner.CommandLine;

/// <summary>The one place where an exception becomes a line on stderr and an exit code.</summary>
internal static partial class Failures
{
    /// <summary>Set to 1 to see the stack trace of any failure.</summary>
    public const string TraceVariable = "QSIM_TRACE";

    /// <summary>Reports the exception; returns the exit code.</summary>
    public static ExitCode Report(Exception exception, Screen screen)
    {
        ExitCode code = CodeOf(exception);
        if (exception is InputException input)
            foreach (string line in LinesOf(input)) screen.Note(line);
        else
            screen.Error(Line(exception, code));
        if (Environment.GetEnvironmentVariable(TraceVariable) == "1")
            screen.Note(exception.ToString());
        return code;
    }

    /// <summary>Whether what was asked cannot be; not that a disk or device failed.</summary>
    public static bool IsRefusal(Exception exception) =>
        exception is RequestException or InputException or QuantizationException;

    /// <summary>What went wrong, for a program that asked: the lines that a user sees.</summary>
    public static (ExitCode Code, string Text) Describe(Exception exception)
    {
        ExitCode code = CodeOf(exception);
        return (code, exception is InputException input
            ? string.Join('\n', LinesOf(input))
            : Line(exception, code));
    }

    private static string Line(Exception exception, ExitCode code) => code switch
    {
        ExitCode.Interrupted => "interrupted",
        ExitCode.InternalError =>
            $"internal error: {exception.GetType().Name}: {OneLine(exception)} (this is a defect "
                + $"in QSim; {TraceVariable}=1 shows the trace)",
        ExitCode.Done or ExitCode.GateFailed or ExitCode.UsageError => OneLine(exception),
    };

    private static IEnumerable<string> LinesOf(InputException input)
    {
        foreach (InputError error in input.Errors.Take(InputException.MostShown))
            yield return error.ToString();
        int more = input.Errors.Length - InputException.MostShown;
        if (more > 0) yield return $"and {more} more";
    }

    private static ExitCode CodeOf(Exception exception) => exception switch
    {
        OperationCanceledException => ExitCode.Interrupted,
        DeviceException => ExitCode.UsageError,
        _ when IsRefusal(exception) => ExitCode.UsageError,
        IOException or UnauthorizedAccessException => ExitCode.UsageError,
        _ when OwnFile.IsTooLarge(exception) => ExitCode.UsageError,
        SizeException or OutOfMemoryException => ExitCode.UsageError,
        _ => ExitCode.InternalError,
    };

    private static string OneLine(Exception exception)
    {
        if (OwnFile.IsTooLarge(exception))
            return $"a file {OwnFile.TooLarge}";
        if (exception is OutOfMemoryException)
            return "there is not enough memory for this: try a smaller network, fewer images or "
                + "fewer threads";
        if (exception is UnauthorizedAccessException
            && Denied().Match(exception.Message) is { Success: true } denied)
            return Brief.Message(AccessDenied(denied.Groups[1].Value));
        string line = string.Join(
            ' ', exception.Message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
        return Brief.Message(line);
    }

    /// <summary>The file, and the folder of it that is there.</summary>
    private static string AccessDenied(string path)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        while (folder is not null && !Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder);
        return $"{path}: permission denied (folder {folder})";
    }

    [GeneratedRegex("^Access to the path '(.*)' is denied")]
    private static partial Regex Denied();
}
