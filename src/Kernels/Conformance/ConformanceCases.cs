using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>
/// What every backend is held against the reference with. Tests and <c>qsim backends check</c> run
/// the same cases; a seed makes the same case again.
/// </summary>
internal static class ConformanceCases
{
    /// <summary>Group of <see cref="Random"/>.</summary>
    public const string RandomGroup = "random programs";

    private const int NumberPrograms = 96;

    /// <summary>Columns of a matrix product around the edges of tiles of 4, 32, 64, 128.</summary>
    private static readonly int[] Batches =
        [1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257];

    /// <summary>Filters and depths around the edges of tiles of 4, 16, 32, 64, 128.</summary>
    private static readonly (int Filters, int Depth)[] Edges =
    [
        (1, 8), (3, 15), (4, 16), (5, 17), (31, 31), (32, 32), (33, 33), (63, 63), (64, 64),
        (65, 65), (127, 95), (128, 96), (129, 97), (130, 127), (16, 128), (17, 129),
    ];

    /// <summary>Every depth that leaves another remainder: dense layers of 1 to 257.</summary>
    public static IEnumerable<ConformanceCase> Depths() =>
        Enumerable.Range(1, 257).Select(depth =>
        {
            QuantizedProgram program = ProgramGenerator.Dense(depth, depth, 1 + (depth % 20));
            return Case("depths 1 to 257", program, 2, depth);
        });

    /// <summary>Every law of the accumulator, signed and unsigned, in a convolution.</summary>
    public static IEnumerable<ConformanceCase> Laws() =>
        from law in LawPrograms.Names
        from inputSigned in new[] { true, false }
        from program in new[]
        {
            LawPrograms.Of(law, inputSigned), LawPrograms.Wide(law, inputSigned),
        }
        select Case("laws of the accumulator", program, 5, 1);

    /// <summary>Batches, filters and depths around the edges of every tile.</summary>
    public static IEnumerable<ConformanceCase> TileEdges()
    {
        string[] laws = ["exact", "saturating", "wrapping"];
        return
        [
            .. Batches.Select((images, i) => Case(
                "batches around tiles",
                LawPrograms.Matrix(laws[i % 3], i % 2 == 0, 40 + i, 30 + i), images, i)),
            .. Edges.Select((edge, i) => Case(
                "filters and depths around tiles",
                LawPrograms.Matrix(laws[i % 3], i % 2 == 1, edge.Depth, edge.Filters), 3, i)),
        ];
    }

    /// <summary>
    /// Enough programs of float32 numbers and of scales that depend on the image for each of their
    /// layers, functions and orders of sums: of random programs one in twelve is such a one.
    /// </summary>
    public static IEnumerable<ConformanceCase> Numbers() =>
        Enumerable.Range(0, NumberPrograms).Select(i =>
        {
            int seed = ((i + 1) * RandomDynamic.Every) - 1;
            return Case("float32 numbers", ProgramGenerator.Program(seed), 3, seed);
        });

    /// <summary>Random programs over every layer type, mode and geometry, without end.</summary>
    /// <param name="seed">Of the first; the next ones follow.</param>
    public static IEnumerable<ConformanceCase> Random(int seed)
    {
        for (int s = seed; ; s++)
            yield return Case(RandomGroup, ProgramGenerator.Program(s), 3, s);
    }

    private static ConformanceCase Case(
        string group, QuantizedProgram program, int images, int seed) =>
        new(group, program, ProgramGenerator.Inputs(program, images, seed), images, seed);
}
