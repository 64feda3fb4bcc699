using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace QSim.Attacks.Tests.Golden;

/// <summary>
/// Runs the reference script where some Python has PyTorch 1.13 (Debian's python3-torch).
/// </summary>
internal static class PyTorch
{
    private static readonly Lazy<string?> Found = new(
        () => new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(HasTorch));

    public static bool IsPresent => Found.Value is not null;

    public static JsonElement Run(object task)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Golden", "pytorch_reference.py");
        (int code, string output, string errors) = Start(
            Found.Value!, [script], JsonSerializer.Serialize(task));
        Assert.True(code == 0, errors);
        return JsonDocument.Parse(output).RootElement;
    }

    private static bool HasTorch(string python)
    {
        try
        {
            return Start(python, ["-c", "import torch; print(torch.__version__)"], "")
                .Output.StartsWith("1.13");
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static (int Code, string Output, string Errors) Start(
        string python, string[] arguments, string input)
    {
        var start = new ProcessStartInfo(python, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
