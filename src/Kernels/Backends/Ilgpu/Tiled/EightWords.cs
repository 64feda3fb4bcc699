namespace QSim.Kernels.Backends.Ilgpu.Tiled;

/// <summary>Eight registers of four bytes each.</summary>
/// <param name="A">The first.</param>
/// <param name="B">The second.</param>
/// <param name="C">The third.</param>
/// <param name="D">The fourth.</param>
/// <param name="E">The fifth.</param>
/// <param name="F">The sixth.</param>
/// <param name="G">The seventh.</param>
/// <param name="H">The eighth.</param>
internal readonly record struct EightWords(int A, int B, int C, int D, int E, int F, int G, int H);
