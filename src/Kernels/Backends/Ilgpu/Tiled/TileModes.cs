namespace QSim.Kernels.Backends.Ilgpu.Tiled;

/// <summary>What the bytes of a product stand for.</summary>
internal enum OperandSigns
{
    /// <summary>Signed inputs, signed weights.</summary>
    SignedInputs,

    /// <summary>Unsigned inputs, signed weights.</summary>
    UnsignedInputs,

    /// <summary>The magnitudes of signed inputs and of weights.</summary>
    Magnitudes,

    /// <summary>Unsigned inputs, the magnitudes of weights.</summary>
    WeightMagnitudes,
}

/// <summary>What the tile kernel is compiled for.</summary>
/// <param name="TensorCores">1 for tensor cores, 0 for dp4a.</param>
/// <param name="Emulates">
/// 1 where there is no such instruction: its result is computed, for tests.
/// </param>
/// <param name="Signs">What operands are.</param>
internal readonly record struct TileModes(int TensorCores, int Emulates, OperandSigns Signs)
{
    /// <summary>1 when inputs reach the instruction as signed bytes.</summary>
    public int InputSigned => Signs == OperandSigns.SignedInputs ? 1 : 0;

    /// <summary>1 when weights reach the instruction as signed bytes.</summary>
    public int WeightSigned =>
        Signs == OperandSigns.SignedInputs || Signs == OperandSigns.UnsignedInputs ? 1 : 0;
}

/// <summary>Sizes of a matrix product. Blittable.</summary>
/// <param name="Filters">Rows of the result.</param>
/// <param name="Columns">Columns of the result.</param>
/// <param name="Steps">Steps of 32 products along the depth.</param>
internal readonly record struct TileSizes(int Filters, int Columns, int Steps)
{
    /// <summary>Filters as weights are laid out: whole tiles.</summary>
    public int FilterStride =>
        (Filters + TileKernel.Filters - 1) / TileKernel.Filters * TileKernel.Filters;
}
