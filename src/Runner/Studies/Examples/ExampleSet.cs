using System.Runtime.InteropServices;
using QSim.Attacks.Evaluation;

namespace QSim.Runner.Studies.Examples;

/// <summary>
/// A few attacked images for people to look at: <c>examples.json</c> in a run's folder.
/// </summary>
/// <param name="Channels">Channels of an image.</param>
/// <param name="Rows">Its height.</param>
/// <param name="Columns">Its width.</param>
/// <param name="Images">The images.</param>
internal sealed record ExampleSet(
    int Channels, int Rows, int Columns, IReadOnlyList<Example> Images)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "examples.json";

    /// <summary>The version of the format.</summary>
    public string Schema { get; init; } = "qsim/examples/1";

    /// <summary>Whether the images have the size that they should, and pixels in [0, 1].</summary>
    /// <param name="length">Values per image.</param>
    public bool IsWhole(int length) =>
        Channels > 0 && Rows > 0 && Columns > 0
        && (Int128)Channels * Rows * Columns == length
        && Images.All(e =>
            double.IsFinite(e.Epsilon.Value)
            && IsImage(e.Original, length) && IsImage(e.Adversarial, length));

    private static bool IsImage(string base64, int length)
    {
        byte[] bytes = new byte[(long)length * sizeof(float)];
        return Convert.TryFromBase64String(base64, bytes, out int count) && count == bytes.Length
            && MemoryMarshal.Cast<byte, float>(bytes).IndexOfAnyExceptInRange(0f, 1f) < 0;
    }
}

/// <summary>
/// An image that one of two targets gets wrong under attack, and the other right.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Threat">What the attacker knew.</param>
/// <param name="Attack">The attack.</param>
/// <param name="Epsilon">The budget.</param>
/// <param name="Image">Index among the test images, from 0.</param>
/// <param name="Label">Its class.</param>
/// <param name="Broken">
/// The target that gets it wrong under its own attack: these are that attack's pixels.
/// </param>
/// <param name="Standing">The target that the attack on itself did not break.</param>
/// <param name="Original">
/// Pixels as little-endian float32, [channel][row][column], in base64.
/// </param>
/// <param name="Adversarial">The same after the attack.</param>
/// <param name="Decisions">What both targets say.</param>
internal sealed record Example(
    ulong Seed, ThreatModel Threat, string Attack, Epsilon Epsilon, int Image, int Label,
    string Broken, string Standing, string Original, string Adversarial,
    IReadOnlyList<ExampleDecision> Decisions);

/// <summary>What a target says of an example.</summary>
/// <param name="Target">The target.</param>
/// <param name="Clean">Its class for the image as it was.</param>
/// <param name="Adversarial">
/// Its class for the image as the attack on the broken target left it.
/// </param>
internal sealed record ExampleDecision(string Target, int Clean, int Adversarial);

/// <summary>An example that is still to be made.</summary>
/// <param name="Cell">The attack on the target that breaks.</param>
/// <param name="Standing">The other target.</param>
/// <param name="Image">The image.</param>
internal sealed record WantedExample(Cells.CellAddress Cell, string Standing, int Image);
