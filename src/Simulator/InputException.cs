using System.Collections.Immutable;

namespace QSim.Simulator;

/// <summary>One thing that is wrong with a file that a user wrote.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Line">Line, from 1; 0 where the file has no lines, as a network's.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Path">
/// The dotted key, as in <c>mac.accumulator.bits</c>; empty when no key is to blame.
/// </param>
/// <param name="Message">What was found and what is supported, without a full stop.</param>
public sealed record InputError(string File, int Line, int Column, string Path, string Message)
{
    /// <summary>
    /// For example <c>edge.yaml:14:9: mac.accumulator.bits: 72 is more than 64 (supported:
    /// 2..64)</c>.
    /// </summary>
    /// <remarks>Never longer than a line that somebody reads, whatever the file holds.</remarks>
    public override string ToString() =>
        OneLine(
            $"{Brief.Message(File)}{(Line > 0 ? $":{Line}:{Column}" : "")}: "
                + Brief.Message(
                    $"{(Path.Length == 0 ? "" : Brief.Name(Path) + ": ")}{Message}"));

    /// <summary>An error in a file that has no lines.</summary>
    public static InputError InBinary(string file, string message) => new(file, 0, 0, "", message);

    /// <summary>
    /// Keys and file names may hold any character, and an error is one line all the same.
    /// </summary>
    private static string OneLine(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}

/// <summary>
/// A profile, study, dataset or other input is wrong: everything that was found, in file order.
/// </summary>
public sealed class InputException : Exception
{
    /// <summary>The most errors that are shown of one file.</summary>
    public const int MostShown = 20;

    /// <summary>Everything that is wrong.</summary>
    /// <exception cref="ArgumentException">There is no error.</exception>
    public InputException(IEnumerable<InputError> errors)
        : this([.. errors.Distinct().OrderBy(e => e.File, StringComparer.Ordinal)
            .ThenBy(e => e.Line).ThenBy(e => e.Column)])
    {
    }

    /// <summary>One error.</summary>
    public InputException(InputError error) : this([error])
    {
    }

    private InputException(ImmutableArray<InputError> errors)
        : base(string.Join('\n', errors.Take(MostShown)))
    {
        if (errors.IsEmpty) throw new ArgumentException("an input error without errors");
        Errors = errors;
    }

    /// <summary>At least one.</summary>
    public ImmutableArray<InputError> Errors { get; }
}
