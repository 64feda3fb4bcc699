namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>A tensor of a test's model.</summary>
internal sealed record TestTensor(int Index, int[] Shape, float Scale, int Zero)
{
    public bool IsUnsigned { get; init; }

    public int Rows => Shape.Length == 4 ? Shape[1] : 1;

    public int Columns => Shape.Length == 4 ? Shape[2] : 1;

    public int Channels => Shape[^1];

    public int Length => Shape.Aggregate(1, (a, b) => a * b);
}
