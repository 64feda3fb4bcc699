using System.CommandLine;

namespace QSim.Runner.Commands;

/// <summary>The argument that names a profile.</summary>
internal static class ProfileArgument
{
    /// <summary>The argument that names one profile.</summary>
    public static Argument<string> Of(string name = "profile") =>
        new(name) { Description = "A shipped profile's name, or a file." };
}
