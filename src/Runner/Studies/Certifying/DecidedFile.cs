using System.Text.Json.Serialization;
using QSim.Attacks.Evaluation;

namespace QSim.Runner.Studies.Certifying;

/// <summary>What is written of an image, whatever was decided: which, and under what.</summary>
internal abstract record DecidedFile
{
    private const int InFront = -1;

    /// <summary>A file of a format.</summary>
    protected DecidedFile(string schema) => Schema = schema;

    /// <summary>The version of the format that it has.</summary>
    [JsonPropertyOrder(InFront)]
    public string Schema { get; init; }

    /// <summary>The hardware.</summary>
    [JsonPropertyOrder(InFront)]
    public required string Profile { get; init; }

    /// <summary>The program that it is of, by content.</summary>
    [JsonPropertyOrder(InFront)]
    public required string ProgramSha256 { get; init; }

    /// <summary>Index of the test image.</summary>
    [JsonPropertyOrder(InFront)]
    public required int Image { get; init; }

    /// <summary>The budget, under L-infinity.</summary>
    [JsonPropertyOrder(InFront)]
    public required Epsilon Epsilon { get; init; }

    /// <summary>Pixels are multiples of its inverse; 0 where any value will do.</summary>
    [JsonPropertyOrder(InFront)]
    public required int PixelLevels { get; init; }
}
