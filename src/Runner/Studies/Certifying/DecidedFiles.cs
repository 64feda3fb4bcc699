using System.Text.Json;
using QSim.Attacks.Evaluation;
using QSim.Runner.Output;
using QSim.Simulator;
using QSim.Simulator.Files;

namespace QSim.Runner.Studies.Certifying;

/// <summary>Files of a folder of certificates: one an image, by what was decided.</summary>
internal static class DecidedFiles
{
    /// <summary>How names of certificates end.</summary>
    public const string Proved = ".json";

    /// <summary>How names of counterexamples end.</summary>
    public const string Broken = ".broken.json";

    /// <summary>How names end of files that say how far an image was searched.</summary>
    public const string Undecided = ".undecided.json";

    /// <summary>The name of a file.</summary>
    public static string NameOf(string profile, Epsilon epsilon, int image, string end) =>
        Untrusted.FileName($"{profile}-{epsilon}-{image}{end}");

    /// <summary>Reads one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="schema">The format that it should have.</param>
    /// <exception cref="RequestException">It is of another format.</exception>
    /// <exception cref="InputException">It cannot be read, or is none of these.</exception>
    public static T Read<T>(string path, string schema)
        where T : DecidedFile
    {
        try
        {
            T file = Json.Parse<T>(InputFile.Read(path));
            return file.Schema == schema
                ? file
                : throw new RequestException(
                    $"{path}: is of format '{file.Schema}' (supported: {schema})");
        }
        catch (JsonException)
        {
            string what = schema == CounterexampleFile.SchemaName
                ? "a counterexample"
                : "a certificate";
            throw new InputException(
                InputError.InBinary(path, $"is not {what}, or is damaged"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(InputError.InBinary(path, e.Message.TrimEnd('.')));
        }
    }
}
